/// What has to be known to make boxes of a detection head's output.
public struct HeadDescription: Sendable, Equatable {
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

  /// Equal in all that it says.
  public static func == (a: HeadDescription, b: HeadDescription) -> Bool {
    a.classes == b.classes && a.boxes == b.boxes && a.mask == b.mask
      && a.anchors.map(\.width) == b.anchors.map(\.width)
      && a.anchors.map(\.height) == b.anchors.map(\.height) && a.countsCells == b.countsCells
      && a.scaleXY == b.scaleXY && a.usesNewCoordinates == b.usesNewCoordinates
  }

  /// - Parameter anchors: widths and heights in turn.
  init(classes: Int, boxes: Int, anchors: [Double] = []) {
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
  var description: HeadDescription {
    var head = HeadDescription(
      classes: classes, boxes: mask.count, anchors: Array(anchors.prefix(2 * knownAnchors)))
    head.mask = mask
    head.scaleXY = scaleXY
    return head
  }
}

extension Yolo: HeadLayer {
  var description: HeadDescription {
    var description = head.description
    description.usesNewCoordinates = usesNewCoordinates
    return description
  }
}

extension GaussianYolo: HeadLayer {
  var description: HeadDescription { head.description }
}

extension Region: HeadLayer {
  var description: HeadDescription {
    var description = HeadDescription(
      classes: head.classes, boxes: head.boxes, anchors: head.anchors)
    description.countsCells = true
    return description
  }
}

extension Detection: HeadLayer {
  var description: HeadDescription {
    HeadDescription(classes: head.classes, boxes: head.boxes)
  }
}
