import FileSupport
import ModelGraph

/// `[region]` (`region_layer.c`): the head of YOLOv2.
struct Region: ReadableLayer {
  static let type = "region"
  static let operations: [any Operation.Type] = [RegionHead.self]
  static let coords = Option("coords", 4)
  static let classes = YoloOptions.classes
  static let num = YoloOptions.num
  static let softmax = Option("softmax", 0)
  static let anchors = YoloOptions.anchors
  static let tree = Option("tree", "")
  static let background = Option("background", 0, in: .pjreddieOnly, refused: true)
  static let classfix = Option("classfix", 0, refused: true)
  static let options =
    [
      coords.description, classes.description, num.description, softmax.description,
      anchors.description, tree.description, background.description, classfix.description,
    ]
    + trainingOptions(
      "max", "log", "sqrt", "jitter", "rescore", "thresh", "absolute", "random",
      "coord_scale", "object_scale", "noobject_scale", "mask_scale", "class_scale", "bias_match",
      "map")
    + trainingOptions("focal_loss", "resize", in: .alexeyAndLater)

  let output: LayerShape
  let head: RegionHead
  /// The file with the tree of classes.
  let tree: String?
  /// Whether an objectness below ½ counts as none, which pjreddie's does not know.
  let needsCertainty: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let small = 0...1_000_000
    let boxes = try options.value(Self.num, in: 1...YoloOptions.maximumAnchors)
    let given = Array(options[Self.anchors].prefix(2 * boxes))
    head = RegionHead(
      anchors: given + Array(repeating: 0.5, count: 2 * boxes - given.count), boxes: boxes,
      coordinates: try options.value(Self.coords, in: small),
      classes: try options.value(Self.classes, in: small),
      usesSoftmax: options[Self.softmax] != 0, isPlanar: context.dialect.keepsRegionPlanar,
      hasBackground: options[Self.background] != 0)
    tree = options.value(of: Self.tree)
    needsCertainty = options[Self.classfix] == -1 && !head.isPlanar
    output = try context.image(options)
    let expected = boxes * (head.classes + head.coordinates + 1)
    guard output.channels == expected else {
      throw options.error(
        .damaged, Self.classes.key, "the layer before it has the wrong number of filters",
        expected: "\(boxes) boxes · (\(head.classes) classes + \(head.coordinates) + 1) "
          + "= \(expected)",
        found: "\(output.channels)",
        remedy: "set filters=\(expected) in the [convolutional] section before it, "
          + "or classes to what the weights were trained for")
    }
  }

  var summary: String { "\(head.classes) classes, \(head.boxes) boxes" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    // Formats that end in front of the head can do without the tree.
    let groups = tree.map { name in
      Result { () throws(ModelFileError) in try lowering.classTree(named: name).groupSizes }
    }
    let head = RegionHead(
      anchors: head.anchors, boxes: head.boxes, coordinates: head.coordinates,
      classes: head.classes, usesSoftmax: head.usesSoftmax, isPlanar: head.isPlanar,
      hasBackground: head.hasBackground, classGroups: groups)
    lowering.finish(try lowering.add(head, on: try lowering.image()))
  }
}

/// `[detection]` (`detection_layer.c`): the head of YOLOv1.
struct Detection: ReadableLayer {
  static let type = "detection"
  static let operations: [any Operation.Type] = [GridHead.self]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let coords = Option("coords", 1)
  static let classes = Option("classes", 1)
  static let num = Option("num", 1)
  static let side = Option("side", 7)
  static let softmax = Option("softmax", 0)
  static let sqrt = Option("sqrt", 0)
  static let options =
    [
      coords.description, classes.description, num.description, side.description,
      softmax.description, sqrt.description,
    ]
    + trainingOptions(
      "rescore", "max", "coord_scale", "forced", "object_scale", "noobject_scale",
      "class_scale", "jitter", "random", "reorg")
    + trainingOptions("resize", in: .alexeyAndLater)

  let output: LayerShape
  let head: GridHead
  /// Whether widths and heights are learned as their square roots.
  let storesRoots: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let small = 0...1_000_000
    head = GridHead(
      side: try options.value(Self.side, in: 1...10_000),
      boxes: try options.value(Self.num, in: small),
      coordinates: try options.value(Self.coords, in: small),
      classes: try options.value(Self.classes, in: small),
      usesSoftmax: options[Self.softmax] != 0)
    storesRoots = options[Self.sqrt] != 0
    let cell = head.classes + head.boxes * (1 + head.coordinates)
    let expected = Shape([head.side, head.side, cell]).elementCount
    guard context.input.count == expected else {
      throw options.error(
        .damaged, Self.classes.key, "the layer before it puts out the wrong number of values",
        expected: "\(head.side)² · (\(head.classes) + \(head.boxes) · (1 + \(head.coordinates))) "
          + "= \(expected)",
        found: "\(context.input.count)")
    }
    output = LayerShape(channels: 0, height: 0, width: 0, count: expected)
  }

  var summary: String { "\(head.classes) classes, \(head.boxes) boxes, side \(head.side)" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.add(head, on: try lowering.vector()))
  }
}

extension Region: ComparingLayer {
  static let threshold = Option("thresh", 0.5)
  static let coordinateScale = Option("coord_scale", 1.0)
  static let objectScale = Option("object_scale", 1.0)
  static let noObjectScale = Option("noobject_scale", 1.0)
  static let classScale = Option("class_scale", 1.0)
  static let rescore = Option("rescore", 0)
  static let biasMatch = Option("bias_match", 0)

  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    try HeadTraining.refuse(options)
    if tree != nil {
      throw options.error(
        .unsupported, Self.tree.key, "training with a tree of classes is not supported")
    }
    guard head.coordinates == 4 else {
      throw options.error(
        .unsupported, Self.coords.key, "training boxes of another number of coordinates",
        expected: "4", found: "\(head.coordinates)")
    }
    var loss = RegionLoss()
    let isRevised = options.dialect.comparesRegionsRevised
    loss.derivesLogistic = !isRevised
    loss.favorsSmallBoxes = isRevised
    loss.keepsLearnedClass = isRevised
    if !isRevised {
      loss.maximumTruths = try options.truthCount(of: HeadTraining.maximum)
      loss.truthSize = 6
    }
    loss.threshold = options[Self.threshold]
    loss.coordinateScale = options[Self.coordinateScale]
    loss.objectScale = options[Self.objectScale]
    loss.noObjectScale = options[Self.noObjectScale]
    loss.classScale = options[Self.classScale]
    loss.rescores = options[Self.rescore] != 0
    loss.matchesAnchors = options[Self.biasMatch] != 0
    loss.usesFocalLoss = options[HeadTraining.focalLoss] != 0
    return .region(loss)
  }
}
