import FileSupport
import ModelGraph

/// A connected layer inside a recurrent one (`connected_layer.c`).
struct DensePart {
  /// The name in front of its arrays.
  let name: String
  let inputs: Int
  let outputs: Int
  let activation: ActivationName
  let isNormalized: Bool

  /// In a connected layer's order.
  var arrays: [StoredArray] {
    Connected.arrays(inputs: inputs, outputs: outputs, isNormalized: isNormalized)
      .map { $0.of(part: name) }
  }

  /// The part as the graph has it.
  func unit(_ lowering: Lowering) -> DenseUnit {
    DenseUnit(
      product: FullyConnected(
        weights: lowering.parameter(.weights, part: name),
        biases: isNormalized ? nil : lowering.parameter(.biases, part: name)),
      normalization: isNormalized ? lowering.batchNormalization(part: name) : nil,
      activation: activation.function)
  }
}

/// A convolution inside a recurrent layer (`convolutional_layer.c`).
struct ConvolutionPart {
  static let size = Option("size", 3, in: .alexeyAndLater)
  static let stride = Option("stride", 1, in: .alexeyAndLater)
  static let pad = Option("pad", 0, in: .alexeyAndLater)
  static let padding = Option("padding", 0, in: .alexeyAndLater)
  static let groups = Option("groups", 1, in: .alexeyAndLater)
  static let xnor = Option("xnor", 0, in: .alexeyAndLater)
  static let batchNormalize = Option("batch_normalize", 0)
  /// The options that all convolutions of a layer share.
  static let options: [OptionDescription] = [
    size.description, stride.description, Convolutional.dilation.description, pad.description,
    padding.description, groups.description, batchNormalize.description, xnor.description,
  ]

  /// What the convolutions of one layer have in common.
  struct Form {
    let geometry: ConvolutionGeometry
    let groups: Int
    let activation: ActivationName
    let isNormalized: Bool
    let isXnor: Bool

    init(
      _ options: OptionReader, activation: Option<String>
    ) throws(ModelFileError) {
      geometry =
        ConvolutionPart.size.dialects.contains(options.dialect)
        ? try ConvolutionGeometry(recurrent: options)
        : ConvolutionGeometry(padded: ConvolutionPart.size.defaultValue)
      isXnor = options[ConvolutionPart.xnor] != 0
      let groups = try options.value(ConvolutionPart.groups, in: 1...Int(Int32.max))
      self.groups = isXnor ? 1 : groups
      self.activation = options.activation(activation)
      isNormalized = options[ConvolutionPart.batchNormalize] != 0
    }
  }

  /// The name in front of its arrays.
  let name: String
  let form: Form
  /// `[out, in / groups, height, width]`
  let kernels: Shape

  init(
    _ name: String, channels: Int, filters: Int, _ form: Form, _ options: OptionReader
  ) throws(ModelFileError) {
    guard channels % form.groups == 0, filters % form.groups == 0 else {
      throw options.error(
        .damaged, Self.groups.key, "groups must divide both channels and filters",
        expected: "a divisor of \(channels) channels and \(filters) filters",
        found: "\(form.groups)", remedy: "set groups to a number that divides both")
    }
    self.name = name
    self.form = form
    let size = form.geometry.size
    kernels = [filters, channels / form.groups, size, size]
  }

  /// In a convolution's order.
  var arrays: [StoredArray] {
    NormalizedArrays.all(
      channels: kernels.extents[0], weights: kernels, isNormalized: form.isNormalized
    ).map { $0.of(part: name) }
  }

  /// The part as the graph has it.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for two-valued weights.
  func unit(_ lowering: Lowering) throws(ModelFileError) -> ConvolutionUnit {
    if form.isXnor {
      throw lowering.unsupported(
        "a recurrent layer can't have two-valued weights here", option: Self.xnor.key)
    }
    return ConvolutionUnit(
      product: Convolution(
        window: form.geometry.window(strides: form.geometry.strides), groups: form.groups,
        weights: lowering.parameter(.weights, part: name),
        biases: form.isNormalized ? nil : lowering.parameter(.biases, part: name)),
      normalization: form.isNormalized ? lowering.batchNormalization(part: name) : nil,
      activation: form.activation.function)
  }
}

extension LayerContext {
  /// Samples of one sequence; darknet counts at least one.
  var timeSteps: Int { max(network.timeSteps, 1) }
}
