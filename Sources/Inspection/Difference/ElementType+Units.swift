import FileSupport
import ModelGraph

extension ElementType {
  /// The number that bits stand for; of whole numbers of 64 bits the nearest double.
  func value(of bits: UInt64) -> Double {
    switch self {
    case .float64: Double(bitPattern: bits)
    case .float32: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float16: Double(Float(halfBits: UInt16(truncatingIfNeeded: bits)))
    case .bfloat16: Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits) << 16))
    case .int8, .int16, .int32, .int64: Double(signed(bits))
    case .uint8, .uint16, .uint32, .uint64, .bool: Double(bits)
    }
  }

  /// How many steps from one number of the type to the next lead from one to the other. Both zeros are one place.
  func units(from a: UInt64, to b: UInt64) -> UInt64 {
    switch self {
    case .float16, .bfloat16, .float32, .float64:
      let sign: UInt64 = 1 << UInt64(8 * byteCount - 1)
      let (x, y) = (a & ~sign, b & ~sign)
      return a & sign == b & sign ? (x > y ? x - y : y - x) : x + y
    case .int8, .int16, .int32, .int64:
      let (x, y) = (signed(a), signed(b))
      // Modulo 2⁶⁴ the difference is the distance.
      return UInt64(bitPattern: max(x, y)) &- UInt64(bitPattern: min(x, y))
    case .uint8, .uint16, .uint32, .uint64, .bool: return a > b ? a - b : b - a
    }
  }

  /// The distance of two finite numbers of two types in whole units of the less precise one.
  func units(from a: Double, to b: Double, besides other: ElementType) -> UInt64 {
    let coarser = significantBits <= other.significantBits ? self : other
    let exponent = max(Int(max(abs(a), abs(b)).exponentOrLeast), coarser.leastExponent)
    let unit =
      coarser.isFloating
      ? Double(sign: .plus, exponent: exponent - coarser.significantBits + 1, significand: 1) : 1
    let units = (abs(a - b) / unit).rounded(.down)
    return units < 0x1p63 ? UInt64(units) : .max
  }

  private func signed(_ bits: UInt64) -> Int64 {
    let unused = Int64(64 - 8 * byteCount)
    return Int64(bitPattern: bits << unused) >> unused
  }

  /// Binary digits that a number of the type has.
  private var significantBits: Int {
    switch self {
    case .bfloat16: 8
    case .float16: 11
    case .float32: 24
    case .float64: 53
    default: 64
    }
  }

  /// The exponent below which numbers of the type lose digits.
  private var leastExponent: Int {
    switch self {
    case .float16: -14
    case .bfloat16, .float32: -126
    default: -1022
    }
  }
}

extension Double {
  /// The exponent, also of 0.
  fileprivate var exponentOrLeast: Int { self == 0 ? -1022 : Int(exponent) }
}
