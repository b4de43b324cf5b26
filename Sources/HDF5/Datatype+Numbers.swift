extension Datatype {
  /// Whether the numbers of a numeric type can be had: of at most 64 bits, in an order that is known.
  var hasReadableNumbers: Bool {
    switch kind {
    case .integer: size <= 8
    case .float: floatLayout?.isReadable == true && order != .other
    case .enumeration(let base, _): base.hasReadableNumbers
    default: false
    }
  }

  /// Calls `body` with every number as the nearest Double.
  ///
  /// - Parameter elements: what ``makeLittleEndian(_:)`` leaves; the type has readable numbers.
  func forEachDouble(in elements: UnsafeRawBufferPointer, _ body: (Double) -> Void) {
    switch kind {
    case .float:
      guard let floatLayout else { return }
      switch self {
      case .float32 where order == .little:
        for start in stride(from: 0, to: elements.count, by: 4) {
          body(Double(elements.loadUnaligned(fromByteOffset: start, as: Float.self)))
        }
      case .float64 where order == .little:
        for start in stride(from: 0, to: elements.count, by: 8) {
          body(elements.loadUnaligned(fromByteOffset: start, as: Double.self))
        }
      default:
        for start in stride(from: 0, to: elements.count, by: size) {
          body(
            floatLayout.value(
              of: UnsafeRawBufferPointer(rebasing: elements[start..<start + size])))
        }
      }
    default:
      forEachInteger(in: elements) { bits, isSigned in
        body(isSigned ? Double(Int64(bitPattern: bits)) : Double(bits))
      }
    }
  }

  /// Calls `body` with every number as Int64; those that it can't hold become its nearest.
  func forEachInt64(in elements: UnsafeRawBufferPointer, _ body: (Int64) -> Void) {
    if case .float = kind {
      forEachDouble(in: elements) { value in
        body(
          value.isNaN ? 0 : Int64(exactly: value.rounded(.towardZero)) ?? (value < 0 ? .min : .max))
      }
    } else {
      forEachInteger(in: elements) { bits, isSigned in
        body(isSigned ? Int64(bitPattern: bits) : Int64(clamping: bits))
      }
    }
  }

  /// Calls `body` with every number of a type of whole numbers: its bits, and whether they stand for a number with a sign.
  func forEachInteger(
    in elements: UnsafeRawBufferPointer, _ body: (UInt64, _ isSigned: Bool) -> Void
  ) {
    switch kind {
    case .enumeration(let base, _): base.forEachInteger(in: elements, body)
    case .integer(let isSigned):
      let unused = UInt64(64 - 8 * size)
      for start in stride(from: 0, to: elements.count, by: size) {
        var bits: UInt64 = 0
        for index in (start..<start + size).reversed() {
          bits = bits << 8 | UInt64(elements[index])
        }
        if isSigned {
          bits = UInt64(bitPattern: Int64(bitPattern: bits << unused) >> Int64(unused))
        }
        body(bits, isSigned)
      }
    default: break
    }
  }
}
