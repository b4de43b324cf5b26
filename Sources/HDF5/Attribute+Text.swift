import FileSupport

extension Attribute {
  /// The one text that the attribute holds.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it holds no text, several, or no valid UTF-8.
  public func string() throws(ModelFileError) -> String {
    let strings = try strings()
    guard strings.count == 1 else {
      throw error("holds \(strings.count) texts", expected: "one")
    }
    return strings[0]
  }

  /// The texts that the attribute holds, whether of fixed or variable length.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` as ``texts()``, or if one is no valid UTF-8.
  public func strings() throws(ModelFileError) -> [String] {
    var strings: [String] = []
    for bytes in try texts() {
      guard let string = String(validating: bytes, as: UTF8.self) else {
        throw error("holds text that is no valid UTF-8")
      }
      strings.append(string)
    }
    return strings
  }

  /// The bytes of the texts that the attribute holds, without padding, in C order.
  ///
  /// An attribute without elements holds no texts, whatever its type: that is how numpy writes an empty
  /// list.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it holds no text, or more than the limits allow.
  public func texts() throws(ModelFileError) -> [[UInt8]] {
    let count = try checkedCount()
    if count == 0 { return [] }
    switch datatype.kind {
    case .fixedText(_, let padding):
      let bytes = try rawBytes()
      return (0..<count).map { index in
        padding.text(of: bytes[index * datatype.size..<(index + 1) * datatype.size])
      }
    case .variableText: return try variableTexts(count: count)
    default: throw error("holds \(datatype.name)", expected: "text")
    }
  }

  private func variableTexts(count: Int) throws(ModelFileError) -> [[UInt8]] {
    let bytes = try storedBytes(count: count * datatype.size)
    return try locating { () throws(ModelFileError) in
      var cursor = ByteCursor(
        bytes, origin: elements.place, widths: file.image.widths, what: "the attribute")
      var texts: [[UInt8]] = []
      var total: UInt64 = 0
      for _ in 0..<count {
        texts.append(try file.text(at: &cursor, size: datatype.size, total: &total))
      }
      return texts
    }
  }
}

extension Datatype.Padding {
  /// The text in a field of fixed length.
  func text(of field: ArraySlice<UInt8>) -> [UInt8] {
    let padding: UInt8
    switch self {
    case .zeroTerminated: return Array(field.prefix { $0 != 0 })
    case .zeroPadded: padding = 0
    case .spacePadded: padding = UInt8(ascii: " ")
    }
    guard let last = field.lastIndex(where: { $0 != padding }) else { return [] }
    return Array(field[...last])
  }
}
