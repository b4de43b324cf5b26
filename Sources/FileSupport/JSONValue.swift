/// A JSON document, or a part of one.
///
/// Keys keep their order, integers stay exact, and text is compared byte by byte: two spellings of
/// `é` that Unicode calls equal are different here, as they are in the files.
public enum JSONValue: Sendable {
  /// `null`
  case null
  /// `true` or `false`
  case bool(Bool)
  /// A number without fraction and exponent.
  case integer(Int64)
  /// A number without fraction and exponent that is too large for an `Int64`.
  case unsigned(UInt64)
  /// Any other number; NaN and infinities too, for which JSON has no form of its own.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSONValue])
  /// Keys with their values.
  case object(JSONObject)

  /// A whole number, as `integer` where that is large enough.
  public init(_ value: some BinaryInteger) {
    if let small = Int64(exactly: value) {
      self = .integer(small)
    } else if let large = UInt64(exactly: value) {
      self = .unsigned(large)
    } else {
      self = .number(Double(value))
    }
  }

  /// The number whose decimal form is the shortest that gives back this `Float`: 0.1, not
  /// 0.10000000149011612.
  public init(shortest value: Float) {
    self = .number(Double("\(value)") ?? Double(value))
  }

  /// A list of whole numbers.
  public init(_ values: [Int]) {
    self = .array(values.map { JSONValue($0) })
  }
}

extension JSONValue: Equatable {
  /// Whether the documents are the same but for the order of keys. Texts are compared by their bytes;
  /// `1` and `1.0` differ.
  public static func == (a: JSONValue, b: JSONValue) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.integer(let a), .integer(let b)): a == b
    case (.unsigned(let a), .unsigned(let b)): a == b
    case (.number(let a), .number(let b)): a == b || (a.isNaN && b.isNaN)
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }
}

extension JSONValue: Hashable {
  /// Takes what the value is; of an object only the size, as the order of its keys doesn't count.
  public func hash(into hasher: inout Hasher) {
    switch self {
    case .null: break
    case .bool(let value): hasher.combine(value)
    case .integer(let value): hasher.combine(value)
    case .unsigned(let value): hasher.combine(value)
    case .number(let value): hasher.combine(value.isNaN ? 0 : value)
    case .string(let value): hasher.combine(value)
    case .array(let values): hasher.combine(values)
    case .object(let object): hasher.combine(object.count)
    }
  }
}

extension JSONValue {
  /// The text, if this is one.
  public var text: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The truth value, if this is one.
  public var truth: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The whole number, if this is one that fits; `2.0` counts as 2.
  public var int: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .unsigned(let value): Int(exactly: value)
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The number, if this is one.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The elements, if this is a list.
  public var elements: [JSONValue]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members, if this is an object.
  public var object: JSONObject? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The value of a key; `nil` if this is no object or lacks the key.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// An element; `nil` if this is no list or too short.
  public subscript(index: Int) -> JSONValue? {
    guard let elements, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `null`
  public init(nilLiteral: ()) { self = .null }
  /// `true`, `false`
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int64) { self = .integer(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A list.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// Keys with their values, in the order of the source.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
