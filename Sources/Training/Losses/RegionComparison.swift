import Inference
import ModelGraph

/// The boxes of a `[region]` head against the truths of their samples (`region_layer.c`).
///
/// AlexeyAB's head leaves x and y as they are and multiplies δ with the logistic function's derivative;
/// pjreddie's puts them through it and leaves the derivative out.
struct RegionComparison {
  private let head: RegionHead
  private let loss: RegionLoss
  private let output: TensorOf<Double>
  private let context: LossContext
  private var delta: [Double]

  /// A comparison.
  init(
    _ head: RegionHead, _ loss: RegionLoss, _ output: TensorOf<Double>, _ context: LossContext
  ) {
    self.head = head
    self.loss = loss
    self.output = output
    self.context = context
    delta = [Double](repeating: 0, count: output.values.count)
  }

  /// Before so many images, every box is drawn towards its anchor.
  private static let warmUpImages = 12_800

  private var height: Int { output.image.height }
  private var width: Int { output.image.width }
  private var entries: Int { head.coordinates + 1 + head.classes }

  /// A box of a cell.
  private struct Place {
    let sample: Int
    let box: Int
    let row: Int
    let column: Int
  }

  private func index(_ place: Place, _ entry: Int) -> Int {
    let cell = place.row * width + place.column
    let start = place.sample * output.sampleCount
    return head.isPlanar
      ? start + (place.box * entries + entry) * height * width + cell
      : start + (cell * head.boxes + place.box) * entries + entry
  }

  private func value(_ place: Place, _ entry: Int) -> Double {
    output.values[index(place, entry)]
  }

  /// x or y inside the cell.
  private func offset(_ place: Place, _ entry: Int) -> Double {
    let v = value(place, entry)
    return head.isPlanar ? v : Formula.logistic(v)
  }

  private func anchor(_ box: Int) -> (width: Double, height: Double) {
    (head.anchors[2 * box] / Double(width), head.anchors[2 * box + 1] / Double(height))
  }

  private func prediction(_ place: Place) -> Box {
    let anchor = anchor(place.box)
    return Box(
      x: (Double(place.column) + offset(place, 0)) / Double(width),
      y: (Double(place.row) + offset(place, 1)) / Double(height),
      width: Formula.exponential(value(place, 2)) * anchor.width,
      height: Formula.exponential(value(place, 3)) * anchor.height)
  }

  /// The truths of a sample with their classes.
  private func truths(_ sample: Int) -> [(box: Box, label: Int)] {
    let count = loss.maximumTruths * loss.truthSize
    var result: [(Box, Int)] = []
    for number in 0..<loss.maximumTruths {
      let start = sample * count + number * loss.truthSize
      guard context.truth[start] != 0 else { break }
      let label = context.truth[start + head.coordinates]
      guard label >= 0, label < Double(head.classes) else { continue }
      result.append((Box(context.truth[start..<(start + 4)]), Int(label)))
    }
    return result
  }

  /// The cost `Σ δ²` and δ.
  consuming func value() -> LossValue {
    for sample in 0..<output.batch {
      let truths = truths(sample)
      for row in 0..<height {
        for column in 0..<width {
          for box in 0..<head.boxes {
            compare(
              Place(sample: sample, box: box, row: row, column: column), truths.map(\.box))
          }
        }
      }
      for truth in truths { learn(truth.box, truth.label, sample) }
    }
    return LossValue(cost: delta.reduce(0) { $0 + $1 * $1 }, delta: delta)
  }

  private mutating func compare(_ place: Place, _ truths: [Box]) {
    let prediction = prediction(place)
    let best = truths.map { prediction.iou($0) }.max() ?? 0
    learnObject(0, place, scale: loss.noObjectScale)
    if best > loss.threshold { delta[index(place, head.coordinates)] = 0 }
    if context.seen < Self.warmUpImages {
      let anchor = anchor(place.box)
      let middle = Box(
        x: (Double(place.column) + 0.5) / Double(width),
        y: (Double(place.row) + 0.5) / Double(height), width: anchor.width,
        height: anchor.height)
      learnBox(middle, place, scale: 0.01)
    }
  }

  private mutating func learn(_ truth: Box, _ label: Int, _ sample: Int) {
    let (x, y) = (truth.x * Double(width), truth.y * Double(height))
    guard x >= 0, x < Double(width), y >= 0, y < Double(height) else { return }
    let shifted = Box.sized(truth.width, truth.height)
    var best: (overlap: Double, box: Int) = (0, 0)
    for box in 0..<head.boxes {
      let place = Place(sample: sample, box: box, row: Int(y), column: Int(x))
      let anchor = anchor(box)
      let size = prediction(place)
      let candidate =
        loss.matchesAnchors
        ? Box.sized(anchor.width, anchor.height) : Box.sized(size.width, size.height)
      let overlap = candidate.iou(shifted)
      if overlap > best.overlap { best = (overlap, box) }
    }
    let place = Place(sample: sample, box: best.box, row: Int(y), column: Int(x))
    let overlap = prediction(place).iou(truth)
    learnBox(
      truth, place,
      scale: loss.coordinateScale * (loss.favorsSmallBoxes ? 2 - truth.area : 1))
    learnObject(loss.rescores ? overlap : 1, place, scale: loss.objectScale)
    learnClass(label, place)
  }

  private mutating func learnObject(_ aim: Double, _ place: Place, scale: Double) {
    let at = index(place, head.coordinates)
    let p = output.values[at]
    delta[at] = scale * (aim - p) * (loss.derivesLogistic ? p * (1 - p) : 1)
  }

  /// `delta_region_box`
  private mutating func learnBox(_ truth: Box, _ place: Place, scale: Double) {
    let anchor = anchor(place.box)
    let aims = [
      truth.x * Double(width) - Double(place.column),
      truth.y * Double(height) - Double(place.row),
    ]
    for entry in 0..<2 {
      let p = offset(place, entry)
      delta[index(place, entry)] =
        scale * (aims[entry] - p) * (loss.derivesLogistic ? p * (1 - p) : 1)
    }
    delta[index(place, 2)] =
      scale * (Formula.logarithm(truth.width / anchor.width) - value(place, 2))
    delta[index(place, 3)] =
      scale * (Formula.logarithm(truth.height / anchor.height) - value(place, 3))
  }

  /// `delta_region_class`
  private mutating func learnClass(_ label: Int, _ place: Place) {
    let first = head.coordinates + 1
    if loss.keepsLearnedClass, !head.usesSoftmax, delta[index(place, first)] != 0 {
      let own = index(place, first + label)
      delta[own] = loss.classScale * (1 - output.values[own])
      return
    }
    var gain = 1.0
    if loss.usesFocalLoss {
      let p = value(place, first + label) + 1e-15
      gain = 0.5 * -(1 - p) * (2 * p * Formula.logarithm(p) + p - 1)
    }
    for number in 0..<head.classes {
      let at = index(place, first + number)
      delta[at] =
        gain * loss.classScale * ((number == label ? 1 : 0) - output.values[at])
    }
  }
}
