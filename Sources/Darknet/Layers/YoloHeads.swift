import FileSupport
import ModelGraph

/// The options that `[yolo]` and `[Gaussian_yolo]` share (`parser.c: parse_yolo`).
struct YoloOptions {
  static let classes = Option("classes", 20)
  static let num = Option("num", 1)
  static let mask = Option<[Int]>("mask", [])
  static let anchors = Option<[Double]>("anchors", [])
  static let scaleXY = Option("scale_x_y", 1.0, in: .alexeyAndLater)
  static let nmsKind = Option("nms_kind", "default", in: .alexeyAndLater)
  static let betaNMS = Option("beta_nms", 0.6, in: .alexeyAndLater)
  static let options =
    [
      classes.description, num.description, mask.description, anchors.description,
      scaleXY.description, nmsKind.description, betaNMS.description,
    ]
    + trainingOptions("max", "jitter", "ignore_thresh", "truth_thresh", "random", "map")
    + trainingOptions(
      "max_delta", "counters_per_class", "label_smooth_eps", "objectness_smooth",
      "iou_normalizer", "obj_normalizer", "cls_normalizer", "delta_normalizer", "iou_loss",
      "iou_thresh_kind", "resize", "iou_thresh", in: .alexeyAndLater)

  /// The most anchors of a head. Real ones have up to 18; a limit keeps a hostile cfg from asking
  /// for the memory of a million in each of its sections.
  static let maximumAnchors = 1024

  let classes: Int
  let mask: [Int]
  /// Widths and heights of all `num` anchors, and of those behind them that the mask names; those that
  /// the cfg lacks are 0.5.
  let anchors: [Double]
  let scaleXY: Double
  let suppression: HeadDescription.Suppression
  /// How many of the anchors are listed, or have darknet's default.
  let knownAnchors: Int
  /// An anchor that the mask names and that is neither one of `num` nor listed.
  let missingAnchor: Int?

  init(_ options: OptionReader) throws(ModelFileError) {
    classes = try options.value(Self.classes, in: 0...Int(Int32.max))
    let total = try options.value(Self.num, in: 1...Self.maximumAnchors)
    mask = options.value(of: Self.mask) ?? Array(0..<total)
    scaleXY = options[Self.scaleXY]
    suppression = Self.suppression(options)
    if let odd = mask.first(where: { $0 < 0 || $0 >= Self.maximumAnchors }) {
      throw options.error(
        .damaged, Self.mask.key, "names an anchor that is not there",
        expected: "0 to \(total - 1)", found: "\(odd)", remedy: "check num, mask and anchors")
    }
    let listed = options[Self.anchors]
    // darknet reads on behind its anchors, whatever stands there; shapes don't depend on it.
    let beyond = mask.filter { $0 >= total }
    missingAnchor = beyond.first { 2 * $0 + 1 >= listed.count }
    if let last = beyond.max() {
      options.warn(
        options.line(of: Self.mask.key),
        "the mask names anchor \(last), but num=\(total), and darknet would read behind its anchors; "
          + (missingAnchor.map {
            "anchor \($0) is not listed: the shapes hold, boxes can't be decoded"
          }
            ?? "those that are listed are used"))
    }
    let count = max(total, (beyond.max() ?? -1) + 1)
    knownAnchors = max(total, min(count, listed.count / 2))
    let given = Array(listed.prefix(2 * count))
    anchors = given + Array(repeating: 0.5, count: 2 * count - given.count)
  }

  /// What `nms_kind` says; darknet takes a word that it does not know for `default`. `cornersnms` does the same.
  private static func suppression(_ options: OptionReader) -> HeadDescription.Suppression {
    let kind = options[nmsKind]
    let power = options[betaNMS]
    switch kind {
    case "greedynms": return .distance(power: 0.6)
    case "diounms": return .distance(power: power)
    case "default", "cornersnms": return .overlap
    default:
      options.warn(
        options.line(of: nmsKind.key),
        "\(nmsKind.key)=\(kind.escapedForTerminal) is not known; it counts as default, as in darknet"
      )
      return .overlap
    }
  }

