import Inference
import ModelGraph

/// The boxes of a `[yolo]` or `[Gaussian_yolo]` head against the truths of their samples
/// (`yolo_layer.c`, `gaussian_yolo_layer.c`).
struct YoloComparison {
  let loss: YoloLoss
  let anchors: [Double]
  let mask: [Int]
  let classes: Int
  let isGaussian: Bool
  let usesNewCoordinates: Bool
  let output: TensorOf<Double>
  let context: LossContext
  var delta: [Double]
  private var overlapLoss = 0.0
  private var generalizedLoss = 0.0
  private var matches = 0

  /// The comparison of a `[yolo]` head.
  init(_ head: YoloHead, _ loss: YoloLoss, _ output: TensorOf<Double>, _ context: LossContext) {
    self.init(
      loss, head.anchors, head.mask, head.classes, isGaussian: false,
      usesNewCoordinates: head.usesNewCoordinates, output, context)
  }

  /// The comparison of a `[Gaussian_yolo]` head.
  init(
    _ head: GaussianYoloHead, _ loss: YoloLoss, _ output: TensorOf<Double>, _ context: LossContext
  ) {
    self.init(
      loss, head.anchors, head.mask, head.classes, isGaussian: true, usesNewCoordinates: false,
      output, context)
  }

  private init(
    _ loss: YoloLoss, _ anchors: [Double], _ mask: [Int], _ classes: Int, isGaussian: Bool,
    usesNewCoordinates: Bool, _ output: TensorOf<Double>, _ context: LossContext
  ) {
    self.loss = loss
    self.anchors = anchors
    self.mask = mask
    self.classes = classes
    self.isGaussian = isGaussian
    self.usesNewCoordinates = usesNewCoordinates
    self.output = output
    self.context = context
    delta = [Double](repeating: 0, count: output.values.count)
  }

  // MARK: Where things lie

  var height: Int { output.image.height }
  var width: Int { output.image.width }
  private var area: Int { height * width }
  /// Entries of a box in front of its objectness.
  var coordinates: Int { isGaussian ? 8 : 4 }
  /// The entries of x, y, w, h.
  var means: [Int] { isGaussian ? [0, 2, 4, 6] : [0, 1, 2, 3] }

  /// A box that the head proposes.
  struct Place {
    let sample: Int
    /// The position in the mask.
    let box: Int
    let row: Int
    let column: Int
  }

  func index(_ place: Place, _ entry: Int) -> Int {
    let plane = place.box * (coordinates + 1 + classes) + entry
    return place.sample * output.sampleCount + plane * area + place.row * width + place.column
  }

  func value(_ place: Place, _ entry: Int) -> Double {
    output.values[index(place, entry)]
  }

  /// Height and width of the network's input, which anchors are measured by.
  var netExtents: (Double, Double) {
    (Double(context.imageExtents.height), Double(context.imageExtents.width))
  }

  func anchor(_ number: Int) -> (width: Double, height: Double) {
    (anchors[2 * number], anchors[2 * number + 1])
  }

  /// `get_yolo_box`, `get_gaussian_yolo_box`
  func prediction(_ place: Place, anchor number: Int) -> Box {
    let v = means.map { value(place, $0) }
    let anchor = anchor(number)
    let (netHeight, netWidth) = netExtents
    func size(_ t: Double) -> Double {
      usesNewCoordinates ? t * t * 4 : Formula.exponential(t)
    }
    var box = Box(
      x: (Double(place.column) + v[0]) / Double(width),
      y: (Double(place.row) + v[1]) / Double(height),
      width: size(v[2]) * anchor.width / netWidth, height: size(v[3]) * anchor.height / netHeight)
    switch loss.point {
    case .center: break
    case .leftTop: (box.x, box.y) = (box.x + box.width / 2, box.y + box.height / 2)
    case .rightBottom: (box.x, box.y) = (box.x - box.width / 2, box.y - box.height / 2)
    }
    return box
  }

  /// A truth of a sample.
  struct Truth {
    let box: Box
    let label: Int
  }

  /// The truths of a sample: the list ends where x is 0.
  private func truths(_ sample: Int) -> [Truth] {
    let count = loss.maximumTruths * loss.truthSize
    var result: [Truth] = []
    for number in 0..<loss.maximumTruths {
      let start = sample * count + number * loss.truthSize
      guard context.truth[start] != 0 else { break }
      let label = context.truth[start + 4]
      let isClass = label >= 0 && label < Double(classes)
      result.append(
        Truth(
          box: Box(context.truth[start..<(start + 4)]), label: isClass ? Int(label) : -1))
    }
    return result
  }

  // MARK: The comparison

  /// The cost and δ.
  consuming func value() -> LossValue {
    for sample in 0..<output.batch {
      let truths = truths(sample).filter { $0.label >= 0 }
      comparePredictions(sample, truths)
      for truth in truths { compare(truth, sample) }
      if isGaussian || loss.matchThreshold < 1 { average(sample) }
    }
    let cost = cost
    let factor = loss.deltaNormalizer
    return LossValue(cost: cost, delta: factor == 1 ? delta : delta.map { factor * $0 })
  }

