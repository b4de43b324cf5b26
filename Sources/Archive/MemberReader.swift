import CZip
import FileSupport

/// Reads the bytes of one member, inflating them if need be; never more than its stated size.
struct MemberReader {
  let file: InputFile
  let member: ZipMember
  let offset: UInt64

  private static let bandBytes = 1 << 18

  /// Calls `body` with the bytes in order and checks their number and checksum at the end.
  mutating func read(
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bandBytes, alignment: 16)
    defer { input.deallocate() }
    var sum = CheckSum()
    switch member.method {
    case .deflated:
      try inflate(through: input) { band throws(ModelFileError) in
        sum.add(band)
        try body(band)
      }
    case .stored, .other:
      try forEachBand(into: input) { band throws(ModelFileError) in
        sum.add(band)
        try body(band)
        return true
      }
    }
    guard sum.count == member.size else {
      throw failure(
        "the member has another size than stated", expected: "\(member.size) bytes",
        found: "\(sum.count)")
    }
    guard sum.value == member.checksum else {
      throw failure(
        "the member's checksum does not hold: its bytes were changed",
        expected: "CRC-32 \(String(member.checksum, radix: 16))",
        found: String(sum.value, radix: 16))
    }
  }

  /// Reads the stored bytes band by band, until `body` says that it needs no more.
  private func forEachBand(
    into buffer: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Bool
  ) throws(ModelFileError) {
    var done: UInt64 = 0
    while done < member.compressedSize {
      let count = Int(min(UInt64(buffer.count), member.compressedSize - done))
      let band = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
      try file.read(into: band, at: offset + done)
      done += UInt64(count)
      guard try body(UnsafeRawBufferPointer(band)) else { return }
    }
  }

  private func inflate(
    through input: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bandBytes, alignment: 16)
    defer { output.deallocate() }
    var stream = z_stream()
    guard nn_zip_inflate_begin(&stream) == Z_OK else {
      throw ModelFileError(.internalFault, file: file.path, "zlib can't be started")
    }
    defer { inflateEnd(&stream) }
    var produced: UInt64 = 0
    var isDone = false
    try forEachBand(into: input) { band throws(ModelFileError) in
      stream.next_in = UnsafeMutablePointer(
        mutating: band.bindMemory(to: UInt8.self).baseAddress)
      stream.avail_in = UInt32(band.count)
      repeat {
        stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.avail_out = UInt32(output.count)
        let status = CZip.inflate(&stream, Z_NO_FLUSH)
        // Z_BUF_ERROR only says that more input is needed.
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
          throw failure("the member's compressed bytes are broken")
        }
        let count = output.count - Int(stream.avail_out)
        produced += UInt64(count)
        guard produced <= member.size else {
          throw failure(
            "the member inflates to more than stated", expected: "\(member.size) bytes")
        }
        if count > 0 { try body(UnsafeRawBufferPointer(rebasing: output[..<count])) }
        isDone = status == Z_STREAM_END
      } while !isDone && stream.avail_out == 0
      return !isDone
    }
    guard isDone else { throw failure("the member's compressed bytes end early") }
  }

  private func failure(
    _ problem: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, file: file.path, at: [.path(member.name)], problem, expected: expected,
      found: found, remedy: "fetch or save the file again")
  }
}
