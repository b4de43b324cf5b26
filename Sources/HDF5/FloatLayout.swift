/// Where the fields of a floating-point number lie, in bits from the least significant one.
struct FloatLayout: Hashable, Sendable {
  let signBit: Int
  let exponentStart: Int
  let exponentBits: Int
  let mantissaStart: Int
  let mantissaBits: Int
  let bias: UInt64
  /// Whether a one stands before the mantissa that is not stored.
  let hasImpliedBit: Bool

  static let binary16 = FloatLayout(exponentBits: 5, mantissaBits: 10)
  static let bfloat16 = FloatLayout(exponentBits: 8, mantissaBits: 7)
  static let binary32 = FloatLayout(exponentBits: 8, mantissaBits: 23)
  static let binary64 = FloatLayout(exponentBits: 11, mantissaBits: 52)

  init(
    signBit: Int, exponentStart: Int, exponentBits: Int, mantissaStart: Int, mantissaBits: Int,
    bias: UInt64, hasImpliedBit: Bool
  ) {
    self.signBit = signBit
    self.exponentStart = exponentStart
    self.exponentBits = exponentBits
    self.mantissaStart = mantissaStart
    self.mantissaBits = mantissaBits
    self.bias = bias
    self.hasImpliedBit = hasImpliedBit
  }

  /// A format of IEEE 754.
  private init(exponentBits: Int, mantissaBits: Int) {
    self.init(
      signBit: exponentBits + mantissaBits, exponentStart: mantissaBits,
      exponentBits: exponentBits, mantissaStart: 0, mantissaBits: mantissaBits,
      bias: (1 << (UInt64(exponentBits) - 1)) - 1, hasImpliedBit: true)
  }

  /// Whether ``value(of:)`` can be asked: fields of at most 64 bits, an exponent that Int can hold.
  var isReadable: Bool { mantissaBits <= 64 && exponentBits <= 32 }

  /// The number, to the nearest that Double has.
  ///
  /// - Parameter bytes: the element, least significant byte first, large enough for the fields.
  func value(of bytes: UnsafeRawBufferPointer) -> Double {
    let isNegative = bits(of: bytes, from: signBit, count: 1) == 1
    let exponent = bits(of: bytes, from: exponentStart, count: exponentBits)
    let mantissa = bits(of: bytes, from: mantissaStart, count: mantissaBits)
    let largest = UInt64.max >> (64 - UInt64(exponentBits))
    var magnitude: Double
    if exponent == largest, hasImpliedBit {
      magnitude = mantissa == 0 ? .infinity : .nan
    } else {
      let isSubnormal = exponent == 0
      let scale = Int(clamping: isSubnormal ? 1 : exponent) - Int(clamping: bias)
      magnitude = Self.scaled(
        Double(mantissa), by: scale - (hasImpliedBit ? mantissaBits : mantissaBits - 1))
      if hasImpliedBit, !isSubnormal { magnitude += Self.scaled(1, by: scale) }
    }
    return isNegative ? -magnitude : magnitude
  }

  private static func scaled(_ value: Double, by exponent: Int) -> Double {
    // In two steps, so that what ends in the range of Double does not leave it on the way.
    let exponent = min(max(exponent, -4_000), 4_000)
    let half = exponent / 2
    return Double(sign: .plus, exponent: exponent - half, significand: 1)
      * (Double(sign: .plus, exponent: half, significand: 1) * value)
  }

  private func bits(of bytes: UnsafeRawBufferPointer, from start: Int, count: Int) -> UInt64 {
    var result: UInt64 = 0
    for bit in (start..<start + count).reversed() {
      result = result << 1 | UInt64(bytes[bit / 8] >> UInt8(bit % 8) & 1)
    }
    return result
  }
}
