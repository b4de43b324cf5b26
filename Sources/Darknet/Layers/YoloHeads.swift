import FileSupport
import ModelGraph

/// The options that `[yolo]` and `[Gaussian_yolo]` share (`parser.c: parse_yolo`).
struct YoloOptions {
  static let classes = Option("classes", 20)
  static let num = Option("num", 1)
  static let mask = Option<[Int]>("mask", [])
  static let anchors = Option<[Double]>("anchors", [])
  static let scaleXY = Option("scale_x_y", 1.0, in: .alexeyAndLater)
  static let options =
    [
      classes.description, num.description, mask.description, anchors.description,
      scaleXY.description,
    ]
    + trainingOptions("max", "jitter", "ignore_thresh", "truth_thresh", "random", "map")
    + trainingOptions(
      "max_delta", "counters_per_class", "label_smooth_eps", "objectness_smooth",
      "iou_normalizer", "obj_normalizer", "cls_normalizer", "delta_normalizer", "iou_loss",
      "iou_thresh_kind", "beta_nms", "nms_kind", "resize", "iou_thresh", in: .alexeyAndLater)

  /// The most anchors of a head. Real ones have up to 18; a limit keeps a hostile cfg from asking
  /// for the memory of a million in each of its sections.
  static let maximumAnchors = 1024

  let classes: Int
  let mask: [Int]
  /// Widths and heights of all `num` anchors; those that the cfg lacks are 0.5.
  let anchors: [Double]
  let scaleXY: Double

  init(_ options: OptionReader) throws(ModelFileError) {
    classes = try options.value(Self.classes, in: 0...Int(Int32.max))
    let total = try options.value(Self.num, in: 1...Self.maximumAnchors)
    mask = options.value(of: Self.mask) ?? Array(0..<total)
    scaleXY = options[Self.scaleXY]
    if let odd = mask.first(where: { $0 < 0 || $0 >= total }) {
      throw options.error(
        .damaged, Self.mask.key, "names an anchor that is not there",
        expected: "0 to \(total - 1)", found: "\(odd)", remedy: "check num, mask and anchors")
    }
    let given = Array(options[Self.anchors].prefix(2 * total))
    anchors = given + Array(repeating: 0.5, count: 2 * total - given.count)
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
  static let options =
    YoloOptions.options + trainingOptions("uc_normalizer", "yolo_point")

  let output: LayerShape
  let head: YoloOptions

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    head = try YoloOptions(options)
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
