import FileSupport

/// A message of an object's header: one property of the object.
struct HeaderMessage: Sendable {
  /// What kind of property a message holds; other kinds say nothing that is needed to read an object.
  enum Kind: UInt8, Sendable {
    case dataspace = 0x01
    case linkInfo = 0x02
    case datatype = 0x03
    case oldFillValue = 0x04
    case fillValue = 0x05
    case link = 0x06
    case externalFiles = 0x07
    case layout = 0x08
    case filters = 0x0B
    case attribute = 0x0C
    case sharedMessageTable = 0x0F
    case continuation = 0x10
    case symbolTable = 0x11
    case treeRanks = 0x13
    case driver = 0x14
    case attributeInfo = 0x15
    case cacheImage = 0x18
  }

  let kind: Kind
  /// Whether the body only tells where the message is.
  let isShared: Bool
  let body: ByteCursor
}

/// What describes an object: a list of messages, in one piece of the file or several.
struct ObjectHeader: Sendable {
  let messages: [HeaderMessage]
  /// The bytes of the pieces.
  let byteCount: Int

  /// The most messages of one object; a header of old form with all attributes of a large model in it
  /// has some thousand.
  private static let maximumMessages = 500_000

  /// The first message of a kind.
  func message(_ kind: HeaderMessage.Kind) -> HeaderMessage? {
    messages.first { $0.kind == kind }
  }

  /// Reads the header at an address.
  init(at address: UInt64, in image: FileImage) throws(ModelFileError) {
    var reader = Reader(image: image)
    var start = try image.cursor(
      at: address, count: Int(min(16, image.end - min(address, image.end))), of: "an object header")
    if start.left >= 4, try start.number(4) == Reader.newSignature {
      try reader.readNew(at: address)
    } else {
      try reader.readOld(at: address)
    }
    messages = reader.messages
    byteCount = reader.byteCount
  }

  /// Goes through the pieces of a header.
  private struct Reader {
    /// `OHDR`
    static let newSignature: UInt64 = 0x5244_484F

    let image: FileImage
    var messages: [HeaderMessage] = []
    var byteCount = 0
    private var pending: [(address: UInt64, bytes: Int)] = []
    private var budget: PieceBudget
    /// All messages, of those that are not kept too.
    private var count = 0

    init(image: FileImage) {
      self.image = image
      budget = PieceBudget(image)
    }

    /// Version 1, without a signature.
    mutating func readOld(at address: UInt64) throws(ModelFileError) {
      var prefix = try image.cursor(at: address, count: 16, of: "an object header")
      try prefix.expect(version: 1)
      try prefix.skip(1)
      let declared = try prefix.count(2)
      try prefix.skip(4)
      let size = try prefix.count(4)
      pending.append((address &+ 16, size))
      while let piece = pending.popLast() {
        var cursor = try self.piece(piece)
        while cursor.left >= 8 {
          let type = try cursor.count(2)
          let size = try cursor.count(2)
          let flags = try cursor.byte()
          try cursor.skip(3)
          try take(type, flags, try cursor.part(size))
        }
      }
      guard declared <= count else {
        throw prefix.flaw(
          "has fewer messages than it says", expected: "\(declared)", found: "\(count)")
      }
    }

    /// Version 2, with signatures and checksums.
    mutating func readNew(at address: UInt64) throws(ModelFileError) {
      let most = Int(min(40, image.end - address))
      var prefix = try image.cursor(at: address, count: most, of: "an object header")
      try prefix.expect(signature: "OHDR")
      try prefix.expect(version: 2)
      let flags = try prefix.byte()
      if flags & 0x20 != 0 { try prefix.skip(16) }
      if flags & 0x10 != 0 { try prefix.skip(4) }
      let size = try prefix.count(1 << Int(flags & 3))
      let hasOrder = flags & 4 != 0
      let start = prefix.position
      guard size <= Int.max - 64 else { throw prefix.flaw("has a size beyond the file") }
      var first = try piece((address, start + size + 4))
      try first.skip(start)
      try readNewMessages(&first, hasOrder: hasOrder)
      while let next = pending.popLast() {
        var cursor = try piece(next)
        try cursor.expect(signature: "OCHK")
        try readNewMessages(&cursor, hasOrder: hasOrder)
      }
    }

    private mutating func piece(
      _ piece: (address: UInt64, bytes: Int)
    ) throws(ModelFileError) -> ByteCursor {
      let cursor = try image.cursor(
        at: piece.address, count: piece.bytes, of: "an object header")
      try budget.take(piece.address, piece.bytes, of: "an object header", in: image)
      byteCount += piece.bytes
      return cursor
    }

    private mutating func readNewMessages(
      _ cursor: inout ByteCursor, hasOrder: Bool
    ) throws(ModelFileError) {
      let prefix = hasOrder ? 6 : 4
      var whole = cursor
      guard cursor.left >= 4 else { throw cursor.flaw("has no room for its checksum") }
      try whole.skip(whole.left - 4)
      try whole.expectChecksum()
      // What is too short for a message, before the checksum, is a gap.
      while cursor.left >= prefix + 4 {
        let type = try cursor.count(1)
        let size = try cursor.count(2)
        let flags = try cursor.byte()
        if hasOrder { try cursor.skip(2) }
        guard size <= cursor.left - 4 else {
          throw cursor.flaw(
            "has a message that overruns it", expected: "at most \(cursor.left - 4) bytes",
            found: "\(size)")
        }
        try take(type, flags, try cursor.part(size))
      }
    }

    private mutating func take(
      _ type: Int, _ flags: UInt8, _ body: ByteCursor
    ) throws(ModelFileError) {
      count += 1
      guard let kind = UInt8(exactly: type).flatMap(HeaderMessage.Kind.init) else {
        // Bit 7: who does not know the message must not use the object.
        guard flags & 0x80 == 0 || type <= 0x18 else {
          throw ModelFileError(
            .unsupported, at: [.byte(body.place)],
            "an object has a property of a kind that is not known (\(type))")
        }
        return
      }
      if kind == .continuation {
        var body = body
        pending.append((try body.definedAddress(), Int(clamping: try body.length())))
        return
      }
      guard messages.count < ObjectHeader.maximumMessages else {
        throw body.flaw(
          "has too many messages", expected: "at most \(ObjectHeader.maximumMessages)")
      }
      messages.append(HeaderMessage(kind: kind, isShared: flags & 2 != 0, body: body))
    }
  }
}
