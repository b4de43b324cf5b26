import FileSupport
import ModelGraph

/// `[scale_channels]` (`scale_channels_layer.c`): an earlier layer times a factor for each channel, or
/// with `scale_wh` for each pixel (squeeze and excitation).
struct ScaleChannels: ReadableLayer {
  static let type = "scale_channels"
  static let operations: [any Operation.Type] = [Elementwise.self, Activation.self]
  static let dialects: Set<Dialect> = .alexeyAndLater
  static let from = Option("from", 0)
  static let scaleWH = Option("scale_wh", 0)
  static let activation = Option("activation", "linear", gives: Activation.self)
  static let options = [from.description, scaleWH.description, activation.description]

  let output: LayerShape
  let source: SourceLayer
  let activation: ActivationName

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    guard let reference = options.value(of: Self.from) else {
      throw options.error(
        .damaged, nil, "names no layer to scale", expected: "from=…", remedy: "add the key 'from'")
    }
    source = try context.source(reference, Self.from.key, options)
    activation = options.activation(Self.activation)
    output = source.buffer
    let input = context.input
    if options[Self.scaleWH] == 0 {
      guard !input.isPlane, input.channels == output.channels else {
        throw options.error(
          .damaged, nil, "the factors don't fit the channels",
          expected: "\(output.channels) × 1 × 1 from the layer before it", found: "\(input.shape)")
      }
    } else {
      guard input.channels == 1, input.height == output.height, input.width == output.width else {
        throw options.error(
          .damaged, nil, "the factors don't fit the image",
          expected: "1 × \(output.height) × \(output.width) from the layer before it",
          found: "\(input.shape)")
      }
    }
  }

  var summary: String {
    "\(source.index)" + (activation == .linear ? "" : " \(activation.rawValue)")
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let product = try lowering.add(
      Elementwise(.product), on: [try lowering.image(of: source), try lowering.image()])
    lowering.finish(try lowering.activating(product, with: activation))
  }
}

/// `[sam]` (`sam_layer.c`): an earlier layer times the layer before it, element by element
/// (spatial attention).
struct SpatialAttention: ReadableLayer {
  static let type = "sam"
  static let operations: [any Operation.Type] = [Elementwise.self, Activation.self]
  static let dialects: Set<Dialect> = .alexeyAndLater
  static let options = [ScaleChannels.from.description, ScaleChannels.activation.description]

  let output: LayerShape
  let source: SourceLayer
  let activation: ActivationName

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    guard let reference = options.value(of: ScaleChannels.from) else {
      throw options.error(
        .damaged, nil, "names no layer to scale", expected: "from=…", remedy: "add the key 'from'")
    }
    source = try context.source(reference, ScaleChannels.from.key, options)
    activation = options.activation(ScaleChannels.activation)
    output = source.buffer
    guard context.input.shape == output.shape else {
      throw options.error(
        .damaged, ScaleChannels.from.key, "multiplies layers of different shape",
        expected: "\(context.input.shape)", found: "\(output.shape) of layer \(source.index)")
    }
  }

  var summary: String {
    "\(source.index)" + (activation == .linear ? "" : " \(activation.rawValue)")
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let product = try lowering.add(
      Elementwise(.product), on: [try lowering.image(of: source), try lowering.image()])
    lowering.finish(try lowering.activating(product, with: activation))
  }
}
