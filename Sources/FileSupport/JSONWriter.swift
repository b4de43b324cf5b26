/// Writes JSON text.
///
/// Integers are exact, other numbers the shortest decimal that reads back as the same `Double`.
public struct JSONWriter: Sendable {
  /// How lines are broken.
  public enum Style: Sendable {
    /// One line.
    case compact
    /// A line for each member, two spaces for each level.
    case pretty
  }

  /// How numbers that JSON lacks are written.
  public enum NonFinite: Sendable {
    /// As texts: `"NaN"`, `"Infinity"`, `"-Infinity"`. Any JSON reader takes these.
    case texts
    /// As Python's `json` writes and reads them: `NaN`, `Infinity`, `-Infinity`.
    case pythonTokens
  }

  private let style: Style
  private let nonFinite: NonFinite

  /// A writer.
  public init(style: Style = .compact, nonFinite: NonFinite = .texts) {
    self.style = style
    self.nonFinite = nonFinite
  }

  /// The UTF-8 text of a document, without a line feed at its end.
  public func bytes(of value: JSONValue) -> [UInt8] {
    var text: [UInt8] = []
    append(value, to: &text, level: 0)
    return text
  }

  private func append(_ value: JSONValue, to text: inout [UInt8], level: Int) {
    switch value {
    case .null: text += "null".utf8
    case .bool(let value): text += (value ? "true" : "false").utf8
    case .integer(let value): text += "\(value)".utf8
    case .unsigned(let value): text += "\(value)".utf8
    case .number(let value): append(value, to: &text)
    case .string(let value): append(value, to: &text)
    case .array(let elements):
      // Lists of plain values (shapes, most of all) stay on one line.
      let breaks = elements.contains { $0.elements != nil || $0.object != nil }
      text.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        separate(index, to: &text, level: level + 1, breaks: breaks)
        append(element, to: &text, level: level + 1)
      }
      if breaks { endLine(to: &text, level: level) }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        separate(index, to: &text, level: level + 1, breaks: true)
        append(member.key, to: &text)
        text += (style == .pretty ? ": " : ":").utf8
        append(member.value, to: &text, level: level + 1)
      }
      if members.count > 0 { endLine(to: &text, level: level) }
      text.append(UInt8(ascii: "}"))
    }
  }

  private func separate(_ index: Int, to text: inout [UInt8], level: Int, breaks: Bool) {
    if index > 0 { text.append(UInt8(ascii: ",")) }
    if breaks {
      endLine(to: &text, level: level)
    } else if index > 0, style == .pretty {
      text.append(UInt8(ascii: " "))
    }
  }

  private func endLine(to text: inout [UInt8], level: Int) {
    guard style == .pretty else { return }
    text.append(UInt8(ascii: "\n"))
    text += [UInt8](repeating: UInt8(ascii: " "), count: 2 * level)
  }

  private func append(_ value: Double, to text: inout [UInt8]) {
    if value.isFinite {
      text += "\(value)".utf8
      return
    }
    let token = value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    text += (nonFinite == .texts ? "\"\(token)\"" : token).utf8
  }

  private func append(_ value: String, to text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for scalar in value.unicodeScalars {
      switch scalar.value {
      case 0x22: text += "\\\"".utf8
      case 0x5C: text += "\\\\".utf8
      case 0x0A: text += "\\n".utf8
      case 0x0D: text += "\\r".utf8
      case 0x09: text += "\\t".utf8
      // Terminals obey C1 controls and DEL as well, and JSON often ends on one.
      case 0..<0x20, 0x7F..<0xA0:
        let digits = String(scalar.value, radix: 16)
        text += "\\u\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)".utf8
      default: text += UTF8.encode(scalar).map { Array($0) } ?? []
      }
    }
    text.append(UInt8(ascii: "\""))
  }
}