  /// Every proposal: objectness goes to 0, unless it overlaps a truth well enough.
  private mutating func comparePredictions(_ sample: Int, _ truths: [Truth]) {
    for row in 0..<height {
      for column in 0..<width {
        for box in mask.indices {
          let place = Place(sample: sample, box: box, row: row, column: column)
          compare(place, truths)
        }
      }
    }
  }

  private mutating func compare(_ place: Place, _ truths: [Truth]) {
    let prediction = prediction(place, anchor: mask[place.box])
    let showsClass =
      !loss.ignoresBoxesWithoutClass
      || (0..<classes).contains { value(place, coordinates + 1 + $0) > 0.25 }
    var best: (overlap: Double, truth: Truth?) = (0, nil)
    for truth in truths {
      let overlap = prediction.iou(truth.box)
      if overlap > best.overlap { best = (overlap, truth) }
    }
    let ignored = showsClass ? best.overlap : 0
    let object = index(place, coordinates)
    let seen = output.values[object]
    delta[object] = loss.objectNormalizer * (0 - seen)
    if ignored > loss.ignoreThreshold {
      if !loss.smoothsObjectness {
        delta[object] = 0
      } else if isGaussian {
        delta[object] = loss.objectNormalizer * (ignored * ignored - seen)
        if let truth = best.truth { learnClass(truth.label, place) }
      } else {
        delta[object] = max(delta[object], loss.objectNormalizer * (ignored - seen))
      }
    }
    if best.overlap > loss.truthThreshold, let truth = best.truth {
      let aim = loss.smoothsObjectness ? best.overlap * best.overlap : 1
      delta[object] = loss.objectNormalizer * (aim - seen)
      learnClass(truth.label, place)
      if loss.smoothsObjectness {
        let label = index(place, coordinates + 1 + truth.label)
        delta[label] = factor(truth.label) * (aim - output.values[label])
      }
      learnBox(truth, place, anchor: mask[place.box])
    }
  }

  /// A truth: the anchor that fits it best learns it, and others that fit well enough.
  private mutating func compare(_ truth: Truth, _ sample: Int) {
    let shifted = Box.sized(truth.box.width, truth.box.height)
    let candidates = (0..<(anchors.count / 2)).map { number in
      Box.sized(
        anchor(number).width / Double(context.imageExtents.width),
        anchor(number).height / Double(context.imageExtents.height))
    }
    var best: (overlap: Double, number: Int) = (0, 0)
    for (number, candidate) in candidates.enumerated() {
      let overlap = candidate.iou(shifted)
      if overlap > best.overlap { best = (overlap, number) }
    }
    learn(truth, sample, anchor: best.number)
    guard loss.matchThreshold < 1 else { return }
    for (number, candidate) in candidates.enumerated() where number != best.number {
      if overlap(candidate, shifted) > loss.matchThreshold {
        learn(truth, sample, anchor: number)
      }
    }
  }

  private func overlap(_ a: Box, _ b: Box) -> Double {
    switch loss.matchKind {
    case .giou: a.giou(b)
    case .diou: a.diou(b)
    case .ciou: a.ciou(b)
    case .iou, .mse: a.iou(b)
    }
  }

  /// One anchor learns a truth, if this head has it.
  private mutating func learn(_ truth: Truth, _ sample: Int, anchor number: Int) {
    guard let box = mask.firstIndex(of: number) else { return }
    let (row, column) = cell(of: truth.box)
    guard (0..<height).contains(row), (0..<width).contains(column) else { return }
    let place = Place(sample: sample, box: box, row: row, column: column)
    let prediction = prediction(place, anchor: number)
    overlapLoss += 1 - prediction.iou(truth.box)
    generalizedLoss += 1 - prediction.giou(truth.box)
    matches += 1
    learnBox(truth, place, anchor: number)
    let object = index(place, coordinates)
    if !loss.smoothsObjectness || isGaussian || delta[object] == 0 {
      delta[object] =
        factor(truth.label) * loss.objectNormalizer * (1 - output.values[object])
    }
    learnClass(truth.label, place)
  }

  /// The cell that a truth falls into.
  private func cell(of truth: Box) -> (row: Int, column: Int) {
    let shift: Double =
      switch loss.point {
      case .center: 0
      case .leftTop: -0.5
      case .rightBottom: 0.5
      }
    let y = (truth.y + shift * truth.height) * Double(height)
    let x = (truth.x + shift * truth.width) * Double(width)
    // A label far outside the picture has no cell.
    guard abs(x) < 1e6, abs(y) < 1e6 else { return (-1, -1) }
    guard loss.point != .center else { return (Int(y), Int(x)) }
    return (min(height - 1, max(0, Int(y))), min(width - 1, max(0, Int(x))))
  }

  // MARK: The cost

  /// `Σ δ²`; with an overlap as the loss, its mean over the truths in place of the coordinates' part.
  private var cost: Double {
    let all = delta.reduce(0) { $0 + $1 * $1 }
    guard loss.coordinates != .mse, !isGaussian else { return all }
    let entries = 5 + classes
    var others = 0.0
    for (position, d) in delta.enumerated() where position / area % entries >= 4 {
      others += d * d
    }
    let sum = loss.coordinates == .giou ? generalizedLoss : overlapLoss
    return loss.boxNormalizer * sum / Double(max(matches, 1)) + loss.objectNormalizer * others
  }
}
