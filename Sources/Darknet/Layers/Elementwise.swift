import FileSupport
import ModelGraph

/// `[activation]` (`activation_layer.c`): σ of its own.
struct ActivationLayer: ReadableLayer {
  static let type = "activation"
  static let operations: [any Operation.Type] = [Activation.self]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let activation = Option("activation", "linear", gives: Activation.self)
  static let options = [activation.description]

  let output: LayerShape
  let activation: ActivationName

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    activation = options.activation(Self.activation)
    output = context.input
  }

  var summary: String { activation.rawValue }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.activating(try lowering.value(), with: activation, suffix: ""))
  }
}

/// `[logistic]` (pjreddie's `logistic_layer.c`): the logistic function, with a cross-entropy cost.
struct LogisticLayer: ReadableLayer {
  static let type = "logistic"
  static let operations: [any Operation.Type] = [Activation.self]
  static let dialects: Set<Dialect> = .pjreddieOnly

  let output: LayerShape

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = context.input
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.add(Activation(.logistic), on: try lowering.value()))
  }
}

/// `[softmax]` (`softmax_layer.c`): over all values, in groups, or over the groups of a tree.
struct SoftmaxLayer: ReadableLayer {
  static let type = "softmax"
  static let operations: [any Operation.Type] = [Softmax.self]
  static let aliases = ["soft"]
  static let groups = Option("groups", 1)
  static let temperature = Option("temperature", 1.0)
  static let tree = Option("tree", "", gives: GroupedSoftmax.self)
  static let spatial = Option("spatial", 0.0, gives: PixelSoftmax.self)
  static let options =
    [groups.description, temperature.description, tree.description, spatial.description]
    + trainingOptions("noloss")

  let output: LayerShape
  let groups: Int
  let temperature: Double
  /// The file with the tree of classes.
  let tree: String?
  let input: LayerShape
  let isSpatial: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let count = context.input.count
    groups = try options.value(Self.groups, in: 1...Int(Int32.max))
    guard count % groups == 0 else {
      throw options.error(
        .damaged, Self.groups.key, "groups divide the values unevenly",
        expected: "a divisor of \(count)", found: "\(groups)")
    }
    temperature = options[Self.temperature]
    tree = options.value(of: Self.tree)
    input = context.input
    isSpatial = options[Self.spatial] != 0
    // No image layer can follow: darknet leaves the extents at 0.
    output = LayerShape(channels: 0, height: 0, width: 0, count: count)
  }

  var files: [String] { tree.map { [$0] } ?? [] }

  var summary: String {
    (groups > 1 ? "groups \(groups) " : "") + (temperature == 1 ? "" : "temperature \(temperature)")
      + (tree == nil ? "" : "tree") + (isSpatial ? "spatial" : "")
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    if let tree {
      let sizes = try lowering.classTree(named: tree).groupSizes
      lowering.finish(
        try lowering.add(
          GroupedSoftmax(sizes: sizes, temperature: temperature), on: try lowering.vector()))
    } else if isSpatial, input.isImage {
      // The CPU code forgets about it; this is what the GPU code does.
      let node = try lowering.add(PixelSoftmax(), suffix: "_pixels", on: try lowering.image())
      lowering.finish(try lowering.add(Reshaping(to: output.shape), on: node))
    } else {
      lowering.finish(
        try lowering.add(
          Softmax(groups: groups, temperature: temperature), on: try lowering.vector()))
    }
  }
}

/// `[dropout]` (`dropout_layer.c`): values dropped in training, nothing at inference.
struct DropoutLayer: ReadableLayer {
  static let type = "dropout"
  static let operations: [any Operation.Type] = [Dropout.self]
  static let probability = Option("probability", 0.2, in: .alexeyAndLater)
  /// pjreddie's default is another one.
  static let probabilityOfPjreddie = Option("probability", 0.5, in: .pjreddieOnly)
  static let options =
    [probability.description, probabilityOfPjreddie.description]
    + trainingOptions("dropblock", in: .alexeyAndLater, refused: true)
    + trainingOptions("dropblock_size_rel", "dropblock_size_abs", in: .alexeyAndLater)

  let output: LayerShape
  let probability: Double

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    probability =
      options.value(of: Self.probability) ?? options.value(of: Self.probabilityOfPjreddie)
      ?? (Self.probability.dialects.contains(context.dialect)
      ? Self.probability : Self.probabilityOfPjreddie).defaultValue
    guard (0..<1).contains(probability) else {
      throw options.error(
        .damaged, Self.probability.key, "is no chance that leaves anything",
        expected: "0 or more, below 1", found: "\(probability)")
    }
    output = context.input
  }

  var summary: String { "p \(probability)" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(
      try lowering.add(Dropout(probability: probability), on: try lowering.value()))
  }
}

/// `[cost]` (`cost_layer.c`): the loss in training. At inference there is nothing to compare with, and
/// its buffer stays what it was: zeros.
struct Cost: ReadableLayer {
  static let type = "cost"
  static let operations: [any Operation.Type] = [Zeros.self]
  static let kind = Option("type", "sse")
  static let options =
    [kind.description] + trainingOptions("scale") + trainingOptions("ratio", refused: true)
    + trainingOptions("noobj", "thresh", in: .pjreddieOnly, refused: true)

  let output: LayerShape
  let summary: String

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    summary = options[Self.kind].escapedForTerminal
    // No image layer can follow: darknet leaves the extents at 0.
    output = LayerShape(channels: 0, height: 0, width: 0, count: context.input.count)
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.add(Zeros(), on: try lowering.vector()))
  }
}

/// `[empty]` and `[silence]`: passes on what it gets.
struct Empty: ReadableLayer {
  static let type = "empty"
  static let operations: [any Operation.Type] = []
  static let aliases = ["silence"]
  static let dialects: Set<Dialect> = .alexeyAndLater

  let output: LayerShape

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = context.input
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.value())
  }
}

extension SoftmaxLayer: ComparingLayer {
  static let noLoss = Option("noloss", 0)

  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    options[Self.noLoss] != 0 ? LossFunction.none : .crossEntropy
  }
}

extension LogisticLayer: ComparingLayer {
  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    .binaryCrossEntropy
  }
}

extension Cost: ComparingLayer {
  static let scale = Option("scale", 1.0)

  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    let scale = options[Self.scale]
    let knowsMore = options.dialect.knowsCostsOfGANs
    switch options[Self.kind] {
    case "masked": return .elementwise(.masked, scale: scale)
    case "smooth": return .elementwise(.smooth, scale: scale)
    case "L1" where knowsMore: return .elementwise(.absolute, scale: scale)
    case "wgan" where knowsMore:
      throw options.error(
        .unsupported, Self.kind.key, "this cost exists on GPUs alone", found: "wgan")
    // AlexeyAB's and later take every other name for sse.
    default: return .elementwise(.squared, scale: scale)
    }
  }
}
