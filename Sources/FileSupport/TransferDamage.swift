/// What a transfer has done to a file, told from its bytes.
///
/// Readers of every format ask here, and say the same: with ``FileContent`` about what the first bytes show
/// for certain, with ``init(explaining:expectedBytes:failingAt:)`` about a file that they could make no sense of.
public struct TransferDamage: Sendable, Equatable {
  /// Where it shows.
  public let place: ModelFileError.Place?
  /// What was done, as a whole clause.
  public let cause: String
  /// What helps.
  public let remedy: String

  init(at place: ModelFileError.Place? = nil, _ cause: String, remedy: String = Self.fetchAgain) {
    self.place = place
    self.cause = cause
    self.remedy = remedy
  }

  static let fetchAgain = "this can't be undone; fetch the file again, in binary mode"
  static let replacedCause =
    "the file went through a text decoder: EF BF BD (U+FFFD) stands where other bytes were"
  static let widenedCause =
    "the file went through a text conversion: bytes above 7F became characters of UTF-8"
  static let widenedFeedsCause =
    "line feeds (0A, LF) became 0D 0A (CRLF), as in a transfer in text mode"
  static let feedsToReturnsCause =
    "line feeds (0A, LF) became carriage returns (0D, CR), as in a transfer in text mode"
  static let returnsToFeedsCause =
    "carriage returns (0D, CR) became line feeds (0A, LF), as in a transfer in text mode"
  static let narrowedPairsCause =
    "the carriage returns of 0D 0A (CRLF) are missing, as after a transfer in text mode"

  /// The error that a reader ends with to which the damage is all there is to say.
  public func error(file: String, expected: String? = nil) -> ModelFileError {
    ModelFileError(
      .damaged, file: file, at: place.map { [$0] } ?? [], cause, expected: expected, remedy: remedy)
  }
}

// MARK: What the first bytes show

extension TransferDamage {
  /// The damage of text that is not in plain UTF-8.
  init(_ encoding: TextEncoding) {
    self.init(
      at: .line(1),
      encoding == .markedUTF8
        ? "a byte order mark (EF BB BF) stands in front of the text"
        : "the text is in \(encoding.name)",
      remedy: "save it as UTF-8 without a byte order mark, or: \(encoding.command)")
  }

  init(_ form: BinaryAsText) {
    self.init("the file was written down as \(form.name)", remedy: "turn it back: \(form.command)")
  }

  /// Line ends of a cfg that no darknet knows.
  public static func returnsAlone(line: Int) -> TransferDamage {
    TransferDamage(
      at: .line(line), "a carriage return (CR) alone ends a line, as on old Macs",
      remedy: "give it line feeds: tr '\\r' '\\n' < FILE > NEW")
  }

  /// Lines of a message in front of a file.
  static func headersInFront(_ headers: MessageHeaders) -> TransferDamage {
    switch headers {
    case .answer:
      TransferDamage(
        at: .byte(0), "the headers of a server's answer stand in front of the file",
        remedy: "fetch the file again without them (curl without -i)")
    case .mail:
      TransferDamage(
        at: .byte(0), "the headers of a mail stand in front of the file",
        remedy: "save the attachment itself, with a mail program or munpack")
    case .part:
      TransferDamage(
        at: .byte(0),
        "the headers of a part of a message (an upload, an attachment) stand in front of the file",
        remedy: "fetch the file again, or cut off all down to the first empty line")
    }
  }

