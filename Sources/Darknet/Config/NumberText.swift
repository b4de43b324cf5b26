/// Numbers out of text as C's `atoi` and `atof` read them: the longest beginning that is a number,
/// 0 if there is none. Blanks in front are skipped (hank-ai's cfgs may say `mask = 0, 1, 2`). Text is
/// looked at byte by byte: an accent behind a digit is no part of it.
enum NumberText {
  /// - Returns: the number, clamped to 64 bits, and whether the whole text was used.
  static func integer(_ text: Substring) -> (value: Int, isWhole: Bool) {
    let bytes = text.utf8
    var end = bytes.startIndex
    bytes.skipBlanks(&end)
    let isNegative = bytes[end...].first == UInt8(ascii: "-")
    bytes.skipSign(&end)
    let start = end
    bytes.skipDigits(&end)
    let value = start == end ? 0 : Int(text[start..<end]) ?? .max
    return (isNegative ? -value : value, start < end && bytes.isBlank(from: end))
  }

  /// - Returns: the number and whether the whole text was used. C's `inf`, `nan` and hexadecimal
  ///   numbers are no sensible values of an option and read as 0, not whole.
  static func real(_ text: Substring) -> (value: Double, isWhole: Bool) {
    let bytes = text.utf8
    var end = bytes.startIndex
    bytes.skipBlanks(&end)
    let sign = bytes[end...].first == UInt8(ascii: "-") ? "-" : ""
    bytes.skipSign(&end)
    let wholeStart = end
    bytes.skipDigits(&end)
    let wholeEnd = end
    if end < bytes.endIndex, bytes[end] == UInt8(ascii: ".") { bytes.formIndex(after: &end) }
    let fractionStart = end
    bytes.skipDigits(&end)
    guard wholeStart < wholeEnd || fractionStart < end else { return (0, false) }
    let mantissaEnd = end
    if end < bytes.endIndex, bytes[end] | 0x20 == UInt8(ascii: "e") {
      bytes.formIndex(after: &end)
      bytes.skipSign(&end)
      let digits = end
      bytes.skipDigits(&end)
      if digits == end { end = mantissaEnd }
    }
    // Swift's parser wants digits on both sides of the point.
    let mantissa = "0\(text[wholeStart..<wholeEnd]).\(text[fractionStart..<mantissaEnd])0"
    let number = Double("\(sign)\(mantissa)\(text[mantissaEnd..<end])")
    return (number ?? 0, bytes.isBlank(from: end))
  }
}

extension Substring.UTF8View {
  /// Moves past what C's `isspace` calls a blank.
  fileprivate func skipBlanks(_ index: inout Index) {
    while index < endIndex, self[index] == 0x20 || (0x09...0x0D).contains(self[index]) {
      formIndex(after: &index)
    }
  }

  /// Whether nothing but blanks is left.
  fileprivate func isBlank(from index: Index) -> Bool {
    var end = index
    skipBlanks(&end)
    return end == endIndex
  }

  /// Moves past one `+` or `-`.
  fileprivate func skipSign(_ index: inout Index) {
    if index < endIndex, self[index] == UInt8(ascii: "-") || self[index] == UInt8(ascii: "+") {
      formIndex(after: &index)
    }
  }

  /// Moves past decimal digits.
  fileprivate func skipDigits(_ index: inout Index) {
    while index < endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self[index]) {
      formIndex(after: &index)
    }
  }
}
