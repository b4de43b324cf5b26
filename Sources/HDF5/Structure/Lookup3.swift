/// Bob Jenkins' hash `lookup3` with a start of zero: the checksum of HDF5's newer structures.
enum Lookup3 {
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var state = State(length: bytes.count)
    var index = bytes.startIndex
    while bytes.endIndex - index > 12 {
      state.add(word(bytes, index), word(bytes, index + 4), word(bytes, index + 8))
      state.mix()
      index += 12
    }
    guard index < bytes.endIndex else { return state.third }
    state.add(word(bytes, index), word(bytes, index + 4), word(bytes, index + 8))
    return state.finish()
  }

  /// Four bytes, least significant first; those after the end count as zero.
  private static func word(_ bytes: ArraySlice<UInt8>, _ index: Int) -> UInt32 {
    var word: UInt32 = 0
    var shift: UInt32 = 0
    for place in index..<index + 4 where place < bytes.endIndex {
      word |= UInt32(bytes[place]) << shift
      shift += 8
    }
    return word
  }

  private struct State {
    var first: UInt32
    var second: UInt32
    var third: UInt32

    init(length: Int) {
      first = 0xDEAD_BEEF &+ UInt32(truncatingIfNeeded: length)
      second = first
      third = first
    }

    mutating func add(_ a: UInt32, _ b: UInt32, _ c: UInt32) {
      first &+= a
      second &+= b
      third &+= c
    }

    mutating func mix() {
      step(&first, &third, &second, 4)
      step(&second, &first, &third, 6)
      step(&third, &second, &first, 8)
      step(&first, &third, &second, 16)
      step(&second, &first, &third, 19)
      step(&third, &second, &first, 4)
    }

    /// `x −= y; x ^= rotate(y); y += z`
    private func step(_ x: inout UInt32, _ y: inout UInt32, _ z: inout UInt32, _ bits: UInt32) {
      x &-= y
      x ^= Self.rotate(y, bits)
      y &+= z
    }

    mutating func finish() -> UInt32 {
      third = (third ^ second) &- Self.rotate(second, 14)
      first = (first ^ third) &- Self.rotate(third, 11)
      second = (second ^ first) &- Self.rotate(first, 25)
      third = (third ^ second) &- Self.rotate(second, 16)
      first = (first ^ third) &- Self.rotate(third, 4)
      second = (second ^ first) &- Self.rotate(first, 14)
      third = (third ^ second) &- Self.rotate(second, 24)
      return third
    }

    private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
      word << bits | word >> (32 - bits)
    }
  }
}