  /// The damage that the first bytes of something show that is no text.
  init?(startOfBinary bytes: [UInt8]) {
    if let cause = MangledSignature.cause(bytes) {
      self.init(at: .byte(0), cause)
      return
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      let rest = Array(bytes.dropFirst(3))
      guard let inner = Self.binaryName(rest) else { return nil }
      self.init(
        at: .byte(0), "a byte order mark (EF BB BF) stands in front of \(inner)",
        remedy: "fetch the file again, in binary mode, or cut the mark off: tail -c +4 FILE > NEW")
      return
    }
    if let inner = Self.remains(in: bytes) {
      self.init(
        at: .byte(0),
        "the first bytes of \(inner) are damaged or missing: its signature is not there, but "
          + "other parts of it are", remedy: "fetch the file again")
      return
    }
    if let start = Self.startWithin(bytes) {
      self.init(
        at: .byte(UInt64(start)),
        "an HDF5 file begins here, behind \(UInt64(start).counted("byte")) that don't belong to it",
        remedy: "fetch the file again, or cut them off: tail -c +\(start + 1) FILE > NEW")
      return
    }
    let isMarked = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    if isMarked && Self.isWidened(bytes) || Self.isWidenedThroughout(bytes) {
      self.init(
        at: .byte(0),
        "a program that writes text as UTF-16 or UTF-32 wrote the file, as PowerShell does behind '>'",
        remedy: "this can't be undone; fetch the file again, with -o or -OutFile in place of '>'")
      return
    }
    return nil
  }

  /// What bytes behind a mark are, if that can be told.
  private static func binaryName(_ bytes: [UInt8]) -> String? {
    switch FileContent(bytes) {
    case .hdf5: return "an HDF5 file"
    case .zip: return "a zip archive"
    case .mangled(let damage): return "what is damaged otherwise, too: \(damage.cause)"
    case .binary:
      // Three version numbers of a .weights file.
      let numbers = stride(from: 0, to: 12, by: 4).map { start in
        bytes.dropFirst(start).prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      }
      return numbers.allSatisfy { $0 < 10_000 } && bytes.count > 12 ? "a .weights file" : nil
    default: return nil
    }
  }

  /// What a file without a signature was, by what stands in it further on.
  private static func remains(in bytes: [UInt8]) -> String? {
    func holds(_ mark: [UInt8], _ word: String = "") -> Bool {
      let mark = mark + Array(word.utf8)
      return bytes.indices.contains { bytes[$0] == mark[0] && bytes[$0...].starts(with: mark) }
    }
    // A member of an archive, written as versions from 1.0 to 4.5 need it.
    let versions: [UInt8] = [10, 20, 45]
    if versions.contains(where: { holds([0x50, 0x4B, 3, 4, $0, 0]) }) { return "a zip archive" }
    if startWithin(bytes) != nil { return nil }
    let isOld = holds([], "HEAP\0\0\0\0") && (holds([], "TREE\0") || holds([], "SNOD\u{1}\0"))
    return isOld || holds([], "OHDR\u{2}") ? "an HDF5 file" : nil
  }

  /// Where the signature of an HDF5 file stands in the wrong place, as far as the bytes go: it may stand at 0, 512,
  /// 1024, …
  private static func startWithin(_ bytes: [UInt8]) -> Int? {
    let signature = FileContent.hdf5Signature
    return bytes.indices.first { index in
      bytes[index] == signature[0] && bytes[index...].starts(with: signature)
        && (index < 512 || index & (index - 1) != 0)
    }
  }

  /// Whether every other byte is 0, or three of four, and the others are none of a text: bytes that each became a
  /// character.
  private static func isWidenedThroughout(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 64 else { return false }
    return [0, 1].contains { phase in
      let (full, empty) = (
        stride(from: phase, to: bytes.count, by: 2), stride(from: 1 - phase, to: bytes.count, by: 2)
      )
      return empty.allSatisfy { bytes[$0] == 0 } && Set(full.map { bytes[$0] }).count >= 16
    }
  }

  /// Whether every other byte is mostly 0.
  private static func isWidened(_ bytes: [UInt8]) -> Bool {
    let phases = [0, 1].map { phase in
      let half = stride(from: 2 + phase, to: bytes.count, by: 2)
      return half.reduce(0) { bytes[$1] == 0 ? $0 + 1 : $0 } * 2 >= bytes.count / 2
    }
    return bytes.count >= 16 && phases.contains(true)
  }
}
