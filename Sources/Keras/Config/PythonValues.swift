import FileSupport

/// Values of a configuration as Python takes them, in which every Keras is written.
extension JSONValue {
  /// What Python's `if` makes of a flag: numbers are true unless they are 0. `nil` for what is no flag.
  var pythonTruth: Bool? {
    truth ?? double.map { $0 != 0 }
  }
}

extension JSONValue {
  /// The number, if this is one; Keras 3 writes those out of arrays as `{"class_name": "__numpy__", "config": …}`.
  var number: Double? { double ?? self["config"]?["value"]?.double }

  /// Numbers in lists of any depth with the extents of the lists, or one number without any; `nil` if the lists of a
  /// level differ in length, or hold anything else.
  var numbers: (values: [Double], extents: [Int])? {
    var extents: [Int] = []
    let whole = self["config"]?["value"] ?? self
    var level = whole
    while let elements = level.elements, let first = elements.first {
      extents.append(elements.count)
      level = first
    }
    var values: [Double] = []
    func collect(_ value: JSONValue, _ extents: ArraySlice<Int>) -> Bool {
      guard let count = extents.first else {
        guard let number = value.double ?? value.truth.map({ $0 ? 1 : 0 }) else { return false }
        values.append(number)
        return true
      }
      guard let elements = value.elements, elements.count == count else { return false }
      return elements.allSatisfy { collect($0, extents.dropFirst()) }
    }
    return collect(whole, extents[...]) ? (values, extents) : nil
  }
}
