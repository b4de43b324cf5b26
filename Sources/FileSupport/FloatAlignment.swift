/// Whether numbers of 4 bytes stand at multiples of 4 from the start of a file to its end. Where bytes were
/// lost or added on the way, all that follows is shifted.
struct FloatAlignment {
  /// Whether some piece holds plausible numbers only if read from another offset.
  let isShifted: Bool

  private static let maximumPieces = 256
  private static let pieceBytes = 512

  init(_ file: InputFile) throws(ModelFileError) {
    let size = Int(clamping: file.size) & ~3
    let count = min(Self.maximumPieces, size / Self.pieceBytes)
    var found = false
    for index in 0..<max(count, 0) where !found {
      // From the end to the front: what is shifted is more often behind.
      let start = (size - Self.pieceBytes) / max(count, 1) * (count - 1 - index) & ~3
      let piece = try file.bytes(at: UInt64(start), count: Self.pieceBytes)
      let shares = (0..<4).map { Self.plausible(piece, from: $0) }
      found = shares[0] < 0.8 && shares[1...].contains { $0 > 0.97 }
    }
    isShifted = found
  }

  /// The share of numbers that weights have: 0, or of a magnitude between 1e-9 and 1e6.
  private static func plausible(_ bytes: [UInt8], from phase: Int) -> Double {
    let starts = stride(from: phase, through: bytes.count - 4, by: 4)
    let good = starts.reduce(0) { sum, start in
      let bits = bytes[start..<(start + 4)].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let value = Float(bitPattern: bits).magnitude
      return value == 0 || (1e-9...1e6).contains(value) ? sum + 1 : sum
    }
    return Double(good) / Double((bytes.count - phase) / 4)
  }
}
