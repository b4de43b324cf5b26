/// Numbers as a person likes to read them.
enum NumberText {
  /// `62,001,757`
  static func grouped(_ number: some BinaryInteger) -> String {
    var digits = Array(String(number.magnitude))
    var position = digits.count - 3
    while position > 0 {
      digits.insert(",", at: position)
      position -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
  }

  /// `1 layer`, `1,000 layers`
  static func counted(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// `237 MiB`: three digits that count, powers of 1024.
  static func bytes(_ count: UInt64) -> String {
    scaled(Double(count), by: 1024, units: ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"])
  }

  /// `65.9 G`, or `65.9 GFLOPs` with that unit: three digits that count, powers of 1000.
  static func operations(_ count: Int, unit: String = "") -> String {
    scaled(
      Double(count), by: 1000, units: ["", "k", "M", "G", "T", "P", "E"].map { $0 + unit })
  }

  /// `4.69`, `1.2 k`, `1.24e+30`: how many times as much, three digits that count, powers of 1000 while they have names.
  static func factor(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value >= 99.95 else { return fixed(value, decimals: value < 9.995 ? 2 : 1) }
    guard value < 999e18 else { return significant(value) }
    return scaled(value, by: 1000, units: ["", "k", "M", "G", "T", "P", "E"])
  }

  /// `1.24e-06`: three digits that count.
  static func significant(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    var exponent = 0
    var mantissa = abs(value)
    while mantissa >= 9.995 {
      mantissa /= 10
      exponent += 1
    }
    while mantissa < 0.9995 {
      mantissa *= 10
      exponent -= 1
    }
    let digits = String(abs(exponent))
    return (value < 0 ? "-" : "") + fixed(mantissa, decimals: 2) + (exponent < 0 ? "e-" : "e+")
      + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
  }

  /// `12.345`: milliseconds.
  static func milliseconds(_ time: Duration) -> String {
    fixed(time.milliseconds, decimals: 3)
  }

  /// `12.3 %` of a whole.
  static func percentage(_ share: Double) -> String { fixed(share * 100, decimals: 1) + " %" }

  private static func scaled(_ value: Double, by step: Double, units: [String]) -> String {
    var value = value
    var unit = 0
    while value >= step * 0.9995, unit < units.count - 1 {
      value /= step
      unit += 1
    }
    let decimals = unit == 0 ? 0 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    let text = fixed(value, decimals: decimals)
    return units[unit].isEmpty ? text : "\(text) \(units[unit])"
  }

  /// So many digits behind the point, three at most.
  static func fixed(_ value: Double, decimals: Int) -> String {
    let power = [1.0, 10, 100, 1000][decimals]
    let whole = Int((value * power).rounded())
    guard decimals > 0 else { return "\(whole)" }
    let fraction = String(whole % Int(power))
    return "\(whole / Int(power))." + String(repeating: "0", count: decimals - fraction.count)
      + fraction
  }
}
