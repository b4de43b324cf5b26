extension Float {
  /// The value of an IEEE half, from its bits. (`Float16` does not exist on every platform.)
  public init(halfBits bits: UInt16) {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0: self = sign * Float(fraction) * 0x1p-24
    case 0x1F:
      self = Float(bitPattern: UInt32(bits & 0x8000) << 16 | 0x7F80_0000 | fraction << 13)
    default:
      self = Float(
        bitPattern: UInt32(bits & 0x8000) << 16 | UInt32(exponent + 112) << 23 | fraction << 13)
    }
  }
}
