import FileSupport
import ModelGraph

/// How the numbers of two tensors of as many elements differ.
package struct NumberDifference: Sendable {
  /// A number that is not the same on both sides.
  package struct Example: Sendable {
    /// Its position in C order.
    package let position: Int
    /// The number of the first tensor.
    package let first: Double
    /// The number of the second.
    package let second: Double
  }

  /// How many numbers there are.
  package internal(set) var count = 0
  /// How many are not the same.
  package internal(set) var differing = 0
  /// How many are the same within what a conversion rounds.
  package internal(set) var rounded = 0
  /// How many of those that differ are NaN or infinite on a side; the measures below leave them out.
  package internal(set) var notFinite = 0
  /// The largest difference.
  package internal(set) var maximumAbsolute = 0.0
  /// The largest difference in units in the last place, of the less precise type where there are two.
  package internal(set) var maximumUnits: UInt64 = 0
  /// The first of those that differ, as many as were asked for.
  package internal(set) var examples: [Example] = []
  fileprivate(set) var sum = 0.0

  /// The mean difference over all numbers, equal ones too.
  package var meanAbsolute: Double {
    count > notFinite ? sum / Double(count - notFinite) : 0
  }
}

/// Holds the numbers of two tensors against each other, band by band.
///
/// Numbers of one type are the same if all their bits are, NaN too; those of two types if they are the same
/// number.
struct NumberComparer {
  /// What a number may differ by, relative to itself.
  let rounding: Double
  /// How many examples are wanted.
  let examples: Int

  private static let bandElements = 1 << 20
  /// Of what differs at all, parts that are the same are passed over in steps of so many elements.
  private static let stepElements = 256

  /// - Precondition: both have as many elements.
  /// - Throws: `ModelFileError` of either file.
  func difference(
    _ a: OrderedTensor, _ b: OrderedTensor
  ) throws(ModelFileError) -> NumberDifference {
    let first = try TensorBands(a)
    let second = try TensorBands(b)
    var result = NumberDifference()
    result.count = first.count
    let isOneType = a.elementType == b.elementType
    var position = 0
    while position < first.count {
      let band = position..<min(position + Self.bandElements, first.count)
      let x = Numbers(try first.bytes(of: band), a.elementType)
      let y = Numbers(try second.bytes(of: band), b.elementType)
      var start = 0
      while start < band.count {
        let step = start..<min(start + Self.stepElements, band.count)
        if !isOneType || !x.hasSameBits(as: y, in: step) {
          compare(x, y, in: step, from: position, &result)
        }
        start = step.upperBound
      }
      position = band.upperBound
    }
    return result
  }

  private func compare(
    _ x: Numbers, _ y: Numbers, in step: Range<Int>, from position: Int,
    _ result: inout NumberDifference
  ) {
    for index in step {
      let (p, q) = (x.bits(at: index), y.bits(at: index))
      if x.type == y.type, p == q { continue }
      let (u, v) = (x.type.value(of: p), y.type.value(of: q))
      if x.type != y.type, u == v || (u.isNaN && v.isNaN) { continue }
      if rounding > 0, abs(u - v) <= rounding * abs(u) {
        result.rounded += 1
        continue
      }
      result.differing += 1
      if result.examples.count < examples {
        result.examples.append(.init(position: position + index, first: u, second: v))
      }
      guard u.isFinite, v.isFinite else {
        result.notFinite += 1
        continue
      }
      let units =
        x.type == y.type
        ? x.type.units(from: p, to: q) : x.type.units(from: u, to: v, besides: y.type)
      // Whole numbers of 64 bits are not exact as doubles; their distance in units is.
      let gap = x.type == y.type && !x.type.isFloating ? Double(units) : abs(u - v)
      result.maximumAbsolute = max(result.maximumAbsolute, gap)
      result.maximumUnits = max(result.maximumUnits, units)
      result.sum += gap
    }
  }
}

/// Stored numbers of a type.
private struct Numbers {
  let bytes: UnsafeRawBufferPointer
  let type: ElementType
  private let size: Int

  init(_ bytes: UnsafeRawBufferPointer, _ type: ElementType) {
    self.bytes = bytes
    self.type = type
    size = type.byteCount
  }

  /// The bits of a number, the upper ones being 0.
  func bits(at index: Int) -> UInt64 {
    let offset = index * size
    return switch size {
    case 1: UInt64(bytes[offset])
    case 2:
      UInt64(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    case 4:
      UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    default: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
  }

  func hasSameBits(as other: Numbers, in range: Range<Int>) -> Bool {
    var offset = range.lowerBound * size
    let end = range.upperBound * size
    while offset + 8 <= end {
      guard
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
          == other.bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      else { return false }
      offset += 8
    }
    while offset < end {
      guard bytes[offset] == other.bytes[offset] else { return false }
      offset += 1
    }
    return true
  }
}
