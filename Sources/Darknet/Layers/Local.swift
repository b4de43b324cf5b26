import FileSupport
import ModelGraph

/// `[local]` (`local_layer.c`): a convolution with kernels of its own at every place.
struct Local: ReadableLayer {
  static let type = "local"
  static let operations: [any Operation.Type] = [LocallyConnected.self, Activation.self]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let filters = Option("filters", 1)
  static let size = Option("size", 1)
  static let stride = Option("stride", 1)
  static let pad = Option("pad", 0)
  static let activation = Option("activation", "logistic")
  static let options = [
    filters.description, size.description, stride.description, pad.description,
    activation.description,
  ]

  let output: LayerShape
  let arrays: [StoredArray]
  let window: Window
  let activation: ActivationName

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let image = try context.image(options)
    let range = 1...Int(Int16.max)
    let filters = try options.value(Self.filters, in: 1...Int(Int32.max))
    let size = try options.value(Self.size, in: range)
    let stride = try options.value(Self.stride, in: range)
    // The number of cells, not a switch as in a convolution …
    let pad = try options.value(Self.pad, in: 0...range.upperBound)
    activation = options.activation(Self.activation)
    let side = Padding(before: pad, after: pad)
    window = Window(size: [size, size], strides: [stride, stride], padding: [side, side])
    // … though the extents only ask whether there is any.
    let covered = pad == 0 ? size : 1
    guard image.height >= covered, image.width >= covered else {
      throw options.error(
        .damaged, Self.size.key, "the window is larger than the image",
        expected: "at most \(min(image.height, image.width))", found: "\(size)")
    }
    output = LayerShape(
      channels: filters, height: (image.height - covered) / stride + 1,
      width: (image.width - covered) / stride + 1)
    let kernels = Shape([output.height * output.width, filters, image.channels, size, size])
    arrays = [
      StoredArray(.biases, [filters, output.height, output.width]),
      StoredArray(.weights, kernels),
    ]
  }

  var summary: String {
    let stride = window.strides[0]
    return "\(window.size[0])×\(window.size[0])\(stride > 1 ? "/\(stride)" : "") "
      + activation.rawValue
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let input = lowering.layer.input
    guard
      let extents = try? window.outputExtents(of: [input.height, input.width]),
      extents == [output.height, output.width]
    else {
      throw lowering.unsupported(
        "the padding is not size/2, so that darknet's output holds what was never computed",
        option: Self.pad.key)
    }
    let node = try lowering.add(
      LocallyConnected(
        window: window, weights: lowering.parameter(.weights), biases: lowering.parameter(.biases)),
      on: try lowering.image())
    lowering.finish(try lowering.activating(node, with: activation))
  }
}
