import FileSupport
import ModelGraph

/// `[shortcut]` (`shortcut_layer.c`): the layer before it plus earlier ones.
struct Shortcut: ReadableLayer {
  static let type = "shortcut"
  static let operations: [any Operation.Type] = [
    Elementwise.self, SampledAddition.self, Affine.self, Pooling.self, Slice.self, Pad.self,
    Activation.self,
  ]
  static let from = Option<[Int]>("from", [])
  static let activation = Option("activation", "linear", gives: Activation.self)
  static let weightsType = Option(
    "weights_type", "none", in: .alexeyAndLater, gives: WeightedAddition.self)
  static let weightsNormalization = Option("weights_normalization", "none", in: .alexeyAndLater)
  static let alpha = Option("alpha", 1.0, in: .pjreddieOnly)
  static let beta = Option("beta", 1.0, in: .pjreddieOnly)
  static let options = [
    from.description, activation.description, weightsType.description,
    weightsNormalization.description, alpha.description, beta.description,
  ]

  /// Learned factors of the inputs.
  enum Weights: String {
    case none
    /// A factor for each input.
    case perFeature = "per_feature"
    /// A factor for each channel of each input.
    case perChannel = "per_channel"
  }

  let output: LayerShape
  let arrays: [StoredArray]
  let sources: [SourceLayer]
  let activation: ActivationName
  let weights: Weights
  let normalization: WeightedAddition.Normalization
  let alpha: Double
  let beta: Double

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = context.input
    guard let references = options.value(of: Self.from) else {
      throw options.error(
        .damaged, nil, "names no layer to add", expected: "from=…", remedy: "add the key 'from'")
    }
    guard context.index > 0 else {
      throw options.error(
        .damaged, nil, "stands first", expected: "a layer before it",
        remedy: "put the layer that it adds to in front of it")
    }
    // pjreddie's reads one number; AlexeyAB's takes a list.
    let used = context.dialect.joinsUnequalShortcuts ? Array(references.prefix(1)) : references
    var sources: [SourceLayer] = []
    for reference in used {
      let source = try context.source(reference, Self.from.key, options)
      let from = source.buffer
      guard
        context.dialect.joinsUnequalShortcuts
          || (from.height == input.height && from.width == input.width)
      else {
        throw Self.unequal(from, of: source.index, input, options)
      }
      sources.append(source)
    }
    self.sources = sources
    activation = options.activation(Self.activation)
    (weights, normalization) = try Self.weights(options)
    alpha = options[Self.alpha]
    beta = options[Self.beta]
    output = LayerShape(channels: input.channels, height: input.height, width: input.width)
    let inputs = sources.count + 1
    switch weights {
    case .perFeature: arrays = [StoredArray(.weights, [inputs])]
    case .perChannel: arrays = [StoredArray(.weights, [inputs, input.channels])]
    case .none: arrays = []
    }
  }

  /// The refusal of a layer whose image has another size than the one before the shortcut.
  private static func unequal(
    _ from: LayerShape, of index: Int, _ input: LayerShape, _ options: OptionReader
  ) -> ModelFileError {
    let differing = [("height", input.height, from.height), ("width", input.width, from.width)]
      .filter { $0.1 != $0.2 }
    return options.error(
      .unsupported, Self.from.key,
      "this shortcut joins layers of different \(differing.map(\.0).joined(separator: " and "))",
      expected: differing.map { "\($0.0) \($0.1), as the layer before it" }.joined(separator: "; "),
      found: differing.map { "\($0.0) \($0.2) of layer \(index)" }.joined(separator: "; "),
      remedy:
        "\(options.dialect.rawValue)'s darknet refuses it: name a layer of the same height and width"
    )
  }

  private static func weights(
    _ options: OptionReader
  ) throws(ModelFileError) -> (Weights, WeightedAddition.Normalization) {
    let text = options[Self.weightsType]
    let normalization = options[Self.weightsNormalization]
    guard let type = text == "per_layer" ? .perFeature : Weights(rawValue: text) else {
      throw options.error(
        .damaged, Self.weightsType.key, "no kind of weights",
        expected: "none, per_feature (or per_layer), per_channel",
        found: text.escapedForTerminal, remedy: "correct the spelling")
    }
    guard type == .none || ["relu", "avg_relu", "softmax"].contains(normalization) else {
      throw options.error(
        .damaged, Self.weightsNormalization.key, "weights need a normalization",
        expected: "relu, avg_relu or softmax", found: normalization.escapedForTerminal,
        remedy: "add weights_normalization=relu, or what the network was trained with")
    }
    return (type, normalization == "softmax" ? .softmax : .rectified)
  }

  var summary: String {
    let names = sources.map { "\($0.index)" }.joined(separator: ", ")
    return names + (activation == .linear ? "" : " \(activation.rawValue)")
      + (weights == .none ? "" : " \(weights.rawValue)")
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let isVector = !output.isImage
    let own = isVector ? try lowering.vector() : try lowering.image()
    var terms = [own]
    for source in sources {
      terms.append(isVector ? try lowering.vector(of: source) : try lowering.image(of: source))
    }
    let sum: Int
    if weights != .none {
      sum = try lowering.add(
        WeightedAddition(
          weights: lowering.parameter(.weights), normalization: normalization),
        on: try fitted(terms, &lowering))
    } else if let source = sources.first, !isPlain(source.output) {
      guard steps(to: source.output) != nil else {
        throw lowering.unsupported(
          "the extents of an input are no multiples of the layer's", option: Self.from.key)
      }
      sum = try lowering.add(SampledAddition(alpha: alpha, beta: beta), on: terms)
    } else {
      sum = try plainSum(terms, &lowering)
    }
    lowering.finish(try lowering.activating(sum, with: activation))
  }

  /// The steps through a source and through this layer (`blas.c: shortcut_cpu`).
  private func steps(to source: LayerShape) -> (stride: Int, sample: Int)? {
    SampledAddition.steps(
      of: [output.height, output.width], and: [source.height, source.width])
  }

  /// Whether every value of the layer has one of the source beside it, or stays as it is without a
  /// factor: then other formats can express the sum.
  private func isPlain(_ source: LayerShape) -> Bool {
    guard source.height != output.height || source.width != output.width else {
      return alpha == 1 || source.channels >= output.channels
    }
    guard let steps = steps(to: source), steps.sample == 1, source.height >= output.height,
      source.width >= output.width
    else { return false }
    return alpha == 1 || source.channels >= output.channels
  }

  private func plainSum(
    _ values: [Int], _ lowering: inout Lowering
  ) throws(ModelFileError) -> Int {
    var terms = values
    for (position, source) in sources.enumerated() {
      terms[position + 1] = try sampled(values[position + 1], from: source.output, &lowering)
    }
    if alpha != 1 {
      terms[0] = try lowering.add(
        Affine(scale: alpha, offset: 0), suffix: "_alpha", on: terms[0])
    }
    if beta != 1 {
      terms[1] = try lowering.add(Affine(scale: beta, offset: 0), suffix: "_beta", on: terms[1])
    }
    return try lowering.add(Elementwise(.sum), on: try fitted(terms, &lowering))
  }

  /// The values with the channels of the first: more are cut off, zeros stand for missing ones.
  private func fitted(
    _ values: [Int], _ lowering: inout Lowering
  ) throws(ModelFileError) -> [Int] {
    let wanted = lowering.shape(of: values[0])
    var terms = values
    for (position, value) in values.enumerated() {
      let shape = lowering.shape(of: value)
      let missing = wanted.extents[0] - shape.extents[0]
      let margin = Padding(before: 0, after: abs(missing))
      if missing < 0 {
        terms[position] = try lowering.add(
          Slice(cutting: [margin], of: shape), suffix: "_cut", on: value)
      } else if missing > 0 {
        terms[position] = try lowering.add(
          Pad(margins: [margin] + shape.extents.dropFirst().map { _ in .none }),
          suffix: "_pad", on: value)
      }
    }
    return terms
  }

  /// A larger image is sampled at every *stride*-th cell.
  private func sampled(
    _ value: Int, from source: LayerShape, _ lowering: inout Lowering
  ) throws(ModelFileError) -> Int {
    guard source.height != output.height || source.width != output.width,
      let stride = steps(to: source)?.stride
    else { return value }
    let window = Window(size: [1, 1], strides: [stride, stride], padding: [.none, .none])
    let sample = try lowering.add(
      Pooling(.maximum, window: window), suffix: "_sampled", on: value)
    let shape = lowering.shape(of: sample)
    let below = Padding(before: 0, after: shape.extents[1] - output.height)
    let right = Padding(before: 0, after: shape.extents[2] - output.width)
    return try lowering.add(
      Slice(cutting: [.none, below, right], of: shape), suffix: "_cut", on: sample)
  }
}
