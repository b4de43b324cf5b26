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

  /// The nearest value of an IEEE half, the even one of two: infinite from 65520 on.
  public var roundedToHalf: Float {
    guard isFinite, self != 0 else { return self }
    if magnitude >= 65520 { return self < 0 ? -.infinity : .infinity }
    // The distance between neighbours; it stops shrinking below the smallest normal half, 2⁻¹⁴.
    let step = Float(sign: .plus, exponent: max(Int(exponent), -14) - 10, significand: 1)
    return (self / step).rounded(.toNearestOrEven) * step
  }

  /// The nearest value of bfloat16 (the upper half of a float's bits), the even one of two.
  public var roundedToBrainFloat: Float {
    guard isFinite else { return self }
    let isOdd = bitPattern >> 16 & 1
    return Float(bitPattern: (bitPattern + 0x7FFF + isOdd) & 0xFFFF_0000)
  }
}
