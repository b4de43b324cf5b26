/// A cost of a network: a function of one node's value and the truth, whose negative gradient (darknet's
/// δ) enters the network at that node.
public struct Loss: Sendable {
  /// What is compared, and how.
  public let function: LossFunction
  /// The node whose value is held against the truth.
  public let node: Int
  /// The layer that asks for it.
  public let layer: LayerReference

  /// A cost.
  public init(_ function: LossFunction, node: Int, layer: LayerReference) {
    self.function = function
    self.node = node
    self.layer = layer
  }
}

/// The costs that darknet's layers have.
public enum LossFunction: Sendable {
  /// Number by number (`[cost]`).
  case elementwise(ElementwiseLoss, scale: Double)
  /// `−Σ t ln p` behind a softmax.
  case crossEntropy
  /// `−Σ t ln p + (1 − t) ln (1 − p)` behind a logistic function.
  case binaryCrossEntropy
  /// A softmax that computes no cost, but counts as one when costs are averaged.
  case none
  /// The boxes of a `[yolo]` or `[Gaussian_yolo]` head.
  case yolo(YoloLoss)
  /// The boxes of a `[region]` head.
  case region(RegionLoss)
}

/// The costs of `[cost]`, of `d = t − p`.
public enum ElementwiseLoss: String, Sendable {
  /// `Σ d²`, `δ = d`
  case squared
  /// `d²` up to 1, then `2|d| − 1`; `δ = d` up to 1, then its sign.
  case smooth
  /// `Σ |d|`, δ the sign of *d*.
  case absolute
  /// As `squared`, without the places where the truth is −1234.
  case masked
}

/// How boxes of a `[yolo]` or `[Gaussian_yolo]` head are compared.
public struct YoloLoss: Sendable {
  /// What is made small for the four coordinates.
  public enum Coordinates: String, Sendable {
    case mse, iou, giou, diou, ciou
  }

  /// Which corner of its cell a Gaussian box hangs on.
  public enum Point: String, Sendable {
    case center, leftTop = "left_top", rightBottom = "right_bottom"
  }

  /// What is made small for the coordinates.
  public var coordinates = Coordinates.mse
  /// The measure that tells whether another anchor fits a truth well enough too.
  public var matchKind = Coordinates.iou
  /// Truths of a sample.
  public var maximumTruths = 200
  /// Numbers of a truth: `x, y, w, h, class` and, for AlexeyAB, a track.
  public var truthSize = 6
  /// Above this overlap, a box without a truth of its own is left alone.
  public var ignoreThreshold = 0.5
  /// Above this overlap, a box is taken for the truth's.
  public var truthThreshold = 1.0
  /// Above this overlap, every anchor learns the truth, not only the best.
  public var matchThreshold = 1.0
  /// Factors of δ for coordinates, objectness, classes and all.
  public var boxNormalizer = 0.75
  /// The factor of δ for objectness.
  public var objectNormalizer = 1.0
  /// The factor of δ for classes.
  public var classNormalizer = 1.0
  /// The factor of all δ in the end.
  public var deltaNormalizer = 1.0
  /// The factor of δ for the uncertainties of a Gaussian head.
  public var uncertaintyNormalizer = 1.0
  /// The largest δ of a coordinate.
  public var maximumDelta = Double.infinity
  /// What is taken off certain truths.
  public var labelSmoothing = 0.0
  /// Whether certain classes count less.
  public var usesFocalLoss = false
  /// Whether the overlap, not 1, is what objectness learns in boxes without a truth of their own.
  public var smoothsObjectness = false
  /// Factors of the classes' δ.
  public var classFactors: [Double]?
  /// The point of the cell that a Gaussian box is measured from.
  public var point = Point.center
  /// Whether the overlap of a box that says no class with more than 0.25 counts as none.
  public var ignoresBoxesWithoutClass = true
  /// Whether the first class, not the truth's, tells whether a box has learned a class already.
  public var asksFirstClass = false
  /// Whether a box that several truths choose learns them all; if not, the last one.
  public var addsCoordinates = true

  /// darknet's defaults.
  public init() {}
}

/// How boxes of a `[region]` head are compared.
public struct RegionLoss: Sendable {
  /// Truths of a sample.
  public var maximumTruths = 30
  /// Numbers of a truth.
  public var truthSize = 5
  /// Above this overlap, a box without a truth of its own is left alone.
  public var threshold = 0.5
  /// The factor of δ for coordinates.
  public var coordinateScale = 1.0
  /// The factor of δ for the objectness of boxes with a truth.
  public var objectScale = 1.0
  /// The factor of δ for the objectness of boxes without one.
  public var noObjectScale = 1.0
  /// The factor of δ for classes.
  public var classScale = 1.0
  /// Whether the overlap, not 1, is what objectness learns.
  public var rescores = false
  /// Whether a truth chooses its box by the anchors alone.
  public var matchesAnchors = false
  /// Whether certain classes count less.
  public var usesFocalLoss = false
  /// Whether δ of what went through a logistic function is multiplied with its derivative.
  public var derivesLogistic = true
  /// Whether small boxes count more: by 2 less the area.
  public var favorsSmallBoxes = false
  /// Whether, without a softmax, a box that has learned a class already learns only the new one beside it.
  public var keepsLearnedClass = false

  /// darknet's defaults.
  public init() {}
}
