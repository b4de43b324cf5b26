/// Numbers on a grid of at most 256 steps, each the nearest to the reference's: what is left of eight bits.
enum Quantization: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    guard evidence.departing.reduce(0, { $0 + $1.differing }) > 7 else { return nil }
    return evidence.each(.quantised) { tensor in
      if let grid = Grid(tensor.candidate), grid.isMeaningful,
        tensor.allSatisfy(grid.isNearest)
      {
        return Explanation(detail: "\(grid.steps + 1) steps of \(Float(grid.step))")
      }
      for axis in tensor.extents.indices where tensor.extents[axis] > 1 {
        guard isByChannel(tensor, axis: axis) else { continue }
        return Explanation(detail: "a grid for each \(tensor.axes[axis])")
      }
      return nil
    }
  }

  private static func isByChannel(_ tensor: DepartingTensor, axis: Int) -> Bool {
    let slices = Slices(tensor.extents, axis: axis)
    var meaningful = 0
    var told = 0
    for slice in 0..<slices.count {
      let candidate = slices.numbers(tensor.candidate, slice)
      let reference = slices.numbers(tensor.reference, slice)
      let isNearest = { (grid: Grid) in
        zip(reference, candidate).allSatisfy { grid.isNearest($0, $1) }
      }
      if let grid = Grid(symmetric: candidate), isNearest(grid) {
        told += grid.distinct - 1
      } else if let grid = Grid(candidate), isNearest(grid) {
        if grid.isMeaningful { meaningful += 1 }
      } else if !slices.isSame(tensor.reference, slice, tensor.candidate, slice) {
        return false
      }
    }
    // Of a hundred numbers not one lies on a symmetric grid by chance.
    return meaningful * 2 > slices.count || told > 3
  }
}

/// The equidistant numbers that some numbers are among.
private struct Grid {
  let step: Double
  let steps: Int
  private let lowest: Double
  private let highest: Double
  let distinct: Int

  /// `nil` if the numbers lie on no grid of at most 256 numbers, or are all the same.
  init?(_ values: [Float]) {
    var seen: Set<Float> = []
    for value in values {
      guard value.isFinite else { return nil }
      seen.insert(value)
      if seen.count > 256 { return nil }
    }
    let sorted = seen.sorted().map(Double.init)
    guard sorted.count > 1, let lowest = sorted.first, let highest = sorted.last else { return nil }
    // What all gaps are multiples of. With at most 256 steps less than a fourth of one is rounding.
    let range = highest - lowest
    let noise = range / 1024
    var step = range
    for (a, b) in zip(sorted, sorted.dropFirst()) {
      var (x, y) = (step, b - a)
      while y > noise { (x, y) = (y, abs(x - (x / y).rounded() * y)) }
      // Else the error of one remainder would grow with the next.
      step = range / (range / x).rounded()
    }
    guard range / step < 255.5 else { return nil }
    let isGrid = sorted.allSatisfy {
      let place = ($0 - lowest) / step
      return abs(place - place.rounded()) < 0.01
    }
    guard isGrid else { return nil }
    self.step = step
    steps = Int((range / step).rounded())
    self.lowest = lowest
    self.highest = highest
    distinct = sorted.count
  }

  /// The grid of signed bytes around 0 whose end the largest number is: two numbers are enough for it.
  init?(symmetric values: [Float]) {
    let seen = Set(values)
    let largest = Double(values.reduce(0) { max($0, abs($1)) })
    guard largest > 0, largest.isFinite, seen.count > 1 else { return nil }
    step = largest / 127
    let step = step
    let isGrid = seen.allSatisfy {
      let place = Double($0) / step
      return abs(place - place.rounded()) < 1e-3
    }
    guard isGrid else { return nil }
    (steps, lowest, highest, distinct) = (254, -largest, largest, seen.count)
  }

  /// Whether so many different numbers can't lie on a grid by chance.
  var isMeaningful: Bool { distinct > 4 }

  /// Whether a number of the grid is the nearest to a number: within half a step, or at the end of it.
  func isNearest(_ number: Float, _ other: Float) -> Bool {
    let (x, y) = (Double(number), Double(other))
    // What is beyond the ends was cut off.
    let reach = y == highest && x > y || y == lowest && x < y ? 64 : 0.505
    return abs(x - y) <= step * reach
  }
}
