import FileSupport
import ModelGraph

extension Pooling: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    rule == .average && window.padding.contains { $0.total > 0 }
      ? "at the border δ is divided by size², not by the cells that exist" : nil
  }

  /// δ goes to the first of the largest cells (`maxpool_layer.c`); of a mean, to all cells divided by `size²`
  /// even at the border, where fewer exist (`maxpool_layer.c: backward_local_avgpool_layer`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let x = step.inputs[0]
    let planes = try WindowPlanes(window, step)
    var below = [Double](repeating: 0, count: x.values.count)
    switch rule {
    case .maximum:
      var winners = [Int](repeating: -1, count: step.delta.count)
      planes.forEach { place, cell, _ in
        if winners[place] < 0 || x.values[cell] > x.values[winners[place]] {
          winners[place] = cell
        }
      }
      for (place, winner) in winners.enumerated() where winner >= 0 {
        below[winner] += step.delta[place]
      }
    case .average:
      let size = Double(window.size[0] * window.size[1])
      planes.forEach { place, cell, _ in below[cell] += step.delta[place] / size }
    }
    return [below]
  }
}

extension Blur: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// A convolution of each channel with weights that stay as they are.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    let w = kernel.weights.map(Double.init)
    var below = [Double](repeating: 0, count: step.inputs[0].values.count)
    try WindowPlanes(window, step).forEach { place, cell, tap in
      below[cell] += w[tap] * step.delta[place]
    }
    return [below]
  }
}

/// A window that moves over each channel of a batch by itself.
private struct WindowPlanes {
  private let columns: Columns
  private let count: Int

  init(_ window: Window, _ step: BackwardStep) throws(ModelFileError) {
    let (x, y) = (step.inputs[0].image, step.output.image)
    columns = try Columns(
      window, image: (1, x.height, x.width), places: (y.height, y.width))
    count = step.output.batch * y.channels
  }

  /// Calls `body` for each place of the window and each cell that it sees there: with the places of the two in
  /// the output and in the input, and the cell's place in the window.
  @inline(__always)
  func forEach(_ body: (_ place: Int, _ cell: Int, _ tap: Int) -> Void) {
    let area = columns.image.height * columns.image.width
    for plane in 0..<count {
      columns.forEach { entry, cell in
        let (tap, place) = entry.quotientAndRemainder(dividingBy: columns.count)
        body(plane * columns.count + place, plane * area + cell, tap)
      }
    }
  }
}

extension Reduce: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// δ, of a mean divided by the numbers that it is of, to each of them (`avgpool_layer.c`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    guard rule == .sum || rule == .mean else {
      throw ModelFileError(.unsupported, "the rule '\(rule.rawValue)' can't be trained through")
    }
    let input = step.inputs[0].sample
    var extents = input.extents
    for axis in axes { extents[axis] = 1 }
    let places = Shape(extents).places(repeatedTo: input)
    let (count, size) = (step.output.sampleCount, Double(places.count / step.output.sampleCount))
    let divisor = rule == .mean ? size : 1
    return [
      step.inputs[0].values.indices.map { index in
        let (sample, place) = index.quotientAndRemainder(dividingBy: places.count)
        return step.delta[sample * count + places[place]] / divisor
      }
    ]
  }
}

extension ChannelMaximum: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// δ goes to the first of the largest channels.
  func back(_ step: BackwardStep) -> [[Double]?] {
    let (x, count) = (step.inputs[0], step.output.sampleCount)
    var below = [Double](repeating: 0, count: x.values.count)
    for (place, delta) in step.delta.enumerated() {
      let (sample, index) = place.quotientAndRemainder(dividingBy: count)
      let end = (sample + 1) * x.sampleCount
      var winner = sample * x.sampleCount + index
      for other in stride(from: winner, to: end, by: count) where x.values[other] > x.values[winner]
      {
        winner = other
      }
      below[winner] += delta
    }
    return [below]
  }
}
