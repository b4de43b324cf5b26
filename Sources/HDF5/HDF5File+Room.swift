import FileSupport

extension HDF5File {
  /// The superblock of a file that was created behind other bytes, as it is in a file of its own: addresses in the file are
  /// relative to its beginning, which the superblock tells.
  ///
  /// - Parameters:
  ///   - bytes: the file, closed.
  ///   - room: the bytes in front of it.
  /// - Returns: what to write at `room`, so that the bytes from there on are a whole file.
  /// - Throws: `ModelFileError` of kind `internalFault` if the superblock has another form than ``create(at:behind:)`` gives it.
  public static func ownSuperblock(
    in bytes: InputFile, behind room: UInt64
  ) throws(ModelFileError) -> [UInt8] {
    let field = { (position: Int) in position..<position + 8 }
    let (base, end, sum) = (field(12), field(28), 44..<48)
    var block = try bytes.bytes(at: room, count: sum.upperBound)
    // Version 2, with addresses and lengths of 8 bytes.
    guard Array(block[8...10]) == [2, 8, 8], number(block[base]) == room,
      number(block[end]) >= room
    else {
      throw ModelFileError(
        .internalFault, file: bytes.path, at: [.byte(room)],
        "the superblock has another form than was asked for")
    }
    block.replaceSubrange(end, with: littleEndian(number(block[end]) - room))
    block.replaceSubrange(base, with: littleEndian(UInt64(0)))
    block.replaceSubrange(
      sum, with: littleEndian(Lookup3.checksum(block[..<sum.lowerBound])))
    return block
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