  /// Refuses a head for work that needs its anchors.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the cfg lacks one.
  func requireAnchors(_ options: OptionReader) throws(ModelFileError) {
    guard let missingAnchor else { return }
    throw options.error(
      .damaged, YoloOptions.mask.key, "names an anchor that is not there",
      expected: "an anchor below num=\(options[YoloOptions.num]), or one that is listed",
      found: "\(missingAnchor), of \(options[YoloOptions.anchors].count / 2) listed",
      remedy: "list the anchors in anchors=, and let num be their number")
  }

  /// Checks that the layer before a head has the channels that the head reads.
  ///
  /// - Throws: `ModelFileError` of kind `damaged`: the field's most frequent mistake.
  func checkInput(
    _ input: LayerShape, values: Int, _ options: OptionReader
  ) throws(ModelFileError) {
    let expected = mask.count * (classes + values)
    guard input.channels == expected else {
      throw options.error(
        .damaged, Self.classes.key, "the layer before it has the wrong number of filters",
        expected: "\(mask.count) boxes · (\(classes) classes + \(values)) = \(expected)",
        found: "\(input.channels)",
        remedy: "set filters=\(expected) in the [convolutional] section before it, "
          + "or classes to what the weights were trained for")
    }
  }

  var summary: String {
    "\(classes) classes, \(mask.count) boxes" + (scaleXY == 1 ? "" : ", scale_x_y \(scaleXY)")
  }
}

/// `[yolo]` (`yolo_layer.c`): the head of YOLOv3 and later.
struct Yolo: ReadableLayer {
  static let type = "yolo"
  static let operations: [any Operation.Type] = [YoloHead.self]
  static let newCoords = Option("new_coords", 0, in: .alexeyAndLater)
  static let options =
    YoloOptions.options + [newCoords.description]
    + trainingOptions(
      "show_details", "focal_loss", "track_history_size", "sim_thresh", "dets_for_track",
      "dets_for_show", "track_ciou_norm", "embedding_layer", in: .alexeyAndLater)

  let output: LayerShape
  let head: YoloOptions
  let usesNewCoordinates: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    head = try YoloOptions(options)
    usesNewCoordinates = options[Self.newCoords] != 0
    output = try context.image(options)
    try head.checkInput(output, values: 5, options)
  }

  var summary: String { head.summary + (usesNewCoordinates ? ", new_coords" : "") }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let operation = YoloHead(
      anchors: head.anchors, mask: head.mask, classes: head.classes, scaleXY: head.scaleXY,
      usesNewCoordinates: usesNewCoordinates)
    lowering.finish(try lowering.add(operation, on: try lowering.image()))
  }
}

/// `[Gaussian_yolo]` (`gaussian_yolo_layer.c`): a head that also tells how sure it is of each coordinate.
struct GaussianYolo: ReadableLayer {
  static let type = "Gaussian_yolo"
  static let operations: [any Operation.Type] = [GaussianYoloHead.self]
  static let dialects: Set<Dialect> = .alexeyAndLater
  static let yoloPoint = Option(
    "yolo_point", YoloLoss.Point.center.rawValue, in: .alexeyAndLater)
  static let options =
    YoloOptions.options + [yoloPoint.description] + trainingOptions("uc_normalizer")

  let output: LayerShape
  let head: YoloOptions
  let point: YoloLoss.Point

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    head = try YoloOptions(options)
    // Whatever else is written counts as the middle, as in darknet.
    point = YoloLoss.Point(rawValue: options[Self.yoloPoint]) ?? .center
    output = try context.image(options)
    try head.checkInput(output, values: 9, options)
  }

  var summary: String { head.summary }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let operation = GaussianYoloHead(
      anchors: head.anchors, mask: head.mask, classes: head.classes, scaleXY: head.scaleXY)
    lowering.finish(try lowering.add(operation, on: try lowering.image()))
  }
}

extension Yolo: ComparingLayer {
  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    try head.requireAnchors(options)
    return .yolo(try YoloLoss(options, classes: head.classes))
  }
}

extension GaussianYolo: ComparingLayer {
  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    try head.requireAnchors(options)
    return .yolo(try YoloLoss(options, classes: head.classes))
  }
}
