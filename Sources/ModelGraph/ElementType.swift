/// How one number of a tensor is stored.
public enum ElementType: String, Sendable, CaseIterable {
  case float16, bfloat16, float32, float64
  case int8, int16, int32, int64
  case uint8, uint16, uint32, uint64
  case bool

  /// Bytes that one number takes.
  public var byteCount: Int {
    switch self {
    case .int8, .uint8, .bool: 1
    case .float16, .bfloat16, .int16, .uint16: 2
    case .float32, .int32, .uint32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// Whether it is one of fractions.
  public var isFloating: Bool { wholeRange == nil }

  /// From the least of its numbers to what is one more than the largest, if it is one of whole numbers or truths.
  public var wholeRange: Range<Double>? {
    let bits = 8 * byteCount
    return switch self {
    case .float16, .bfloat16, .float32, .float64: nil
    case .bool: 0..<2
    case .int8, .int16, .int32, .int64:
      -Double(
        sign: .plus, exponent: bits - 1, significand: 1)..<Double(
          sign: .plus, exponent: bits - 1, significand: 1)
    case .uint8, .uint16, .uint32, .uint64: 0..<Double(sign: .plus, exponent: bits, significand: 1)
    }
  }
}
