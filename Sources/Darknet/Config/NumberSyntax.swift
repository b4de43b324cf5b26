#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Numbers out of text as C's `atoi` and `atof` read them: the longest beginning that is a number,
/// 0 if there is none. Blanks in front are skipped (hank-ai's cfgs may say `mask = 0, 1, 2`). Text is
/// looked at byte by byte: an accent behind a digit is no part of it.
enum NumberSyntax {
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

  /// Asks C's `strtod`, which `atof` is: it knows hexadecimal numbers, `inf` and `nan`, and makes what is too large
  /// infinite.
  ///
  /// - Returns: the number and whether the whole text was used.
  static func real(_ text: Substring) -> (value: Double, isWhole: Bool) {
    let bytes = text.utf8
    let (value, count) = String(text).withCString { start in
      var end: UnsafeMutablePointer<CChar>?
      let value = strtod(start, &end)
      return (value, end.map { UnsafePointer($0) - start } ?? 0)
    }
    let end = bytes.index(bytes.startIndex, offsetBy: count)
    return (value, count > 0 && bytes.isBlank(from: end))
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
