import FileSupport
import ModelGraph

extension KerasLayers {
  /// What leaves values as they are at inference: it drops, adds noise or punishes in training.
  struct Unchanged: KerasLayerClass {
    /// The plainest of them.
    static let className = "Identity"
    /// The others.
    static let aliases =
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
    static let callParameters = ["inputs", "training"]
    let className: String
    /// The configuration as the file has it.
    let configuration: JSONObject

    /// What is drawn by chance in training: the key, and how much of it.
    private let chance: (key: String, rate: Double)?

    /// Reads how much a dropout drops and how strong a noise is, which matters in training only.
    init(_ configuration: KerasConfiguration) throws(ModelFileError) {
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
}

extension KerasLayers.Unchanged {
  /// Nothing. Keras 2 loses the mask at an `Identity`, and so do all at what changes images.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    if let chance { try context.refuseChance(chance.key, chance.rate) }
    let input = try call.input()
    let losesMask =
      Self.augmentations.contains(className)
      || (className == "Identity" && context.generation < .third)
    return [losesMask ? KerasValue(input.node) : input]
  }
}
