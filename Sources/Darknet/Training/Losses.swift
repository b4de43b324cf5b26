import FileSupport
import ModelGraph

/// A layer that compares its value with the truth.
protocol ComparingLayer: ReadableLayer {
  /// How it compares; `nil` if it does not.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming an option that nnfmt can't train with.
  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction?
}

/// The options of the heads' costs.
enum HeadTraining {
  static let maximum = Option("max", 200, in: .alexeyAndLater)
  static let maximumOfPjreddie = Option("max", 90, in: .pjreddieOnly)
  static let ignoreThreshold = Option("ignore_thresh", 0.5)
  static let truthThreshold = Option("truth_thresh", 1.0)
  static let matchThreshold = Option("iou_thresh", 1.0, in: .alexeyAndLater)
  static let matchKind = Option("iou_thresh_kind", "iou", in: .alexeyAndLater)
  static let coordinates = Option("iou_loss", "mse", in: .alexeyAndLater)
  static let boxNormalizer = Option("iou_normalizer", 0.75, in: .alexeyAndLater)
  static let objectNormalizer = Option("obj_normalizer", 1.0, in: .alexeyAndLater)
  static let classNormalizer = Option("cls_normalizer", 1.0, in: .alexeyAndLater)
  static let deltaNormalizer = Option("delta_normalizer", 1.0, in: .alexeyAndLater)
  static let uncertaintyNormalizer = Option("uc_normalizer", 1.0, in: .alexeyAndLater)
  static let maximumDelta = Option("max_delta", Double.infinity, in: .alexeyAndLater)
  static let counters = Option<[Int]>("counters_per_class", [], in: .alexeyAndLater)
  static let labelSmoothing = Option("label_smooth_eps", 0.0, in: .alexeyAndLater)
  static let objectnessSmooth = Option("objectness_smooth", 0, in: .alexeyAndLater)
  static let focalLoss = Option("focal_loss", 0, in: .alexeyAndLater)
  static let map = Option("map", "")
  static let embedding = Option("embedding_layer", 999_999, in: .alexeyAndLater)

  /// Refuses what needs more than the samples.
  static func refuse(_ options: OptionReader) throws(ModelFileError) {
    if options.value(of: map) != nil {
      throw options.error(
        .unsupported, map.key, "training with a map of classes is not supported",
        remedy: "map the classes in Y")
    }
    if options.value(of: embedding) != nil {
      throw options.error(
        .unsupported, embedding.key, "training embeddings for tracking is not supported")
    }
  }
}

extension YoloLoss {
  /// The loss of a section.
  init(_ options: OptionReader, classes: Int) throws(ModelFileError) {
    try HeadTraining.refuse(options)
    self.init()
    let isOriginal = options.dialect.comparesYoloOriginally
    ignoresBoxesWithoutClass = !isOriginal
    asksFirstClass = isOriginal
    addsCoordinates = !isOriginal
    maximumTruths = try options.truthCount(of: HeadTraining.maximum)
    truthSize = isOriginal ? 5 : 6
    ignoreThreshold = options[HeadTraining.ignoreThreshold]
    truthThreshold = options[HeadTraining.truthThreshold]
    guard !isOriginal else {
      boxNormalizer = 1
      return
    }
    matchThreshold = options[HeadTraining.matchThreshold]
    let kind = options[HeadTraining.matchKind]
    matchKind = kind == "mse" ? .iou : Coordinates(rawValue: kind) ?? .iou
    coordinates = Coordinates(rawValue: options[HeadTraining.coordinates]) ?? .iou
    boxNormalizer = options[HeadTraining.boxNormalizer]
    objectNormalizer = options[HeadTraining.objectNormalizer]
    classNormalizer = options[HeadTraining.classNormalizer]
    deltaNormalizer = options[HeadTraining.deltaNormalizer]
    uncertaintyNormalizer = options[HeadTraining.uncertaintyNormalizer]
    maximumDelta = options[HeadTraining.maximumDelta]
    labelSmoothing = options[HeadTraining.labelSmoothing]
    smoothsObjectness = options[HeadTraining.objectnessSmooth] != 0
    usesFocalLoss = options[HeadTraining.focalLoss] != 0
    point = Point(rawValue: options[GaussianYolo.yoloPoint]) ?? .center
    classFactors = try Self.classFactors(options, classes: classes, limit: maximumDelta)
  }

  /// The largest count over each class's own (`parser.c: get_classes_multipliers`).
  private static func classFactors(
    _ options: OptionReader, classes: Int, limit: Double
  ) throws(ModelFileError) -> [Double]? {
    guard let counters = options.value(of: HeadTraining.counters) else { return nil }
    guard counters.count == classes else {
      throw options.error(
        .damaged, HeadTraining.counters.key, "there is not a count for each class",
        expected: "\(classes)", found: "\(counters.count)")
    }
    let counts = counters.map { Double(max($0, 1)) }
    let largest = counts.max() ?? 1
    return counts.map { min(largest / $0, limit) }
  }
}

extension OptionReader {
  /// Truths of a sample.
  func truthCount(of option: Option<Int>) throws(ModelFileError) -> Int {
    let used =
      option.dialects.contains(dialect) ? option : HeadTraining.maximumOfPjreddie
    return try value(used, in: 1...1_000_000)
  }
}
