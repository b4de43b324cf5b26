import FileSupport
import ModelGraph

/// Of which kind a value is, where that decides whether a generation takes it. What Keras itself never writes under a
/// key may be taken by one class and not by another, so that nothing is claimed of it.
extension ConfigurationLoader {
  /// Numbers and flags of another kind than usual are taken by some classes and not by others.
  mutating func plain(
    _ value: JSONValue, of key: String, _ kind: NameTable.Kind?, in className: String
  ) {
    let isUsual: Bool =
      switch (kind, value) {
      case (.truth, .bool), (.number, .integer), (.number, .number), (.number, .array): true
      case (.number, .object(let object)): object.contains { _ in true }
      case (.wholeNumber, .integer), (.wholeNumber, .array): true
      case (.list, .array), (.list, .integer): true
      case (nil, .null):
        !["padding", "interpolation"].contains(key)
          && (generation == .third || !["batch_input_shape", "input_shape"].contains(key))
      case (nil, .string(let text)):
        !Self.numbers.contains(key)
          && (!Self.words.contains(key) || text.allSatisfy { !$0.isUppercase })
      case (nil, .array): !Self.words.contains(key)
      case (nil, .integer): !Self.words.contains(key) && !Self.lists.contains(key)
      case (nil, .number):
        !Self.words.contains(key) && !Self.wholeNumbers.contains(key) && !Self.lists.contains(key)
      case (nil, .bool), (nil, .object): !Self.words.contains(key) && !Self.numbers.contains(key)
      default: false
      }
    if !isUsual {
      doubt("'\(key)' of \(Self.shown(className)) has a value of an unusual kind")
    }
  }

  /// Holds what a function of `keras.ops` is made with against what functions take.
  ///
  /// - Parameter isKnown: whether the function is one that is read and computed here, with its own look at the values.
  mutating func value(
    _ value: JSONValue, of key: String, inFunction className: String, isKnown: Bool
  ) throws(LoadingRefusal) {
    guard key != "name" else { return try name(value) }
    let isUsual: Bool =
      switch (key, value) {
      case (_, .null): true
      case ("dtype", .string(let name)): ElementType(rawValue: name) != nil
      case ("dtype", _): false
      case (_, .bool): !Self.words.contains(key) && !Self.isOfWholeNumbers(key)
      // Which numbers and words a function takes only its shape rule tells.
      case (_, .integer): isKnown && !Self.words.contains(key)
      case (_, .array(let elements)):
        isKnown && Self.isOfWholeNumbers(key) && Self.areWhole(elements)
      case (_, .number): isKnown && !Self.words.contains(key) && !Self.isOfWholeNumbers(key)
      default: isKnown && Self.words.contains(key)
      }
    if !isUsual {
      doubt("whether \(Self.shown(className)) takes its '\(key)' is not known")
    }
  }

  private static func areWhole(_ elements: [JSONValue]) -> Bool {
    elements.allSatisfy { element in
      switch element {
      case .integer, .null: true
      case .array(let inner): areWhole(inner)
      default: false
      }
    }
  }

  /// Keys of functions that count or name axes.
  private static func isOfWholeNumbers(_ key: String) -> Bool {
    key.hasPrefix("ax") || wholeNumbers.contains(key)
  }

  /// Keys whose value is one of a few words.
  private static let words: Set<String> = [
    "padding", "data_format", "interpolation", "merge_mode", "mode", "output_mode", "fill_mode",
    "method", "indexing", "side", "reduction", "order", "pool_mode", "score_mode", "equation",
  ]

  /// Keys without a kind of their own whose value is whole or a list of such.
  private static let wholeNumbers: Set<String> = [
    "shape", "newshape", "repeats", "pad_width", "num", "k", "shift", "decimals", "strides", "size",
    "indices_or_sections", "input_length", "seed", "max_tokens", "noise_shape", "output_padding",
    "num_classes", "source", "destination", "n", "output_shape", "target_shape", "input_dim",
  ]

  /// Keys without a kind of their own whose value is a list.
  private static let lists: Set<String> = [
    "bin_boundaries", "attention_axes", "shared_axes", "vocabulary", "idf_weights", "weights",
    "batch_input_shape", "input_shape", "value_range",
  ]

  /// Keys without a kind of their own whose value is a number or a list of such, and never a text or a flag.
  private static let numbers: Set<String> = wholeNumbers.union(lists).union([
    "max_value", "mean", "variance", "axis", "lora_rank", "lora_alpha", "batch_size",
  ])
}
