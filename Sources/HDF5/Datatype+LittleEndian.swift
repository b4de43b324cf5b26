extension Datatype {
  /// Turns elements as stored into the same in little endian, whole numbers in all bits of their bytes,
  /// where they lie.
  func makeLittleEndian(_ elements: UnsafeMutableRawBufferPointer) {
    guard !isPlain else { return }
    switch kind {
    case .integer(let isSigned): convertIntegers(elements, isSigned: isSigned)
    case .float, .bitField:
      if order == .big { reverseEach(elements) }
    case .enumeration(let base, _), .array(let base, _): base.makeLittleEndian(elements)
    case .compound(let members):
      for start in stride(from: 0, to: elements.count, by: size) {
        for member in members {
          let first = start + member.offset
          member.type.makeLittleEndian(
            UnsafeMutableRawBufferPointer(rebasing: elements[first..<first + member.type.size]))
        }
      }
    default: break
    }
  }

  private func convertIntegers(_ elements: UnsafeMutableRawBufferPointer, isSigned: Bool) {
    if order == .big { reverseEach(elements) }
    guard precision < size * 8, [1, 2, 4, 8].contains(size) else { return }
    let unused = UInt64(64 - precision)
    for start in stride(from: 0, to: elements.count, by: size) {
      var bits: UInt64 = 0
      for index in (0..<size).reversed() { bits = bits << 8 | UInt64(elements[start + index]) }
      bits = (bits >> UInt64(bitOffset)) << unused
      bits =
        isSigned ? UInt64(bitPattern: Int64(bitPattern: bits) >> Int64(unused)) : bits >> unused
      for index in 0..<size {
        elements[start + index] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * index))
      }
    }
  }

  private func reverseEach(_ elements: UnsafeMutableRawBufferPointer) {
    for start in stride(from: 0, to: elements.count, by: size) {
      var low = start
      var high = start + size - 1
      while low < high {
        elements.swapAt(low, high)
        low += 1
        high -= 1
      }
    }
  }
}
