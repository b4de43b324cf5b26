import ModelGraph

/// How IoU and its kin grow with the prediction's centre and size (`box.c: dx_box_iou`).
///
/// Not the derivative in every place: the terms of height and width are twice those of the formula
/// (`p_dw = p_dr − p_dl`, not its half), the distance term of `diou` and `ciou` is added to *w* and *h*
/// with the sign of a gain, and where the boxes do not meet only the new terms are used.
struct BoxGradient {
  /// By the centre.
  private(set) var x: Double
  /// By the centre.
  private(set) var y: Double
  /// By the size.
  private(set) var width: Double
  /// By the size.
  private(set) var height: Double

  init(_ pred: Box, _ truth: Box, _ kind: YoloLoss.Coordinates) {
    // An exponential is never negative; with new coordinates sizes are squares.
    let edges = EdgeTerms(pred, truth)
    var (t, b, l, r) = edges.iou
    if kind == .giou {
      let c = edges.enclosing
      if edges.areApart {
        (t, b, l, r) = c
      } else if edges.hullArea > 0 {
        (t, b, l, r) = (t + c.0, b + c.1, l + c.2, r + c.3)
      }
    }
    (x, y, width, height) = (l + r, t + b, r - l, b - t)
    guard kind == .diou || kind == .ciou else { return }
    let hull = pred.hull(truth)
    let c = hull.squaredDiagonal
    guard c > 0 || edges.areApart else { return }
    if edges.areApart { (x, y, width, height) = (0, 0, 0, 0) }
    let s = pred.squaredDistance(truth)
    let slope = HullSlopes(pred, truth)
    x += (2 * (truth.x - pred.x) * c - 2 * hull.width * slope.widthByX * s) / (c * c)
    y += (2 * (truth.y - pred.y) * c - 2 * hull.height * slope.heightByY * s) / (c * c)
    width += 2 * hull.width * slope.widthByWidth * s / (c * c)
    height += 2 * hull.height * slope.heightByHeight * s / (c * c)
    if kind == .ciou {
      let aspect = Aspect(pred, truth)
      let alpha = aspect.weight(iou: edges.overlap)
      let factor = 8 / (Double.pi * .pi) * aspect.difference
      width += alpha * factor * pred.height
      height -= alpha * factor * pred.width
    }
  }
}

/// Derivatives by the four edges of the prediction: top, bottom, left, right.
private struct EdgeTerms {
  typealias Edges = (Double, Double, Double, Double)

  /// Whether the boxes don't meet.
  let areApart: Bool
  /// The area around both.
  let hullArea: Double
  /// `I / U`, which is negative areas' quotient where the boxes don't meet.
  let overlap: Double
  /// Of IoU.
  let iou: Edges
  /// Of GIoU's `U / C`.
  let enclosing: Edges

  init(_ pred: Box, _ truth: Box) {
    let iw = min(pred.right, truth.right) - max(pred.left, truth.left)
    let ih = min(pred.bottom, truth.bottom) - max(pred.top, truth.top)
    let i = iw * ih
    let u = pred.area + truth.area - i
    let hull = pred.hull(truth)
    let c = hull.width * hull.height
    let dX: Edges = (-pred.width, pred.width, -pred.height, pred.height)
    let dI: Edges = (
      pred.top > truth.top ? -iw : 0, pred.bottom < truth.bottom ? iw : 0,
      pred.left > truth.left ? -ih : 0, pred.right < truth.right ? ih : 0
    )
    let dU: Edges = (dX.0 - dI.0, dX.1 - dI.1, dX.2 - dI.2, dX.3 - dI.3)
    let dC: Edges = (
      pred.top < truth.top ? -hull.width : 0, pred.bottom > truth.bottom ? hull.width : 0,
      pred.left < truth.left ? -hull.height : 0, pred.right > truth.right ? hull.height : 0
    )
    func ofIoU(_ dI: Double, _ dU: Double) -> Double {
      u > 0 ? (u * dI - i * dU) / (u * u) : 0
    }
    func ofHull(_ dU: Double, _ dC: Double) -> Double { (c * dU - u * dC) / (c * c) }
    areApart = iw <= 0 || ih <= 0
    hullArea = c
    overlap = i / u
    var edges: Edges = (
      ofIoU(dI.0, dU.0), ofIoU(dI.1, dU.1), ofIoU(dI.2, dU.2), ofIoU(dI.3, dU.3)
    )
    // A box without extent takes one edge's term for both.
    if !(pred.top < pred.bottom) { edges.0 = edges.1 }
    if !(pred.left < pred.right) { edges.2 = edges.3 }
    iou = edges
    enclosing = (
      ofHull(dU.0, dC.0), ofHull(dU.1, dC.1), ofHull(dU.2, dC.2), ofHull(dU.3, dC.3)
    )
  }
}

/// How the box around both grows with the prediction.
private struct HullSlopes {
  let widthByX: Double
  let widthByWidth: Double
  let heightByY: Double
  let heightByHeight: Double

  init(_ pred: Box, _ truth: Box) {
    func slopes(_ low: Bool, _ high: Bool) -> (Double, Double) {
      ((high ? 1 : 0) - (low ? 1 : 0), (high ? 0.5 : 0) + (low ? 0.5 : 0))
    }
    (widthByX, widthByWidth) = slopes(pred.left < truth.left, pred.right > truth.right)
    (heightByY, heightByHeight) = slopes(pred.top < truth.top, pred.bottom > truth.bottom)
  }
}
