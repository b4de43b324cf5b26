import FileSupport
import ModelGraph

/// Numbers that stand some floats later or earlier than they should: behind a header of another size, or from a tensor on.
///
/// What is looked for is a window of the candidate's numbers among the reference's near its place; a shift that is found
/// is then held against every number that follows.
enum ShiftedNumbers: CauseTrial {
  /// How far a shift is looked for.
  private static let reach = 4096
  private static let window = 6

  static func cause(_ evidence: LayerEvidence) throws(ModelFileError) -> LikelyCause? {
    if let tensor = evidence.single, evidence.isAlone {
      return StoredOrders(tensor).first(shift).map { within in
        evidence.cause(.shiftedTensor, text(within))
      }
    }
    return try wholeFile(evidence)
  }

  private static func text(_ shift: Int) -> String {
    "\(abs(shift).counted("float")) \(shift > 0 ? "later" : "earlier")"
  }

  // MARK: One tensor

  /// How far the numbers of a tensor are shifted, from the first that differs to the last.
  private static func shift(_ reference: [Float], _ candidate: [Float]) -> Int? {
    let differs = { (place: Int) in !reference[place].isSame(as: candidate[place]) }
    guard let first = candidate.indices.first(where: differs),
      let last = candidate.indices.last(where: differs)
    else { return nil }
    let limit = min(reach, last - first)
    guard limit > 0 else { return nil }
    for distance in 1...limit {
      for shift in [distance, -distance] {
        let places = shift > 0 ? first + shift...last : first...last + shift
        var found = 0
        let isShifted = places.allSatisfy { place in
          if differs(place) { found += 1 }
          return candidate[place].isSame(as: reference[place - shift])
        }
        // Two slices in each other's place are half explained by a shift, too.
        if isShifted, found > max(2, 2 * distance) { return shift }
      }
    }
    return nil
  }

  // MARK: A file

  private static func wholeFile(_ evidence: LayerEvidence) throws(ModelFileError) -> LikelyCause? {
    let model = evidence.model
    guard let tensor = evidence.departing.first, let last = model.departing.last,
      let place = tensor.departures.first(where: { _ in true })
    else { return nil }
    let first = model.entries[tensor.position].start + place
    let range = first..<model.entries[last].end
    for shift in try candidates(model, in: range) {
      if try isShifted(model, range, by: shift) {
        return LikelyCause(
          .shiftedFile, layer: evidence.layer, tensor: tensor.name,
          detail: "\(text(shift)) from number \(place) of \(evidence.shortName(tensor.name)) on")
      }
    }
    return nil
  }

  /// The shifts by which a window of the candidate is found in the reference.
  private static func candidates(
    _ model: ModelNumbers, in range: Range<Int>
  ) throws(ModelFileError) -> [Int] {
    // Behind what a shift leaves undetermined, as far as there is so much.
    let reach = min(reach, range.count / 3)
    let total = model.entries.last?.end ?? 0
    let begin = range.lowerBound + reach
    let end = min(begin + 4 * Self.reach, range.upperBound)
    let numbers = try numbers(model, .candidate, in: begin..<end)
    // Where numbers repeat themselves every shift fits.
    guard
      let start = numbers.indices.dropLast(window - 1).first(where: {
        Set(numbers[$0..<$0 + window].map(\.bitPattern)).count == window
      })
    else { return [] }
    let wanted = numbers[start..<start + window]
    let place = begin + start
    let around = max(0, place - reach)..<min(total, place + reach + window)
    let others = try Self.numbers(model, .reference, in: around)
    return others.indices.dropLast(window - 1).compactMap { position in
      let isFound = zip(others[position..<position + window], wanted).allSatisfy {
        $0.isSame(as: $1)
      }
      let shift = place - (around.lowerBound + position)
      return isFound && shift != 0 ? shift : nil
    }.sorted { abs($0) < abs($1) }
  }

  private static func isShifted(
    _ model: ModelNumbers, _ range: Range<Int>, by shift: Int
  ) throws(ModelFileError) -> Bool {
    let lower = shift > 0 ? range.lowerBound + shift : range.lowerBound
    let upper = shift > 0 ? range.upperBound : range.upperBound + shift
    guard lower < upper, let first = model.position(holding: lower) else { return false }
    var moved = 0
    for position in first..<model.entries.count {
      let entry = model.entries[position]
      guard entry.start < upper else { break }
      let part = max(entry.start, lower)..<min(entry.end, upper)
      let candidate = try model.numbers(position, .candidate)
      let own = try model.numbers(position, .reference)
      let reference = try numbers(
        model, .reference, in: part.lowerBound - shift..<part.upperBound - shift)
      guard candidate.count == entry.count, own.count == entry.count, reference.count == part.count
      else { return false }
      for (step, place) in part.enumerated() {
        guard candidate[place - entry.start].isSame(as: reference[step]) else { return false }
        if !own[place - entry.start].isSame(as: reference[step]) { moved += 1 }
      }
    }
    return moved >= max(3, abs(shift))
  }

  /// The numbers of a range over all tensors.
  private static func numbers(
    _ model: ModelNumbers, _ side: ModelNumbers.Side, in range: Range<Int>
  ) throws(ModelFileError) -> [Float] {
    var result: [Float] = []
    guard range.lowerBound >= 0, var position = model.position(holding: range.lowerBound) else {
      return result
    }
    while position < model.entries.count, model.entries[position].start < range.upperBound {
      let entry = model.entries[position]
      let values = try model.numbers(position, side)
      guard values.count == entry.count else { return result }
      result +=
        values[
          max(range.lowerBound - entry.start, 0)..<min(range.upperBound - entry.start, entry.count)]
      position += 1
    }
    return result
  }
}
