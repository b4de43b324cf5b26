/// Numbers out of text as C's `atoi` and `atof` read them: the longest beginning that is a number,
/// 0 if there is none.
enum NumberText {
  /// - Returns: the number, clamped to 64 bits, and whether the whole text was used.
  static func integer(_ text: Substring) -> (value: Int, isWhole: Bool) {
    var rest = text
    var isNegative = false
    if let sign = rest.first, sign == "-" || sign == "+" {
      isNegative = sign == "-"
      rest = rest.dropFirst()
    }
    let digits = rest.prefix { ("0"..."9").contains($0) }
    let value = Int(digits) ?? (digits.isEmpty ? 0 : .max)
    return (isNegative ? -value : value, !digits.isEmpty && digits.endIndex == text.endIndex)
  }

  /// - Returns: the number and whether the whole text was used.
  static func real(_ text: Substring) -> (value: Double, isWhole: Bool) {
    var rest = text
    if let sign = rest.first, sign == "-" || sign == "+" { rest = rest.dropFirst() }
    let whole = rest.prefix { ("0"..."9").contains($0) }
    rest = rest.dropFirst(whole.count)
    var fraction: Substring = ""
    if rest.first == "." {
      fraction = rest.dropFirst().prefix { ("0"..."9").contains($0) }
      rest = rest.dropFirst(1 + fraction.count)
    }
    guard !whole.isEmpty || !fraction.isEmpty else {
      // atof also knows "inf" and "nan"; neither is a sensible option, and neither is whole.
      return (0, false)
    }
    if let mark = rest.first, mark == "e" || mark == "E" {
      var exponent = rest.dropFirst()
      if let sign = exponent.first, sign == "-" || sign == "+" { exponent = exponent.dropFirst() }
      let digits = exponent.prefix { ("0"..."9").contains($0) }
      if !digits.isEmpty { rest = exponent.dropFirst(digits.count) }
    }
    var number = String(text[..<rest.startIndex])
    // Swift's parser wants digits on both sides of the point.
    if fraction.isEmpty, number.last == "." { number.removeLast() }
    if whole.isEmpty, let point = number.firstIndex(of: ".") { number.insert("0", at: point) }
    return (Double(number) ?? 0, rest.isEmpty)
  }
}
