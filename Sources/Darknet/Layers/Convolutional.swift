import FileSupport
import ModelGraph

/// `[convolutional]` (`convolutional_layer.c`): a convolution, batch normalization or biases, an
/// activation.
struct Convolutional: ReadableLayer {
  static let type = "convolutional"
  static let operations: [any Operation.Type] = [
    Convolution.self, BatchNormalization.self, Activation.self,
  ]
  static let aliases = ["conv"]

  static let filters = Option("filters", 1)
  static let size = Option("size", 1)
  static let stride = Option("stride", 1)
  static let strideX = Option("stride_x", -1, in: .alexeyAndLater)
  static let strideY = Option("stride_y", -1, in: .alexeyAndLater)
  static let dilation = Option("dilation", 1, in: .alexeyAndLater)
  static let pad = Option("pad", 0)
  static let padding = Option("padding", 0)
  static let groups = Option("groups", 1)
  static let activation = Option("activation", "logistic", gives: Activation.self)
  static let batchNormalize = Option("batch_normalize", 0)
  static let cbn = Option("cbn", 0, in: .alexeyAndLater)
  static let shareIndex = Option("share_index", 0, in: .alexeyAndLater)
  static let flipped = Option("flipped", 0)
  static let xnor = Option("xnor", 0, gives: BinaryConvolution.self)
  static let binary = Option("binary", 0, gives: BinaryConvolution.self)

  static let options: [OptionDescription] =
    [
      filters.description, size.description, stride.description, strideX.description,
      strideY.description, dilation.description, pad.description, padding.description,
      groups.description, activation.description, batchNormalize.description, cbn.description,
      Antialiasing.option.description, shareIndex.description, flipped.description,
      xnor.description,
      binary.description,
    ] + trainingOptions("dot")
    + trainingOptions("angle", "stream", "wait_stream", in: .alexeyAndLater)
    + trainingOptions(
      "assisted_excitation", "bin_output", "sway", "rotate", "stretch", "stretch_sway",
      "grad_centr", "reverse", "coordconv", in: .alexeyAndLater, refused: true)

  let output: LayerShape
  let buffer: LayerShape
  let arrays: [StoredArray]

  let inputChannels: Int
  let filters: Int
  let window: Window
  let groups: Int
  let activation: ActivationName
  let isNormalized: Bool
  let antialiasing: Antialiasing?
  /// The layer whose arrays this one uses instead of its own.
  let sharedLayer: Int?
  /// Whether the file holds the kernels with the filters innermost.
  let isFlipped: Bool
  /// Whether inputs and weights have only two values.
  let isXnor: Bool
  /// Whether weights have only two values.
  let isBinary: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    let large = 1...Int(Int32.max)
    let geometry = try ConvolutionGeometry(options)
    filters = try options.value(Self.filters, in: large)
    activation = options.activation(Self.activation)
    isNormalized = options[Self.batchNormalize] != 0 || options[Self.cbn] != 0
    isFlipped = options[Self.flipped] != 0
    isXnor = options[Self.xnor] != 0
    isBinary = options[Self.binary] != 0
    inputChannels = input.channels
    groups =
      isXnor && !context.dialect.keepsGroupsOfXnor ? 1 : try options.value(Self.groups, in: large)
    guard input.channels % groups == 0, filters % groups == 0 else {
      throw options.error(
        .damaged, Self.groups.key, "groups must divide both channels and filters",
        expected: "a divisor of \(input.channels) channels and \(filters) filters",
        found: "\(groups)", remedy: "set groups to a number that divides both")
    }

    let antialiasing = Antialiasing(options, strides: geometry.strides)
    self.antialiasing = antialiasing
    let strides = antialiasing == nil ? geometry.strides : [1, 1]
    window = geometry.window(strides: strides)
    let spatial = try geometry.outputExtents(of: input, strides: strides, options)
    buffer = LayerShape(channels: filters, height: spatial[0], width: spatial[1])
    output = try antialiasing?.output(of: buffer, options) ?? buffer

    if let reference = options.value(of: Self.shareIndex) {
      let target = try context.layer(reference, Self.shareIndex.key, options)
      guard let other = target.layer as? Convolutional else {
        throw options.error(
          .damaged, Self.shareIndex.key, "shares the weights of a layer that has no convolution's",
          expected: "a [convolutional] layer", found: "layer \(target.index) [\(target.type)]",
          remedy: "name a convolutional layer of the same form")
      }
      let differing = [
        (Self.filters.key, filters, other.filters),
        (Self.size.key, window.size[0], other.window.size[0]),
        (Self.groups.key, groups, other.groups),
        ("input channels", inputChannels, other.inputChannels),
        (Self.batchNormalize.key, isNormalized ? 1 : 0, other.isNormalized ? 1 : 0),
      ].filter { $0.1 != $0.2 }
      guard differing.isEmpty else {
        throw options.error(
          .damaged, Self.shareIndex.key,
          "shares the weights of layer \(target.index), which is of another form",
          expected: differing.map { "\($0.0) \($0.2), as in layer \(target.index)" }
            .joined(separator: "; "),
          found: differing.map { "\($0.0) \($0.1)" }.joined(separator: "; "),
          remedy: "make them equal, or remove share_index to give the layer weights of its own")
      }
      sharedLayer = other.sharedLayer ?? target.index
    } else {
      sharedLayer = nil
    }

    let kernels: Shape = [filters, inputChannels / groups, window.size[0], window.size[1]]
    arrays =
      sharedLayer != nil
      ? []
      : NormalizedArrays.all(channels: filters, weights: kernels, isNormalized: isNormalized)
  }

  var summary: String {
    var text = "\(window.size[0])×\(window.size[1])"
    if window.strides != [1, 1] {
      let equal = window.strides[0] == window.strides[1]
      text += "/\(equal ? "\(window.strides[1])" : "\(window.strides[0])×\(window.strides[1])")"
    }
    if groups > 1 { text += groups == inputChannels ? " depthwise" : " groups \(groups)" }
    if window.dilation != [1, 1] { text += " dilation \(window.dilation[0])" }
    if isNormalized { text += " bn" }
    if isXnor || isBinary { text += isXnor ? " xnor" : " binary" }
    if antialiasing != nil { text += " antialiased" }
    if let sharedLayer { text += " shares \(sharedLayer)" }
    return "\(text) \(activation.rawValue)"
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let owner = sharedLayer ?? lowering.layer.index
    let weights = lowering.parameter(.weights, of: owner) { view, shape in
      guard isFlipped else { return view }
      // The file holds [in/groups · h · w][filters].
      let inner = Array(shape.extents.dropFirst())
      return StridedView(contiguous: [inner.reduce(1, *), shape.extents[0]])
        .permuted([1, 0]).splitting(axis: 1, into: inner)
    }
    let convolution = Convolution(
      window: window, groups: groups, weights: weights,
      biases: isNormalized ? nil : lowering.parameter(.biases, of: owner))
    let image = try lowering.image()
    let node =
      isXnor || isBinary
      ? try lowering.add(BinaryConvolution(convolution, binarizesInput: isXnor), on: image)
      : try lowering.add(convolution, on: image)
    guard lowering.shape(of: node) == buffer.shape else {
      throw lowering.unsupported(
        "the padding of this dilated convolution is not size/2: darknet's output would hold cells "
          + "that were never computed", option: Self.dilation.key)
    }
    let normalized = try lowering.normalizing(node, if: isNormalized, of: owner)
    let activated = try lowering.activating(normalized, with: activation)
    lowering.finish(try antialiasing?.lower(&lowering, on: activated) ?? activated)
  }
}
