/// Lines in front of a file that told a server, a browser or a mail program what it is.
enum MessageHeaders {
  /// The headers of a server's answer, as `curl -i` saves them.
  case answer
  /// The headers of a mail.
  case mail
  /// The headers of a part of a message: a form that a browser sent, an attachment.
  case part

  /// Names that begin the first line of a mail or of a part.
  private static let mailNames = [
    "received", "return-path", "delivered-to", "from", "to", "cc", "date", "subject", "message-id",
    "mime-version", "dkim-signature", "reply-to", "sender",
  ]
  private static let partNames = [
    "content-type", "content-disposition", "content-length", "content-transfer-encoding",
    "content-encoding",
  ]

  /// The headers that the first bytes of a file are.
  init?(_ bytes: [UInt8]) {
    if bytes.starts(with: Array("HTTP/1.".utf8)) || bytes.starts(with: Array("HTTP/2".utf8)) {
      self = .answer
      return
    }
    var lines = bytes.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)[...]
    let isBounded = lines.first?.starts(with: Array("--".utf8)) == true
    // `From somebody@somewhere Tue …` of a mailbox; a boundary of parts.
    if isBounded || lines.first?.starts(with: Array("From ".utf8)) == true {
      lines = lines.dropFirst()
    }
    guard let name = lines.first.flatMap(Self.name) else { return nil }
    if Self.partNames.contains(name) {
      self = .part
    } else if Self.mailNames.contains(name), !isBounded {
      self = .mail
    } else {
      return nil
    }
  }

  /// What stands in front of the colon of a line of text, in small letters.
  private static func name(_ line: ArraySlice<UInt8>) -> String? {
    let name = line.prefix { $0 != UInt8(ascii: ":") }
    guard (2...30).contains(name.count), name.endIndex < line.endIndex, line.allSatisfy(\.isText)
    else { return nil }
    return String(decoding: name, as: UTF8.self).lowercased()
  }
}
