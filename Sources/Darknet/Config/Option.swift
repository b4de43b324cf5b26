import FileSupport
import ModelGraph

/// What `nnfmt layers` and the lint know about an option.
public struct OptionDescription: Sendable {
  /// The key in the cfg.
  public let key: String
  /// What a value looks like: `integer`, `number`, `text`, `integers`, `numbers`.
  public let form: String
  /// What holds if the key is missing, as text.
  public let defaultText: String
  /// The forks that know the key.
  public let dialects: Set<Dialect>
  /// The operation that the option turns the layer into, or adds to it.
  public var operation: (any Operation.Type)?
  /// Whether it changes what is learned in a way that nnfmt does not follow.
  var isRefusedInTraining = false
}

/// A type that an option's value can have.
protocol OptionValue: Sendable, Equatable {
  static var form: String { get }
  /// Reads a value the way darknet does; `isWhole` tells whether all of the text was used.
  static func parse(_ text: Substring) -> (value: Self, isWhole: Bool)
  /// The text that is read as this value.
  var optionText: String { get }
  /// Why nnfmt does not go on with the value, though darknet does; `nil` if it does.
  var refusal: (kind: ModelFileError.Kind, problem: String, expected: String)? { get }
}

extension OptionValue {
  var optionText: String { "\(self)" }
  var refusal: (kind: ModelFileError.Kind, problem: String, expected: String)? { nil }
}

extension Int: OptionValue {
  static var form: String { "integer" }
  static func parse(_ text: Substring) -> (value: Int, isWhole: Bool) { NumberSyntax.integer(text) }
  /// darknet keeps the lowest 32 bits, which nobody means.
  var refusal: (kind: ModelFileError.Kind, problem: String, expected: String)? {
    let range = Int(Int32.min)...Int(Int32.max)
    return range.contains(self)
      ? nil
      : (
        .damaged, "is out of the range of darknet's numbers",
        "\(range.lowerBound) to \(range.upperBound)"
      )
  }
}

extension Double: OptionValue {
  static var form: String { "number" }
  static func parse(_ text: Substring) -> (value: Double, isWhole: Bool) { NumberSyntax.real(text) }
  /// darknet goes on with what then is no number.
  var refusal: (kind: ModelFileError.Kind, problem: String, expected: String)? {
    Float(self).isFinite
      ? nil
      : (.unsupported, "is no finite number", "a number that float32 can hold")
  }
}

extension String: OptionValue {
  static var form: String { "text" }
  static func parse(_ text: Substring) -> (value: String, isWhole: Bool) { (String(text), true) }
}

extension Array: OptionValue where Element: OptionValue {
  static var form: String { "\(Element.form)s" }

  /// A comma separates; a `#` ends the list (`parser.c: parse_yolo_mask` and its like).
  static func parse(_ text: Substring) -> (value: [Element], isWhole: Bool) {
    let list = text.utf8.prefix { $0 != UInt8(ascii: "#") }
    let items = list.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { Element.parse(Substring($0)) }
    return (items.map(\.value), list.endIndex == text.endIndex && items.allSatisfy(\.isWhole))
  }

  var optionText: String { map(\.optionText).joined(separator: ",") }
  var refusal: (kind: ModelFileError.Kind, problem: String, expected: String)? {
    lazy.compactMap(\.refusal).first
  }
}

/// A key that a section may hold, with what holds if it is missing.
struct Option<Value: OptionValue>: Sendable {
  let key: String
  let defaultValue: Value
  let dialects: Set<Dialect>
  /// The operation that the option turns the layer into, or adds to it.
  let operation: (any Operation.Type)?
  /// Whether training refuses the option, unless it is 0.
  let isRefusedInTraining: Bool

  init(
    _ key: String, _ defaultValue: Value, in dialects: Set<Dialect> = .all,
    gives operation: (any Operation.Type)? = nil, refused isRefusedInTraining: Bool = false
  ) {
    self.isRefusedInTraining = isRefusedInTraining
    self.key = key
    self.defaultValue = defaultValue
    self.dialects = dialects
    self.operation = operation
  }

  /// The option without its type.
  var description: OptionDescription {
    OptionDescription(
      key: key, form: Value.form, defaultText: "\(defaultValue)", dialects: dialects,
      operation: operation, isRefusedInTraining: isRefusedInTraining)
  }
}

/// Keys that only steer training or a device: known, so that no one is warned of them, and without
/// a bearing on shapes, weights or inference. Their values are read by whoever trains.
///
/// - Parameter isRefused: whether training refuses the options, unless they are 0.
func trainingOptions(
  _ keys: String..., in dialects: Set<Dialect> = .all, refused isRefused: Bool = false
) -> [OptionDescription] {
  keys.map {
    OptionDescription(
      key: $0, form: "text", defaultText: "", dialects: dialects, isRefusedInTraining: isRefused)
  }
}
