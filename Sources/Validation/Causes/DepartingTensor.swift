import ModelGraph

/// A tensor whose numbers differ, with the numbers of both sides in the order that they share.
struct DepartingTensor {
  /// Its position in ``ModelNumbers``.
  let position: Int
  let parameter: ComparedParameter
  let candidateParameter: ComparedParameter
  let reference: [Float]
  let candidate: [Float]
  /// How many numbers differ.
  let differing: Int

  init?(
    position: Int, _ entry: ModelNumbers.Entry, reference: [Float], candidate: [Float]
  ) {
    guard !reference.isEmpty, reference.count == candidate.count,
      reference.count == entry.reference.extents.reduce(1, *)
    else { return nil }
    self.position = position
    parameter = entry.reference
    candidateParameter = entry.candidate
    self.reference = reference
    var candidate = candidate
    if entry.reference.isRounded || entry.candidate.isRounded {
      // What a conversion had to round is no difference.
      for (index, number) in reference.enumerated()
      where abs(Double(number) - Double(candidate[index]))
        <= Comparison.roundingOfAdjusted * abs(Double(number))
      {
        candidate[index] = number
      }
    }
    self.candidate = candidate
    differing = zip(reference, candidate).reduce(0) { $0 + ($1.0.isSame(as: $1.1) ? 0 : 1) }
    // Doubles may differ where float32 does not show it.
    guard differing > 0 else { return nil }
  }

  var name: String { parameter.name }
  /// Whether a conversion had to round one of the two.
  var isRounded: Bool { parameter.isRounded || candidateParameter.isRounded }
  var count: Int { reference.count }
  var extents: [Int] { parameter.extents }
  var axes: [String] { parameter.axes }

  /// Whether `rule` makes the reference's numbers the candidate's, all of them.
  func allSatisfy(_ rule: (_ reference: Float, _ candidate: Float) -> Bool) -> Bool {
    reference.withUnsafeBufferPointer { a in
      candidate.withUnsafeBufferPointer { b in
        for index in a.indices where !rule(a[index], b[index]) { return false }
        return true
      }
    }
  }

  /// The numbers that differ, for those who want few of them.
  var departures: some Sequence<Int> {
    reference.indices.lazy.filter { !reference[$0].isSame(as: candidate[$0]) }
  }

  /// A place as an index of each axis.
  func index(of place: Int) -> [Int] {
    var rest = place
    return extents.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }.reversed()
  }
}

/// A tensor as slices across one of its axes: filters, input channels, gates.
struct Slices {
  private let outer: Int
  let count: Int
  let inner: Int

  init(_ extents: [Int], axis: Int) {
    outer = extents[..<axis].reduce(1, *)
    count = extents[axis]
    inner = extents[(axis + 1)...].reduce(1, *)
  }

  /// The slice that a place belongs to.
  func slice(of place: Int) -> Int { place / inner % count }

  /// Whether a slice of one tensor is a slice of another.
  func isSame(_ a: [Float], _ slice: Int, _ b: [Float], _ other: Int) -> Bool {
    allSatisfy(a, slice, b, other) { $0.isSame(as: $1) }
  }

  func allSatisfy(
    _ a: [Float], _ slice: Int, _ b: [Float], _ other: Int, _ rule: (Float, Float) -> Bool
  ) -> Bool {
    for row in 0..<outer {
      let (x, y) = ((row * count + slice) * inner, (row * count + other) * inner)
      for step in 0..<inner where !rule(a[x + step], b[y + step]) { return false }
    }
    return true
  }

  /// The numbers of a slice.
  func numbers(_ values: [Float], _ slice: Int) -> [Float] {
    (0..<outer).flatMap { row in
      let start = (row * count + slice) * inner
      return values[start..<start + inner]
    }
  }

  /// A number for each slice, by which different ones are told apart in one pass.
  func digests(_ values: [Float]) -> [UInt64] {
    var digests = [UInt64](repeating: 0xCBF2_9CE4_8422_2325, count: count)
    var place = 0
    for _ in 0..<outer {
      for slice in 0..<count {
        var digest = digests[slice]
        for step in place..<place + inner {
          digest = (digest ^ UInt64(values[step].bitPattern)) &* 0x100_0000_01B3
          digest ^= digest >> 29
        }
        digests[slice] = digest
        place += inner
      }
    }
    return digests
  }
}

extension Float {
  /// Whether two numbers are one to the bit, but for which NaN it is.
  func isSame(as other: Float) -> Bool {
    bitPattern == other.bitPattern || isNaN && other.isNaN
  }
}
