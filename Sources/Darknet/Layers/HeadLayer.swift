import ModelGraph

/// What has to be known to make boxes of a detection head's output.
public struct HeadDescription: Sendable, Equatable {
  /// What the numbers of the output stand for.
  public enum Form: Sendable, Equatable {
    /// Planes for each box: x, y, width, height, objectness, classes.
    case yolo
    /// Planes for each box, each coordinate followed by how unsure it is: x, y, width, height, objectness, classes.
    case gaussian(YoloLoss.Point)
    /// Coordinates, objectness and classes of each box.
    case region(RegionForm)
    /// The classes of all cells, the objectness of all boxes, then their coordinates.
    case grid(GridForm)
  }

  /// How a `[region]` lays out its numbers.
  public struct RegionForm: Sendable, Equatable {
    /// Coordinates of a box; the first four are those of its place.
    public let coordinates: Int
    /// Whether each entry has a plane (pjreddie); else the entries of a box stand together, and x and y have not been
    /// through the logistic.
    public let isPlanar: Bool
    /// Whether there is no objectness, but a class of nothing.
    public let hasBackground: Bool
    /// Whether an objectness below ½ counts as none (`classfix`).
    public let needsCertainty: Bool
    /// The file with the tree of classes.
    public let tree: String?
  }

  /// How a `[detection]` lays out its numbers.
  public struct GridForm: Sendable, Equatable {
    /// Cells along each axis.
    public let side: Int
    /// Coordinates of a box.
    public let coordinates: Int
    /// Whether widths and heights are learned as their square roots.
    public let storesRoots: Bool
  }

  /// Which of several boxes around one thing are left out (`box.c: do_nms_sort`, `diounms_sort`).
  public enum Suppression: Sendable, Equatable {
    /// Those whose intersection over union is above the threshold.
    case overlap
    /// Those for which it is above the threshold less a power of the squared distance of the centres over the squared
    /// diagonal of the box around both.
    case distance(power: Double)
  }

  /// What the numbers stand for.
  public var form: Form
  /// Classes that it tells apart.
  public var classes: Int
  /// Boxes of a cell.
  public var boxes: Int
  /// Widths and heights of all anchors that the section names; empty for a head without anchors.
  public var anchors: [(width: Double, height: Double)]
  /// Which of the anchors the boxes have; `nil` where each box has its own.
  public var mask: [Int]?
  /// Whether anchors are counted in cells of the grid, not in pixels of the network's input.
  public var countsCells = false
  /// `x, y ← v · s − (s − 1) / 2`, where the head has such a factor.
  public var scaleXY: Double?
  /// Whether sizes are squares, not exponentials, where the head can have either.
  public var usesNewCoordinates: Bool?
  /// What is left out of boxes that overlap.
  public var suppression = Suppression.overlap

  /// Equal in all that it says.
  public static func == (a: HeadDescription, b: HeadDescription) -> Bool {
    a.form == b.form && a.classes == b.classes && a.boxes == b.boxes && a.mask == b.mask
      && a.anchors.map(\.width) == b.anchors.map(\.width)
      && a.anchors.map(\.height) == b.anchors.map(\.height) && a.countsCells == b.countsCells
      && a.scaleXY == b.scaleXY && a.usesNewCoordinates == b.usesNewCoordinates
      && a.suppression == b.suppression
  }

  /// - Parameter anchors: widths and heights in turn.
  init(_ form: Form, classes: Int, boxes: Int, anchors: [Double] = []) {
    self.form = form
    self.classes = classes
    self.boxes = boxes
    self.anchors = (0..<(anchors.count / 2)).map { (anchors[2 * $0], anchors[2 * $0 + 1]) }
  }
}

/// A layer whose output stands for boxes.
public protocol HeadLayer: DarknetLayer {
  /// What is needed to decode them.
  var description: HeadDescription { get }
}

extension YoloOptions {
  /// The head without what only `[yolo]` has.
  func description(_ form: HeadDescription.Form) -> HeadDescription {
    var head = HeadDescription(
      form, classes: classes, boxes: mask.count, anchors: Array(anchors.prefix(2 * knownAnchors)))
    head.mask = mask
    head.scaleXY = scaleXY
    head.suppression = suppression
    return head
  }
}

extension Yolo: HeadLayer {
  var description: HeadDescription {
    var description = head.description(.yolo)
    description.usesNewCoordinates = usesNewCoordinates
    return description
  }
}

extension GaussianYolo: HeadLayer {
  var description: HeadDescription { head.description(.gaussian(point)) }
}

extension Region: HeadLayer {
  var description: HeadDescription {
    let form = HeadDescription.RegionForm(
      coordinates: head.coordinates, isPlanar: head.isPlanar, hasBackground: head.hasBackground,
      needsCertainty: needsCertainty, tree: tree)
    var description = HeadDescription(
      .region(form), classes: head.classes, boxes: head.boxes, anchors: head.anchors)
    description.countsCells = true
    return description
  }
}

extension Detection: HeadLayer {
  var description: HeadDescription {
    let form = HeadDescription.GridForm(
      side: head.side, coordinates: head.coordinates, storesRoots: storesRoots)
    return HeadDescription(.grid(form), classes: head.classes, boxes: head.boxes)
  }
}
