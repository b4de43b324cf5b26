import FileSupport

/// The heaps of the messages that objects of the whole file share (SOHM), one for each set of kinds.
struct SharedMessageTable: Sendable {
  private struct Index: Sendable {
    /// Bit i is set where messages of kind i are in it.
    let kinds: UInt64
    /// `nil` before the first message.
    let heap: UInt64?
  }

  private let indexes: [Index]

  /// The most indexes that HDF5 allows.
  private static let maximumIndexes = 8

  /// Reads the table that a message of the superblock's extension leads to.
  init(_ message: ByteCursor, in image: FileImage) throws(ModelFileError) {
    let what = "the table of shared messages"
    var message = message
    try message.expect(version: 0)
    let address = try message.definedAddress()
    let count = try message.count(1)
    guard (1...Self.maximumIndexes).contains(count) else {
      throw message.flaw(
        "has a number of indexes that can't be", expected: "1 to \(Self.maximumIndexes)",
        found: "\(count)")
    }
    let entry = 16 + 2 * image.widths.address
    var cursor = try image.cursor(at: address, count: 8 + count * entry, of: what)
    try cursor.expect(signature: "SMTB")
    var indexes: [Index] = []
    for _ in 0..<count {
      // How messages are found by content, for those who write, follows each version.
      try cursor.expect(version: 0)
      try cursor.skip(1)
      let kinds = try cursor.number(2)
      try cursor.skip(10 + image.widths.address)
      indexes.append(Index(kinds: kinds, heap: try cursor.address()))
    }
    try cursor.expectChecksum()
    self.indexes = indexes
  }

  /// The address of the heap with messages of a kind.
  func heap(of kind: HeaderMessage.Kind) -> UInt64? {
    indexes.first { $0.kinds & (1 << UInt64(kind.rawValue)) != 0 }?.heap
  }
}

extension FileImage {
  /// A message out of the file's heaps of shared messages.
  func sharedMessage(
    _ identifier: [UInt8], _ kind: HeaderMessage.Kind
  ) throws(ModelFileError) -> ByteCursor {
    guard let address = superblock.sharedMessages?.heap(of: kind) else {
      throw ModelFileError(
        .damaged, "an object shares a message with others, but the file has none of its kind")
    }
    return try withHeap(at: address) { heap throws(ModelFileError) in
      try heap.object(identifier, of: "a shared message")
    }
  }
}
