import FileSupport

/// Turns lines into sections the way darknet does (`parser.c: read_cfg`, `option_list.c: read_option`).
///
/// AlexeyAB and pjreddie strip every blank from everywhere in a line first, so that `[ net ]` and
/// `width = 4 16` are what they look like without blanks; a `#` is a comment only as the first
/// character. hank-ai keeps blanks inside values and takes comments anywhere.
struct ConfigParser {
  let path: String
  let dialect: Dialect
  private(set) var sections: [ConfigSection] = []
  private(set) var warnings = WarningList()
  private var hasWarnedOfReturns = false

  init(path: String, dialect: Dialect) {
    self.path = path
    self.dialect = dialect
  }

  mutating func parse(_ bytes: [UInt8]) throws(ModelFileError) {
    if let zero = bytes.firstIndex(of: 0) {
      let endsInZeros = zero > 0 && bytes[zero...].allSatisfy { $0 == 0 }
      let line = bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1
      throw ModelFileError(
        .damaged, file: path, at: [.line(line), .byte(UInt64(zero))], "is no text",
        expected: "a darknet cfg", found: "a byte of value 0 (NUL)",
        cause: endsInZeros ? "only zeros stand from here to the end: a download stopped here" : nil,
        remedy: endsInZeros
          ? "fetch the file again" : "give the text file that describes the network")
    }
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard line.count <= ConfigFile.maximumLineBytes else {
        throw ModelFileError(
          .damaged, file: path, at: [.line(number)], "is too long a line for a cfg",
          expected: "at most \(ConfigFile.maximumLineBytes) bytes", found: "\(line.count)")
      }
      try parse(line: line, number: number)
    }
    guard !sections.isEmpty else {
      throw ModelFileError(
        .damaged, file: path, "has no sections", expected: "a darknet cfg that begins with [net]",
        found: bytes.isEmpty ? "an empty file" : "\(number) lines without a [section]",
        remedy: "give the text file that describes the network")
    }
  }

  private mutating func parse(
    line: ArraySlice<UInt8>, number: Int
  ) throws(ModelFileError) {
    // darknet would strip it as a blank, and see one line: a comment would hide what follows.
    let end = line.lastIndex { !$0.isBlank } ?? line.startIndex
    guard !line[..<end].contains(UInt8(ascii: "\r")) else {
      throw TransferDamage.returnsAlone(line: number).error(file: path)
    }
    let text =
      dialect.hasInlineComments ? trimmed(withoutComment(line)) : line.filter { !$0.isBlank }
    guard let first = text.first, first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else {
      return
    }
    if line.last == UInt8(ascii: "\r"), dialect.keepsCarriageReturns, !hasWarnedOfReturns {
      hasWarnedOfReturns = true
      warnings.append(
        ModelWarning(
          file: path, at: [.line(number)],
          "a carriage return ends the line, which \(dialect.rawValue)'s darknet takes for a part of it: it knows no "
            + "such section or activation; make the line ends plain line feeds"))
    }
    if let odd = Typography.oddCharacter(in: text) {
      let (name, plain) = Typography.description(of: odd)
      let code = String(odd.value, radix: 16, uppercase: true)
      throw ModelFileError(
        .damaged, file: path, at: [.line(number)],
        "\(name) (U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)) stands in the line",
        expected: plain, found: String(decoding: text, as: UTF8.self).escapedForTerminal,
        remedy: "type the line anew in a plain text editor")
    }
    if first == UInt8(ascii: "[") {
      try openSection(text, number)
      return
    }
    // darknet crashes of it (`read_cfg` adds the option to no section).
    guard !sections.isEmpty else {
      throw ModelFileError(
        .damaged, file: path, at: [.line(number)], "text stands before the first section",
        expected: "[net]",
        found: String(decoding: text.prefix(60), as: UTF8.self).escapedForTerminal,
        remedy: "put [net] on the first line, or a # in front of this one")
    }
    guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else {
      // darknet keeps such a line as a key without a value: it stands for the default, and hides
      // later lines with that key.
      warn(number, "has no '='; the default counts", text)
      let key = String(decoding: text, as: UTF8.self)
      try append(ConfigEntry(key: key, value: "", line: number))
      return
    }
    let key = trimmed(text[..<equals])
    let value = trimmed(text[(equals + 1)...])
    guard !value.isEmpty else {
      warn(number, "has no value and is passed over", text)
      return
    }
    try append(
      ConfigEntry(
        key: String(decoding: key, as: UTF8.self), value: String(decoding: value, as: UTF8.self),
        line: number))
  }

  /// Adds an option to the section at work, of which there is one.
  private mutating func append(_ entry: ConfigEntry) throws(ModelFileError) {
    let last = sections.count - 1
    guard sections[last].entries.count < ConfigFile.maximumEntries else {
      throw ModelFileError(
        .damaged, file: path, at: [.line(entry.line)],
        "section [\(sections[last].name.escapedForTerminal)] has too many options",
        expected: "at most \(ConfigFile.maximumEntries)")
    }
    sections[last].entries.append(entry)
  }

  private mutating func openSection(_ text: [UInt8], _ number: Int) throws(ModelFileError) {
    guard sections.count < ConfigFile.maximumSections else {
      throw ModelFileError(
        .damaged, file: path, at: [.line(number)], "has too many sections",
        expected: "at most \(ConfigFile.maximumSections)",
        remedy: "check that this is a darknet cfg")
    }
    guard let end = text.lastIndex(of: UInt8(ascii: "]")) else {
      throw ModelFileError(
        .damaged, file: path, at: [.line(number)], "a section's name has no end", expected: "]",
        found: String(decoding: text, as: UTF8.self).escapedForTerminal,
        remedy: "close the bracket")
    }
    if end != text.count - 1 {
      throw ModelFileError(
        .damaged, file: path, at: [.line(number)], "something follows a section's name",
        found: String(decoding: text[(end + 1)...], as: UTF8.self).escapedForTerminal,
        remedy: "put a comment on a line of its own: darknet would not know this section")
    }
    sections.append(
      ConfigSection(name: String(decoding: text[1..<end], as: UTF8.self), line: number))
  }

  private mutating func warn(_ number: Int, _ message: String, _ text: [UInt8]) {
    let shown = String(decoding: text.prefix(60), as: UTF8.self).escapedForTerminal
    warnings.append(ModelWarning(file: path, at: [.line(number)], "'\(shown)' \(message)"))
  }

  private func withoutComment(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.prefix { $0 != UInt8(ascii: "#") }
  }

  private func trimmed(_ text: some BidirectionalCollection<UInt8>) -> [UInt8] {
    var result = Array(text.drop { $0.isBlank })
    while let last = result.last, last.isBlank { result.removeLast() }
    return result
  }
}

extension UInt8 {
  /// The characters that darknet's `strip` removes, and the carriage return of `\r\n`.
  fileprivate var isBlank: Bool {
    self == 0x20 || self == 0x09 || self == 0x0D || self == 0x0A
  }
}
