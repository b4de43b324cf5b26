import FileSupport

/// Pieces of a file's structure as they stood in the cache of the writer that closed it. They count in place
/// of what stands at their addresses, which may never have been written.
struct CacheImage: Sendable {
  private struct Piece: Sendable {
    let address: UInt64
    let bytes: [UInt8]
  }

  /// In the order of their addresses; none lies across another.
  private let pieces: [Piece]

  /// Reads the image that a message of the superblock's extension leads to; `nil` if there is none.
  init?(_ message: ByteCursor, in image: FileImage) throws(ModelFileError) {
    let what = "the image of a writer's cache"
    var message = message
    try message.expect(version: 0)
    guard let address = try message.address() else { return nil }
    let size = Int(clamping: try message.length())
    var cursor = try image.cursor(at: address, count: size, of: what)
    var whole = cursor
    try cursor.expect(signature: "MDCI")
    try cursor.expect(version: 0)
    try cursor.skip(1 + image.widths.length)
    let count = try cursor.count(4)
    var pieces: [Piece] = []
    for _ in 0..<count {
      // What tells the cache how to go on: kind, flags, ring, age, ties to other pieces, rank.
      try cursor.skip(8)
      let parents = try cursor.count(2)
      try cursor.skip(4)
      let place = try cursor.definedAddress()
      let length = Int(clamping: try cursor.length())
      try cursor.skip(parents * image.widths.address)
      guard image.holds(place, UInt64(length)) else {
        throw cursor.flaw("has a piece that lies outside of the file", found: "address \(place)")
      }
      pieces.append(Piece(address: place, bytes: try cursor.take(length)))
    }
    try whole.skip(cursor.position)
    try whole.expectChecksum()
    pieces.sort { $0.address < $1.address }
    for (piece, next) in zip(pieces, pieces.dropFirst())
    where next.address - piece.address < UInt64(piece.bytes.count) {
      throw cursor.flaw("has pieces that lie across one another")
    }
    self.pieces = pieces
  }

  /// Puts into bytes that were read at an address what counts in their place.
  func patch(_ bytes: inout [UInt8], at address: UInt64) {
    let end = address &+ UInt64(bytes.count)
    // The first piece that ends behind the address.
    var low = 0
    var high = pieces.count
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].address + UInt64(pieces[middle].bytes.count) <= address {
        low = middle + 1
      } else {
        high = middle
      }
    }
    while low < pieces.count, pieces[low].address < end {
      let piece = pieces[low]
      let first = max(piece.address, address)
      let last = min(piece.address + UInt64(piece.bytes.count), end)
      bytes.replaceSubrange(
        Int(first - address)..<Int(last - address),
        with: piece.bytes[Int(first - piece.address)..<Int(last - piece.address)])
      low += 1
    }
  }
}
