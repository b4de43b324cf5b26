import COneDNN
import ModelGraph

/// How the numbers of an image lie.
enum ImageOrder: Sendable, Hashable {
  /// `[N][C][…]`
  case channelsFirst
  /// `[N][…][C]`
  case channelsLast
  /// `[N][C / lanes][…][lanes]`
  case blocks(Int)

  static let all: [ImageOrder] = [.channelsFirst, .channelsLast, .blocks(8), .blocks(16)]

  /// Whether channels are in blocks.
  var isBlocked: Bool { if case .blocks = self { true } else { false } }

  /// That of a graph's values.
  init(_ layout: ImageLayout) {
    self = layout == .channelsFirst ? .channelsFirst : .channelsLast
  }
}

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

  /// An image of the extents `[N, C, …]` in an order.
  static func image(_ extents: [Int], _ order: ImageOrder) -> TensorLayout? {
    switch order {
    case .channelsFirst: return strided(extents)
    case .channelsLast:
      var strides = denseStrides([extents[0]] + extents[2...] + [extents[1]])
      strides.insert(strides.removeLast(), at: 1)
      return strided(extents, strides)
    case .blocks(let lanes):
      return TensorLayout(
        onednn_layout_create_blocked(Int32(extents.count), extents.map(Int64.init), Int32(lanes)),
        extents)
    }
  }

  /// The order of an image, if it is one of the usual ones.
  var imageOrder: ImageOrder? {
    ImageOrder.all.first { Self.image(extents, $0)?.isSame(as: self) ?? false }
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
