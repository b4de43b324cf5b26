import FileSupport

/// One of the things that stand between the brackets of `x[…]` in Python.
enum SliceKey {
  /// `None`: a new axis.
  case newAxis
  /// `...`: all axes that no other key is for.
  case ellipsis
  /// The only element that is taken of an axis, which is left out then.
  case index(Int)
  /// `start:stop:step`, each a whole number or `null`.
  case range(start: JSONValue, stop: JSONValue, step: JSONValue)

  /// `:`
  static let whole = SliceKey.range(start: .null, stop: .null, step: .null)

  /// The key as a configuration has it: tf_keras writes `{"start": …}`, Keras 3 an object of class `__slice__`; `nil` for
  /// what is none.
  init?(_ value: JSONValue) {
    if value == .null {
      self = .newAxis
    } else if value["class_name"]?.text == "__ellipsis__" || value.text == "Ellipsis"
      || value.text == "..."
    {
      self = .ellipsis
    } else if let index = value.int {
      self = .index(index)
    } else if value.object != nil {
      let bounds = value["config"] ?? value
      self = .range(
        start: bounds["start"] ?? .null, stop: bounds["stop"] ?? .null,
        step: bounds["step"] ?? .null)
    } else {
      return nil
    }
  }

  /// The keys in an argument, which is one of them or a list; `nil` if there is anything else in it.
  static func keys(_ argument: KerasArgument?) -> [SliceKey]? {
    var keys: [SliceKey] = []
    for leaf in argument?.leaves ?? [] {
      guard let value = leaf.constant else { return nil }
      for value in value.elements ?? [value] {
        guard let key = SliceKey(value) else { return nil }
        keys.append(key)
      }
    }
    return keys
  }

  /// Keys of which each is for an axis or a new one: whole axes stand where `...` did, or behind the others.
  ///
  /// - Parameters:
  ///   - keys: the keys.
  ///   - rank: how many axes there are, with the batch.
  /// - Returns: `nil` if there are less axes.
  static func spelledOut(_ keys: [SliceKey], rank: Int) -> [SliceKey]? {
    let missing = rank - keys.count { $0.isOfAxis }
    guard missing >= 0 else { return nil }
    let rest = [SliceKey](repeating: .whole, count: missing)
    var result = keys
    if let ellipsis = keys.firstIndex(where: { if case .ellipsis = $0 { true } else { false } }) {
      result.replaceSubrange(ellipsis...ellipsis, with: rest)
    } else {
      result += rest
    }
    return result
  }

  private var isOfAxis: Bool {
    switch self {
    case .newAxis, .ellipsis: false
    case .index, .range: true
    }
  }

  /// Whether all of the axis is taken as it is.
  var isWhole: Bool {
    guard case .range(let start, let stop, let step) = self else { return false }
    return (start == .null || start.int == 0) && stop == .null && (step == .null || step.int == 1)
  }

  /// The key as a configuration has it.
  ///
  /// - Parameter isThird: whether Keras 3 is to read it.
  func json(isThird: Bool) -> JSONValue {
    switch self {
    case .newAxis: return .null
    case .ellipsis: return ["class_name": "__ellipsis__", "config": [:]]
    case .index(let index): return JSONValue(index)
    case .range(let start, let stop, let step):
      let bounds: JSONValue = ["start": start, "stop": stop, "step": step]
      return isThird ? ["class_name": "__slice__", "config": bounds] : bounds
    }
  }
}
