import FileSupport
import ModelGraph

/// Numbers, alone and in lists, as Python takes them.
extension KerasConfiguration {
  /// Axes as Keras counts them: a number or a list.
  func axes(default fallback: [Int]) throws(ModelFileError) -> [Int] {
    guard isSet("axis") else { return fallback }
    return value("axis")?.elements == nil
      ? [try integer("axis", in: -32...32)] : try integerList("axis", in: -32...32)
  }

  /// A whole number.
  public func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 1...largest
  ) throws(ModelFileError) -> Int {
    guard let value = value(key), value != .null else {
      if let fallback { return fallback }
      throw missing(key)
    }
    return try Self.integer(value, key: key, in: range)
  }

  /// Whole numbers: a list of `count` of them, or one that stands for all.
  public func integers(
    _ key: String, count: Int, default fallback: [Int]? = nil,
    in range: ClosedRange<Int> = 1...largest
  ) throws(ModelFileError) -> [Int] {
    guard let value = value(key), value != .null else {
      if let fallback { return fallback }
      throw missing(key)
    }
    guard let elements = value.elements else {
      return [Int](repeating: try Self.integer(value, key: key, in: range), count: count)
    }
    guard elements.count == count else {
      throw wrong(key, expected: "\(count) whole numbers")
    }
    return try Self.integers(elements, key: key, in: range)
  }

  /// A list of whole numbers of any length.
  public func integerList(
    _ key: String, in range: ClosedRange<Int> = 1...largest
  ) throws(ModelFileError) -> [Int] {
    guard let elements = value(key)?.elements else {
      throw wrong(key, expected: "a list of whole numbers")
    }
    return try Self.integers(elements, key: key, in: range)
  }

  /// Cells before and after each of some axes: `((top, bottom), (left, right))`, or a number for each
  /// axis, or one for all. Of a single axis a pair is what lies before and after.
  public func margins(
    _ key: String, count: Int = 2, default fallback: Int
  ) throws(ModelFileError) -> [Padding] {
    let range = 0...Self.largest
    if count == 1, let pair = value(key)?.elements, pair.count == 2 {
      let sides = try Self.integers(pair, key: key, in: range)
      return [Padding(before: sides[0], after: sides[1])]
    }
    guard let pairs = value(key)?.elements, pairs.contains(where: { $0.elements != nil }) else {
      let all = [Int](repeating: fallback, count: count)
      return try integers(key, count: count, default: all, in: range).map {
        Padding(before: $0, after: $0)
      }
    }
    guard pairs.count == count else {
      throw wrong(key, expected: "\(count) pairs of whole numbers")
    }
    var margins: [Padding] = []
    for pair in pairs {
      guard let elements = pair.elements, elements.count == 2 else {
        throw wrong(key, expected: "\(count) pairs of whole numbers")
      }
      let sides = try Self.integers(elements, key: key, in: range)
      margins.append(Padding(before: sides[0], after: sides[1]))
    }
    return margins
  }

  /// A number; `null` counts as missing.
  public func number(_ key: String) throws(ModelFileError) -> Double? {
    guard let value = value(key), value != .null else { return nil }
    // Keras 3 writes numbers that came from arrays as {"class_name": "__numpy__", "config": …}.
    guard let number = value.double ?? value["config"]?["value"]?.double else {
      throw wrong(key, expected: "a number")
    }
    return number
  }

  /// Numbers, as a list of any depth or one alone.
  func nestedNumbers(_ key: String) throws(ModelFileError) -> [Float] {
    var found: [Float] = []
    func collect(_ value: JSONValue) -> Bool {
      if let number = value.double ?? value["config"]?["value"]?.double {
        found.append(Float(number))
        return true
      }
      if let inner = value["config"]?["value"]?.elements ?? value.elements {
        return inner.allSatisfy(collect)
      }
      return false
    }
    guard let value = value(key), collect(value), !found.isEmpty else {
      throw wrong(key, expected: "numbers")
    }
    return found
  }

  private static func integer(
    _ value: JSONValue, key: String, in range: ClosedRange<Int>
  ) throws(ModelFileError) -> Int {
    guard let number = value.int, range.contains(number) else {
      throw ModelFileError(
        .damaged, at: [.option(key)], "the layer's configuration has a wrong value",
        expected: "a whole number from \(range.lowerBound) to \(range.upperBound)",
        found: String(decoding: JSONWriter().bytes(of: value).prefix(80), as: UTF8.self))
    }
    return number
  }

  private static func integers(
    _ values: [JSONValue], key: String, in range: ClosedRange<Int>
  ) throws(ModelFileError) -> [Int] {
    var result: [Int] = []
    for value in values { result.append(try integer(value, key: key, in: range)) }
    return result
  }
}
