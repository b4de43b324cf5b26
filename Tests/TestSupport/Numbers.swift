/// Numbers between 0.25 and 1.25, the same in every run: good as variances, too.
public func numbers(_ count: Int) -> [Float] {
  var state: UInt32 = 1
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return Float(state >> 8) / Float(1 << 24) + 0.25
  }
}

/// ``numbers(_:)`` as a weights file holds them.
public func floats(_ count: Int) -> [UInt8] { numbers(count).flatMap { bytes(of: $0) } }

/// A number as a weights file holds it: float32, little endian.
public func bytes(of number: Float) -> [UInt8] {
  withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
}
