import FileSupport
import Testing

@testable import ModelGraph

/// The stored positions that a view visits, by the plainest walk there is.
func positions(_ view: StridedView) -> [Int] {
  var result = [0]
  for (extent, stride) in zip(view.extents, view.strides) {
    result = result.flatMap { start in (0..<extent).map { start + $0 * stride } }
  }
  return result
}

/// A view of a small tensor, split and permuted by chance.
func randomView(_ random: inout some RandomNumberGenerator, limit: Int = 7) -> StridedView {
  let rank = Int.random(in: 1...4, using: &random)
  var view = StridedView(
    contiguous: Shape((0..<rank).map { _ in Int.random(in: 1...limit, using: &random) }))
  for axis in view.extents.indices.reversed() where Bool.random(using: &random) {
    let extent = view.extents[axis]
    let factors = (1...extent).filter { extent % $0 == 0 }
    guard let factor = factors.randomElement(using: &random) else { continue }
    view = view.splitting(axis: axis, into: [factor, extent / factor])
  }
  return view.permuted(Array(view.extents.indices).shuffled(using: &random))
}

/// A tensor in memory.
struct MemorySource: TensorSource {
  let bytes: [UInt8]

  var byteCount: Int { bytes.count }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
  }
}
