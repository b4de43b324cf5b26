import COneDNN

/// Where and in which order the numbers of a tensor of float32 lie: oneDNN's memory descriptor.
///
/// Invariant: `handle` is a layout that nobody changes; it is freed with the object.
final class TensorLayout: @unchecked Sendable {
  let handle: OpaquePointer
  /// The extents in oneDNN's order: `[N, C, …]` of images, whatever lies side by side.
  let extents: [Int]

  private init?(_ handle: OpaquePointer?, _ extents: [Int]) {
    guard let handle else { return nil }
    self.handle = handle
    self.extents = extents
  }

  deinit { onednn_layout_free(handle) }

  /// An order given by the distances between neighbours; in C order without them.
  static func strided(_ extents: [Int], _ strides: [Int]? = nil) -> TensorLayout? {
    let strides = strides ?? Self.denseStrides(extents)
    return TensorLayout(
      onednn_layout_create(
        Int32(extents.count), extents.map(Int64.init), strides.map(Int64.init)), extents)
  }

  /// The order that suits the primitive that is made with it.
  static func any(_ extents: [Int]) -> TensorLayout? {
    TensorLayout(onednn_layout_create(Int32(extents.count), extents.map(Int64.init), nil), extents)
  }

  /// `[N][C / lanes][…][lanes]`
  static func blocked(_ extents: [Int], lanes: Int) -> TensorLayout? {
    TensorLayout(
      onednn_layout_create_blocked(Int32(extents.count), extents.map(Int64.init), Int32(lanes)),
      extents)
  }

  /// A part of a tensor in place; `nil` where it isn't made of whole blocks.
  func part(_ extents: [Int], from offsets: [Int]) -> TensorLayout? {
    TensorLayout(
      onednn_layout_create_part(handle, extents.map(Int64.init), offsets.map(Int64.init)), extents)
  }

  /// The layout that a primitive has chosen.
  convenience init?(of primitive: OpaquePointer, _ argument: onednn_argument, _ extents: [Int]) {
    self.init(onednn_primitive_layout(primitive, argument), extents)
  }

  /// What a tensor takes, the lanes that fill up its last blocks included.
  var byteCount: Int { Int(onednn_layout_bytes(handle)) }

  func isSame(as other: TensorLayout) -> Bool { onednn_layout_equal(handle, other.handle) != 0 }

  static func denseStrides(_ extents: [Int]) -> [Int] {
    var stride = 1
    var result = extents
    for axis in extents.indices.reversed() {
      result[axis] = stride
      stride *= max(extents[axis], 1)
    }
    return result
  }
}
