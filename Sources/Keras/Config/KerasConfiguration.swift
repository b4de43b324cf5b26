import FileSupport
import ModelGraph

/// The configuration of one layer as read from a file, with checked access to its keys.
public struct KerasConfiguration: Sendable {
  /// The name of the layer's class.
  public let className: String
  /// All keys.
  public let members: JSONObject

  /// The largest extent, stride or count that is taken. Products of two such numbers still fit an
  /// `Int`, so no file can make the shape rules overflow.
  public static let largest = 1 << 31

  /// A configuration of a layer of this class.
  public init(className: String, members: JSONObject) {
    self.className = className
    self.members = members
  }

  /// A whole number.
  public func integer(
    _ key: String, default fallback: Int? = nil, in range: ClosedRange<Int> = 1...largest
  ) throws(ModelFileError) -> Int {
    guard let value = members[key], value != .null else {
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
    guard let value = members[key], value != .null else {
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
    guard let elements = members[key]?.elements else {
      throw wrong(key, expected: "a list of whole numbers")
    }
    return try Self.integers(elements, key: key, in: range)
  }

  /// Cells before and after each of two axes: `((top, bottom), (left, right))`, or a number for each
  /// axis, or one for all.
  public func margins(_ key: String, default fallback: Int) throws(ModelFileError) -> [Padding] {
    let range = 0...Self.largest
    guard let pairs = members[key]?.elements, pairs.contains(where: { $0.elements != nil }) else {
      return try integers(key, count: 2, default: [fallback, fallback], in: range).map {
        Padding(before: $0, after: $0)
      }
    }
    guard pairs.count == 2 else { throw wrong(key, expected: "two pairs of whole numbers") }
    var margins: [Padding] = []
    for pair in pairs {
      guard let elements = pair.elements, elements.count == 2 else {
        throw wrong(key, expected: "two pairs of whole numbers")
      }
      let sides = try Self.integers(elements, key: key, in: range)
      margins.append(Padding(before: sides[0], after: sides[1]))
    }
    return margins
  }

  /// A number; `null` counts as missing.
  public func number(_ key: String) throws(ModelFileError) -> Double? {
    guard let value = members[key], value != .null else { return nil }
    // Keras 3 writes numbers that came from arrays as {"class_name": "__numpy__", "config": …}.
    guard let number = value.double ?? value["config"]?["value"]?.double else {
      throw wrong(key, expected: "a number")
    }
    return number
  }

  /// A truth value.
  public func truth(_ key: String, default fallback: Bool) throws(ModelFileError) -> Bool {
    guard let value = members[key], value != .null else { return fallback }
    guard let truth = value.truth else { throw wrong(key, expected: "true or false") }
    return truth
  }

  /// A text.
  public func text(_ key: String, default fallback: String) throws(ModelFileError) -> String {
    guard let value = members[key], value != .null else { return fallback }
    guard let text = value.text else { throw wrong(key, expected: "a text") }
    return text
  }

  /// The name of a function: a text, or an object that Keras made of a function or a layer.
  public func function(_ key: String, default fallback: String) throws(ModelFileError) -> String {
    guard let value = members[key], value != .null else { return fallback }
    guard let name = value.text ?? value["config"]?.text ?? value["class_name"]?.text else {
      throw wrong(key, expected: "the name of a function")
    }
    return name
  }

  /// The `padding` of a window.
  func padding() throws(ModelFileError) -> WindowPadding {
    let name = try text("padding", default: WindowPadding.valid.rawValue)
    guard let padding = WindowPadding(rawValue: name) else {
      throw wrong("padding", expected: "'valid' or 'same'")
    }
    return padding
  }

  /// The `data_format`.
  func layout() throws(ModelFileError) -> ImageLayout {
    switch try text("data_format", default: "channels_last") {
    case "channels_last": return .channelsLast
    case "channels_first": return .channelsFirst
    default: throw wrong("data_format", expected: "'channels_last' or 'channels_first'")
    }
  }

  func wrong(_ key: String, expected: String) -> ModelFileError {
    let found = members[key].map {
      String(decoding: JSONWriter().bytes(of: $0).prefix(80), as: UTF8.self)
    }
    return ModelFileError(
      .damaged, at: [.option(key)], "the layer's configuration has a wrong value",
      expected: expected, found: found ?? "nothing")
  }

  private func missing(_ key: String) -> ModelFileError {
    ModelFileError(
      .damaged, at: [.option(key)], "a layer of class '\(className)' lacks this key")
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
