/// The names that Keras 3's layout gives to layers.
enum KerasPath {
  /// A class's name as part of a path, by Keras's own rule: `Conv2D` is `conv2d`, `PReLU` is `p_re_lu`.
  static func snakeCase(_ className: String) -> String {
    let letters = className.unicodeScalars.filter { $0.isWordPart }
    let words = split(Array(letters)) { text, index in
      // In front of a capital that small letters follow.
      index > 0 && text[index].isCapital && index + 1 < text.count && text[index + 1].isSmall
    }
    let result = split(words) { text, index in
      index > 0 && text[index].isCapital && text[index - 1].isSmall
    }
    var text = ""
    text.unicodeScalars.append(contentsOf: result)
    return text.lowercased()
  }

  private static func split(
    _ text: [Unicode.Scalar], before isStart: ([Unicode.Scalar], Int) -> Bool
  ) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    for index in text.indices {
      if isStart(text, index) { result.append("_") }
      result.append(text[index])
    }
    return result
  }

  /// A class's name without the package that custom classes are registered under: `my>Scale`.
  static func plainClass(_ name: String) -> String {
    name.split(separator: ">").last.map(String.init) ?? name
  }
}

extension Unicode.Scalar {
  fileprivate var isCapital: Bool { ("A"..."Z").contains(self) }
  fileprivate var isSmall: Bool { ("a"..."z").contains(self) }
  fileprivate var isWordPart: Bool {
    isCapital || isSmall || ("0"..."9").contains(self) || self == "_" || value > 127
  }
}
