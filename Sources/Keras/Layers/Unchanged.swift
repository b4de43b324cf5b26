import FileSupport
import ModelGraph

extension KerasLayers {
  /// What leaves values as they are at inference: it drops, adds noise or punishes in training.
  struct Unchanged: ReadOnlyLayerClass {
    /// The plainest of them.
    static let className = "Identity"
    /// The others.
    static let aliases =
      ["GaussianNoise", "ActivityRegularization"] + Array(dropouts) + Array(augmentations)
    private static let dropouts: Set<String> = [
      "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianDropout", "AlphaDropout",
    ]
    /// Those that change pictures by chance in training; all their keys say how.
    private static let augmentations: Set<String> = [
      "RandomBrightness", "RandomContrast",
      "RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom", "RandomHeight",
      "RandomWidth", "RandomSharpness", "RandomHue", "RandomSaturation", "RandomColorJitter",
      "RandomColorDegeneration", "RandomGrayscale", "RandomPosterization", "RandomErasing",
      "RandomGaussianBlur", "RandomInvert", "RandomPerspective", "RandomShear",
      "RandomElasticTransform", "AugMix", "RandAugment", "MixUp", "CutMix",
    ]
    /// Layers that differ in training may be told so.
    static let callParameters = ["inputs", "training"]
    var className: String = Self.className
    /// How much a dropout drops.
    private var rate = 0.0
    /// How strong a noise is.
    private var deviation = 0.0
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className),
      .number("rate", \.rate, .required).ofClasses(where: dropouts.contains),
      .number("stddev", \.deviation, .required).ofClasses { $0 == "GaussianNoise" },
      .meaningless("noise_shape").ofClasses { $0.hasSuffix("Dropout") },
      // Which channels are dropped in training.
      .meaningless("data_format").ofClasses { $0.hasPrefix("Spatial") },
      .meaningless("l1", "l2").ofClasses { $0 == "ActivityRegularization" },
      .allMeaningless.ofClasses(where: augmentations.contains),
    ]

    private var isAugmentation: Bool { Self.augmentations.contains(className) }
  }
}

extension KerasLayers.Unchanged {
  /// Nothing. Keras 2 loses the mask at an `Identity`, and so do all at what changes images.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseChance("rate", rate)
    try context.refuseChance("stddev", deviation)
    try context.refuseChance("class_name", isAugmentation ? 1 : 0)
    let input = try call.input()
    let losesMask = isAugmentation || (className == "Identity" && context.generation < .third)
    return [losesMask ? KerasValue(input.node) : input]
  }
}
