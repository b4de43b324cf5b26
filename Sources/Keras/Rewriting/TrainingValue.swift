import FileSupport

/// What a key of an optimizer, a loss, a metric or a schedule takes.
///
/// The constructors of both Kerases raise on other values, so that the file would not load: such a value is no less
/// unknown than an unknown key.
enum TrainingValue: Sendable {
  /// `true` or `false`.
  case truth
  /// A number, or none.
  case optionalNumber
  /// A number.
  case number
  /// A number from 0 to 1.
  case fraction
  /// A number of at least 0.
  case amount
  /// A number of at least 0, or none.
  case optionalAmount
  /// A number of at most 0.
  case negative
  /// A whole number.
  case whole
  /// A whole number, or none.
  case optionalWhole
  /// A whole number of at least this.
  case count(Int)
  /// A whole number of at least this, or none.
  case optionalCount(Int)
  /// One of these texts.
  case word(Set<String>)
  /// Numbers.
  case numbers
  /// Numbers from 0 to 1, or one of them, or none.
  case thresholds

  /// The value as it is written: what Keras 3 takes for a fraction only with a point gets one. `nil` for another.
  func written(_ value: JSONValue) -> JSONValue? {
    switch self {
    case .truth: value.truth.map { .bool($0) }
    case .number: Self.number(value) { _ in true }
    case .fraction: Self.number(value) { (0...1).contains($0) }
    case .amount: Self.number(value) { $0 >= 0 }
    case .negative: Self.number(value) { $0 <= 0 }
    case .optionalNumber: value == .null ? value : Self.number.written(value)
    case .optionalAmount: value == .null ? value : Self.amount.written(value)
    case .whole: Self.whole(value)
    case .optionalWhole: value == .null ? value : Self.whole(value)
    case .count(let least): Self.whole(value).flatMap { ($0.int ?? 0) >= least ? $0 : nil }
    case .optionalCount(let least): value == .null ? value : Self.count(least).written(value)
    case .word(let words): value.text.flatMap { words.contains($0) ? value : nil }
    case .numbers: Self.list(value, of: .number) == nil ? nil : value
    case .thresholds:
      value == .null
        ? value
        : value.elements == nil
          ? Self.fraction.written(value) : Self.list(value, of: .fraction)
    }
  }

  private static func number(_ value: JSONValue, _ isFit: (Double) -> Bool) -> JSONValue? {
    guard let number = value.double, number.isFinite, isFit(number) else { return nil }
    return .number(number)
  }

  private static func whole(_ value: JSONValue) -> JSONValue? {
    guard value.double != nil, let number = value.int else { return nil }
    return JSONValue(number)
  }

  private static func list(_ value: JSONValue, of kind: TrainingValue) -> JSONValue? {
    guard let elements = value.elements else { return nil }
    let written = elements.compactMap { kind.written($0) }
    return written.count == elements.count ? .array(written) : nil
  }
}

/// What an optimizer, a loss, a metric or a schedule is made with.
struct TrainingClass: Sendable {
  /// The keys that both Kerases' constructors take.
  let keys: [String: TrainingValue]
  /// Those of ``keys`` that must be there, since the Kerases start from other values, or from none.
  var required: Set<String> = []
  /// Further keys that one Kerases' constructor takes, which mean nothing if they have this value.
  var meaningless: [String: JSONValue] = [:]
}
