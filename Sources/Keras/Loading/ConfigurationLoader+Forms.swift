import FileSupport
import ModelGraph

/// Forms in which no Keras writes. A hand has been at them, and what a Keras makes of them is anybody's guess.
extension ConfigurationLoader {
  mutating func doubtForm(_ what: String) {
    doubt("\(what) is written in a way that no Keras writes")
  }

  /// Whether a value of Keras 3 has a shape and a type.
  static func isPlainTensor(_ config: JSONValue) -> Bool {
    guard let extents = config["shape"]?.elements, let type = config["dtype"]?.text else {
      return false
    }
    return extents.allSatisfy { $0 == .null || $0.isNaturalNumber }
      && (ElementType(rawValue: type) != nil || type == "string")
  }
}

extension JSONValue {
  fileprivate var isNaturalNumber: Bool {
    if case .integer(let number) = self { number >= 0 } else { false }
  }

  /// Whether it names a layer and two numbers, and with that perhaps arguments.
  func isPlainReference(withNamed: Bool) -> Bool {
    guard let elements, elements.count == 3 || withNamed && elements.count == 4 else {
      return false
    }
    return elements[0].text != nil && elements[1].isNaturalNumber && elements[2].isNaturalNumber
      && (elements.count == 3 || elements[3].object != nil)
  }

  /// Whether it is a reference, or a list or dictionary of references.
  var isPlainList: Bool {
    if let object { return object.allSatisfy { $0.value.isPlainList } }
    guard let elements else { return false }
    return isPlainReference(withNamed: false)
      || elements.first?.text == nil && elements.allSatisfy(\.isPlainList)
  }
}
