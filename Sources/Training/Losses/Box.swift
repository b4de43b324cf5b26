import Inference

/// A box by its centre and size, as fractions of the picture (`box.c`).
struct Box {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  /// A box of a size at the origin.
  static func sized(_ width: Double, _ height: Double) -> Box {
    Box(x: 0, y: 0, width: width, height: height)
  }

  /// The box of a truth: its first four numbers.
  init(_ truth: ArraySlice<Double>) {
    let first = truth.startIndex
    self.init(
      x: truth[first], y: truth[first + 1], width: truth[first + 2], height: truth[first + 3])
  }

  init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  var left: Double { x - width / 2 }
  var right: Double { x + width / 2 }
  var top: Double { y - height / 2 }
  var bottom: Double { y + height / 2 }
  var area: Double { width * height }

  /// The area that two boxes share.
  func intersection(_ other: Box) -> Double {
    let w = min(right, other.right) - max(left, other.left)
    let h = min(bottom, other.bottom) - max(top, other.top)
    return w < 0 || h < 0 ? 0 : w * h
  }

  /// The area that either covers.
  func union(_ other: Box) -> Double { area + other.area - intersection(other) }

  /// Intersection over union.
  func iou(_ other: Box) -> Double {
    let shared = intersection(other)
    let all = union(other)
    return shared == 0 || all == 0 ? 0 : shared / all
  }

  /// `IoU − (C − U) / C`, *C* the area of the smallest box around both.
  func giou(_ other: Box) -> Double {
    let c = hull(other)
    let around = c.width * c.height
    return around == 0 ? iou(other) : iou(other) - (around - union(other)) / around
  }

  /// `IoU − (d² / c²)^0.6`, *d* the distance of the centres, *c* the diagonal around both.
  func diou(_ other: Box) -> Double {
    let c = hull(other).squaredDiagonal
    return c == 0 ? iou(other) : iou(other) - Formula.power(squaredDistance(other) / c, 0.6)
  }

  /// `IoU − d² / c² − α v`, *v* measuring how the aspects differ.
  func ciou(_ other: Box) -> Double {
    let c = hull(other).squaredDiagonal
    guard c != 0 else { return iou(other) }
    let aspect = Aspect(self, other)
    return iou(other) - squaredDistance(other) / c
      - aspect.weight(iou: iou(other)) * aspect.loss
  }

  /// The smallest box around both.
  func hull(_ other: Box) -> Box {
    let (l, r) = (min(left, other.left), max(right, other.right))
    let (t, b) = (min(top, other.top), max(bottom, other.bottom))
    return Box(x: (l + r) / 2, y: (t + b) / 2, width: r - l, height: b - t)
  }

  /// The square of the diagonal.
  var squaredDiagonal: Double { width * width + height * height }

  /// The square of the distance of the centres.
  func squaredDistance(_ other: Box) -> Double {
    (x - other.x) * (x - other.x) + (y - other.y) * (y - other.y)
  }
}

/// How the aspects of a prediction and a truth differ: `v = 4 / π² · (atan(w* / h*) − atan(w / h))²`.
struct Aspect {
  /// `atan(w* / h*) − atan(w / h)`
  let difference: Double

  init(_ prediction: Box, _ truth: Box) {
    difference =
      Formula.arctangent(truth.width / truth.height)
      - Formula.arctangent(prediction.width / prediction.height)
  }

  /// *v*
  var loss: Double { 4 / (.pi * .pi) * difference * difference }

  /// `α = v / (1 − IoU + v + 10⁻⁶)`
  func weight(iou: Double) -> Double { loss / (1 - iou + loss + 0.000001) }
}
