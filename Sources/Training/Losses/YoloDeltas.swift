import Inference
import ModelGraph

/// What a box of a `[yolo]` or `[Gaussian_yolo]` head learns from a truth: δ of its entries.
extension YoloComparison {
  func factor(_ label: Int) -> Double { loss.classFactors?[label] ?? 1 }

  /// `delta_yolo_class`, `delta_gaussian_yolo_class`: `δ = t − p` for each class.
  mutating func learnClass(_ label: Int, _ place: Place) {
    let first = coordinates + 1
    let own = index(place, first + label)
    func smoothed(_ t: Double) -> Double {
      t * (1 - loss.labelSmoothing) + 0.5 * loss.labelSmoothing
    }
    // A box that has learned a class already learns only the new one beside it. The Gaussian code asks
    // the first class whether it has.
    let asked = loss.asksFirstClass || isGaussian ? index(place, first) : own
    if delta[asked] != 0 {
      delta[own] = (smoothed(1) - output.values[own]) * factor(label)
      return
    }
    if loss.usesFocalLoss, !isGaussian {
      let p = output.values[own] + 1e-15
      let gain = -(1 - p) * (2 * p * Formula.logarithm(p) + p - 1)
      for number in 0..<classes {
        let at = index(place, first + number)
        delta[at] = ((number == label ? 1 : 0) - output.values[at]) * 0.5 * gain
      }
      return
    }
    for number in 0..<classes {
      let at = index(place, first + number)
      delta[at] = smoothed(number == label ? 1 : 0) - output.values[at]
    }
    if loss.classFactors != nil { delta[own] *= factor(label) * loss.classNormalizer }
  }

  /// `delta_yolo_box`, `delta_gaussian_yolo_box`
  mutating func learnBox(_ truth: Truth, _ place: Place, anchor number: Int) {
    let normalizer = loss.boxNormalizer * factor(truth.label)
    let scale = 2 - truth.box.area
    let v = means.map { value(place, $0) }
    let errors = zip(targets(truth.box, place, anchor: number), v).map { $0 - $1 }
    var steps: [Double]
    if loss.coordinates != .mse {
      steps = overlapSteps(truth, place, anchor: number, v)
    } else if isGaussian {
      steps = means.indices.map { gaussian(place, $0, errors[$0], scale).mean }
    } else {
      steps = errors.map { scale * $0 }
    }
    steps = steps.map { $0 * normalizer }
    // The squared error of a plain head is neither limited nor asked whether it is a number.
    if isGaussian || loss.coordinates != .mse { steps = steps.map(limited) }
    for (position, entry) in means.enumerated() {
      let at = index(place, entry)
      delta[at] = (loss.addsCoordinates ? delta[at] : 0) + steps[position]
    }
    guard isGaussian else { return }
    for (position, entry) in means.enumerated() {
      let doubt = gaussian(place, position, errors[position], scale).deviation
      delta[index(place, entry + 1)] += limited(doubt * loss.uncertaintyNormalizer)
    }
  }

  private func limited(_ step: Double) -> Double {
    step.isFinite ? min(max(step, -loss.maximumDelta), loss.maximumDelta) : 0
  }

  /// What x, y, w, h should be.
  private func targets(_ truth: Box, _ place: Place, anchor number: Int) -> [Double] {
    let anchor = anchor(number)
    let (netHeight, netWidth) = netExtents
    let shift: Double =
      switch loss.point {
      case .center: 0
      case .leftTop: -0.5
      case .rightBottom: 0.5
      }
    let (w, h) = (truth.width * netWidth / anchor.width, truth.height * netHeight / anchor.height)
    return [
      (truth.x + shift * truth.width) * Double(width) - Double(place.column),
      (truth.y + shift * truth.height) * Double(height) - Double(place.row),
      usesNewCoordinates ? (w / 4).squareRoot() : Formula.logarithm(w),
      usesNewCoordinates ? (h / 4).squareRoot() : Formula.logarithm(h),
    ]
  }

  /// The steps that make an overlap grow.
  private func overlapSteps(
    _ truth: Truth, _ place: Place, anchor number: Int, _ v: [Double]
  ) -> [Double] {
    var prediction = prediction(place, anchor: number)
    if prediction.width == 0 { prediction.width = 1 }
    if prediction.height == 0 { prediction.height = 1 }
    let gradient = BoxGradient(prediction, truth.box, loss.coordinates)
    var (x, y) = (gradient.x, gradient.y)
    switch loss.point {
    case .center: break
    case .leftTop: (x, y) = (x - gradient.width / 2, y - gradient.height / 2)
    case .rightBottom: (x, y) = (x + gradient.width / 2, y + gradient.height / 2)
    }
    func chained(_ g: Double, _ t: Double) -> Double {
      usesNewCoordinates ? g : g * Formula.exponential(t)
    }
    return [x, y, chained(gradient.width, v[2]), chained(gradient.height, v[3])]
  }

  /// How a coordinate and its deviation σ grow towards the truth: half the logarithm of a normal
  /// distribution, in which darknet adds 0.3 to the σ in front of the exponential.
  private func gaussian(
    _ place: Place, _ position: Int, _ error: Double, _ scale: Double
  ) -> (mean: Double, deviation: Double) {
    let sigma = value(place, means[position] + 1)
    let quotient = error / sigma
    let density =
      Formula.exponential(quotient * quotient / -2)
      / ((2 * Double.pi).squareRoot() * (sigma + 0.3))
    let weight = 0.5 / (density + 1e-9) * density * scale
    return (
      weight * quotient / sigma, weight * (quotient * quotient / sigma - 1 / (sigma + 0.3))
    )
  }

  /// Where several truths met in one box, coordinates learn their mean
  /// (`averages_yolo_deltas`, `averages_gaussian_yolo_deltas`).
  mutating func average(_ sample: Int) {
    for row in 0..<height {
      for column in 0..<width {
        for box in mask.indices {
          let place = Place(sample: sample, box: box, row: row, column: column)
          guard isGaussian || delta[index(place, coordinates)] != 0 else { continue }
          let count = (0..<classes).count { delta[index(place, coordinates + 1 + $0)] > 0 }
          guard count > 1 else { continue }
          for entry in 0..<coordinates { delta[index(place, entry)] /= Double(count) }
        }
      }
    }
  }
}
