import FileSupport

/// The last step of a detector: it decodes the tensor of a convolution into boxes. Formats that hold
/// plain tensors end in front of it.
///
/// A head keeps the shape of its input, `[C, H, W]`.
public protocol DetectionHead: Operation {
  /// How many boxes each cell of the grid proposes.
  var boxes: Int { get }
  /// How many classes it tells apart.
  var classes: Int { get }
}

/// darknet's `[yolo]` (YOLOv3 and later): per box `x, y, w, h, objectness, classes…`, planar.
public struct YoloHead: DetectionHead {
  /// Widths and heights of all anchors, in pixels of the network's input.
  public let anchors: [Double]
  /// Which anchors this head uses, one for each box.
  public let mask: [Int]
  /// The number of classes.
  public let classes: Int
  /// `x, y ← v · s − (s − 1) / 2`
  public let scaleXY: Double
  /// Whether the input has been through a logistic already and sizes are squared, not exponential.
  public let usesNewCoordinates: Bool
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// A head.
  public init(
    anchors: [Double], mask: [Int], classes: Int, scaleXY: Double, usesNewCoordinates: Bool
  ) {
    self.anchors = anchors
    self.mask = mask
    self.classes = classes
    self.scaleXY = scaleXY
    self.usesNewCoordinates = usesNewCoordinates
  }

  /// One box for each anchor in the mask.
  public var boxes: Int { mask.count }
}

/// darknet's `[Gaussian_yolo]`: as ``YoloHead``, with an uncertainty beside each of the four coordinates.
public struct GaussianYoloHead: DetectionHead {
  /// Widths and heights of all anchors, in pixels of the network's input.
  public let anchors: [Double]
  /// Which anchors this head uses, one for each box.
  public let mask: [Int]
  /// The number of classes.
  public let classes: Int
  /// `x, y ← v · s − (s − 1) / 2`
  public let scaleXY: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// A head.
  public init(anchors: [Double], mask: [Int], classes: Int, scaleXY: Double) {
    self.anchors = anchors
    self.mask = mask
    self.classes = classes
    self.scaleXY = scaleXY
  }

  /// One box for each anchor in the mask.
  public var boxes: Int { mask.count }
}

/// darknet's `[region]` (YOLOv2).
public struct RegionHead: DetectionHead {
  /// Widths and heights of the anchors, in cells of the grid.
  public let anchors: [Double]
  /// Boxes of a cell.
  public let boxes: Int
  /// Coordinates of a box.
  public let coordinates: Int
  /// The number of classes.
  public let classes: Int
  /// Whether the classes exclude each other.
  public let usesSoftmax: Bool
  /// What the head puts out. Planar (pjreddie): the order of its input, with a logistic on *x*, *y*
  /// and, without softmax, on the classes. Else (AlexeyAB, `flatten`): `[H, W, boxes, entries]`, in
  /// which *x*, *y* and classes without softmax stay as they are.
  public let isPlanar: Bool
  /// Whether the entry in front of the classes is that of no object at all (pjreddie), one more class, in
  /// place of the objectness.
  public let hasBackground: Bool
  /// With a tree of classes: the numbers of siblings that exclude each other, one group of classes
  /// after another, or why the file of the tree can't be read. `usesSoftmax` plays no part then.
  public let classGroups: Result<[Int], ModelFileError>?
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// A head.
  public init(
    anchors: [Double], boxes: Int, coordinates: Int, classes: Int, usesSoftmax: Bool,
    isPlanar: Bool = false, hasBackground: Bool = false,
    classGroups: Result<[Int], ModelFileError>? = nil
  ) {
    self.anchors = anchors
    self.boxes = boxes
    self.coordinates = coordinates
    self.classes = classes
    self.usesSoftmax = usesSoftmax
    self.isPlanar = isPlanar
    self.hasBackground = hasBackground
    self.classGroups = classGroups
  }
}

/// darknet's `[detection]` (YOLOv1): a flat vector of `side² · (classes + boxes · (1 + coordinates))`.
public struct GridHead: DetectionHead {
  /// Cells along each axis.
  public let side: Int
  /// Boxes of a cell.
  public let boxes: Int
  /// Coordinates of a box.
  public let coordinates: Int
  /// The number of classes.
  public let classes: Int
  /// Whether the classes exclude each other.
  public let usesSoftmax: Bool
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// A head.
  public init(side: Int, boxes: Int, coordinates: Int, classes: Int, usesSoftmax: Bool) {
    self.side = side
    self.boxes = boxes
    self.coordinates = coordinates
    self.classes = classes
    self.usesSoftmax = usesSoftmax
  }
}
