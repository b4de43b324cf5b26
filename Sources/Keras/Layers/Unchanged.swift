import FileSupport
import ModelGraph

extension KerasLayers {
  /// What leaves values as they are at inference: it drops, adds noise or punishes in training.
  public struct Unchanged: KerasLayerClass {
    /// The plainest of them.
    public static let className = "Identity"
    /// The others.
    public static let aliases =
      [
        "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout",
        "GaussianNoise", "AlphaDropout", "ActivityRegularization",
      ] + Array(augmentations)
    /// Those that change pictures by chance in training; all their keys say how.
    static let augmentations: Set<String> = [
      "RandomBrightness", "RandomContrast",
      "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomHeight",
      "RandomWidth", "RandomSharpness", "RandomHue", "RandomSaturation", "RandomColorJitter",
      "RandomColorDegeneration", "RandomGrayscale", "RandomPosterization", "RandomErasing",
      "RandomGaussianBlur", "RandomInvert", "RandomPerspective", "RandomShear",
      "RandomElasticTransform", "AugMix", "RandAugment", "MixUp", "CutMix",
    ]
    /// Layers that differ in training may be told so.
    public static let callParameters = ["inputs", "training"]
    /// Its name.
    public let className: String
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// What is drawn by chance in training: the key, and how much of it.
    private let chance: (key: String, rate: Double)?

    /// Reads how much a dropout drops and how strong a noise is, which matters in training only.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      switch className {
      case "Identity", "ActivityRegularization": chance = nil
      case "GaussianNoise":
        chance = ("stddev", try configuration.number("stddev") ?? 0)
      case let name where name.hasSuffix("Dropout") || name.hasPrefix("SpatialDropout"):
        chance = ("rate", try configuration.number("rate") ?? 0)
      default: chance = ("class_name", 1)
      }
      self.configuration = configuration.members
    }
  }

  /// Marks steps whose numbers all have one value; recurrent layers pass them over.
  public struct Masking: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Masking"
    /// The value.
    public let maskValue: Double

    /// Reads `mask_value`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      maskValue = try configuration.number("mask_value") ?? 0
    }

    /// `mask_value`
    public var configuration: JSONObject { ["mask_value": .number(maskValue)] }
  }

  /// A value repeated as the steps of a sequence.
  public struct RepeatVector: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "RepeatVector"
    /// How often.
    public let count: Int

    /// Reads `n`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      count = try configuration.integer("n")
    }

    /// `n`
    public var configuration: JSONObject { ["n": JSONValue(count)] }

    /// `[n, K]`
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      KerasShape([count] + (try inputs.single(rank: 1).extents))
    }
  }

  /// `x` if positive, else `α · x`, with an `α` for each element or each along some axes.
  public struct PReLU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "PReLU"
    /// The axes along which `α` is the same, counted from 1.
    public let sharedAxes: [Int]
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `shared_axes`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      sharedAxes =
        configuration.isSet("shared_axes")
        ? try configuration.integerList("shared_axes", in: 1...32) : []
      self.configuration = configuration.members
    }

    /// `alpha`, of the input's shape with 1 on the shared axes.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      var extents: [Int] = []
      for position in 0..<input.rank {
        extents.append(sharedAxes.contains(position + 1) ? 1 : try input.extent(position))
      }
      return [KerasVariableForm("alpha", Shape(extents), .weights)]
    }
  }

  /// `x` if it is larger than a threshold, else 0. Keras 3 does not have it.
  public struct ThresholdedReLU: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "ThresholdedReLU"
    /// The threshold.
    public let threshold: Double

    /// Reads `theta`; 1 if it is not there.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      threshold = try configuration.number("theta") ?? 1
    }

    /// `theta`
    public var configuration: JSONObject { ["theta": .number(threshold)] }
  }
}

extension KerasLayers.Unchanged {
  /// Nothing. Keras 2 loses the mask at an `Identity`, and so do all at what changes images.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    if let chance { try site.refuseChance(chance.key, chance.rate) }
    let input = try call.input()
    let losesMask =
      Self.augmentations.contains(className)
      || (className == "Identity" && site.generation < .third)
    return [losesMask ? KerasValue(input.node) : input]
  }
}

extension KerasLayers.Masking {
  /// Steps that count keep their numbers, the others become 0 and are marked.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = site.shape(input)
    guard shape.rank > 0 else {
      throw ModelFileError(.damaged, "takes a sequence", found: "\(shape)")
    }
    let differs = try site.add(Comparison(.unequal, with: maskValue), on: [input.node])
    let mask = try site.add(
      Reduction(.maximum, axes: [shape.rank - 1], keepsAxes: true), on: [differs])
    let kept = try site.combine(.product, [input, KerasValue(mask)])
    let steps = try site.reshaped(KerasValue(mask), to: Shape(Array(shape.extents.dropLast())))
    return [KerasValue(kept.node, mask: steps.node)]
  }
}

extension KerasLayers.RepeatVector {
  /// The value, again and again.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let row = try site.reshaped(input, to: Shape([1] + site.shape(input).extents))
    return [
      try site.applyWithoutMask(
        Repetition(counts: [count] + site.shape(input).extents.map { _ in 1 }), to: row)
    ]
  }
}

extension KerasLayers.PReLU {
  /// The function with the learned slopes.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    let slopes = try site.parameter("alpha")
    return [try site.apply(ParametricRelu(slopes: slopes), to: try call.input())]
  }
}

extension KerasLayers.ThresholdedReLU {
  /// The function.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    [
      try site.apply(
        ModelGraph.Activation(.threshold(level: threshold, value: 0)), to: try call.input())
    ]
  }
}
