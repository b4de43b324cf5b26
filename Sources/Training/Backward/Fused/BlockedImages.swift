/// Where one image lies, channel by channel in double precision, and in float32 with `lanes` channels side by side,
/// `[C / lanes][cell][lanes]`: the order of oneDNN.
///
/// Invariant: the caller names memory that holds a whole image.
struct BlockedImage: Sendable {
  /// Channels.
  let channels: Int
  /// Cells of each.
  let area: Int
  /// Channels side by side.
  let lanes: Int
  /// The distances between neighbours in double precision.
  let strides: ImageStrides

  /// The blocks of channels.
  var blocks: Int { (channels + lanes - 1) / lanes }
  /// The channels of a block.
  func width(of block: Int) -> Int { min(lanes, channels - block * lanes) }

  /// Cells that are moved at a time, so that a piece stays in the first cache.
  private static let piece = 64

  /// Rounds an image to float32; lanes without a channel become 0.
  func pack(_ values: UnsafePointer<Double>, to blocked: UnsafeMutablePointer<Float>) {
    for block in 0..<blocks {
      for first in stride(from: 0, to: area, by: Self.piece) {
        load(
          first..<min(first + Self.piece, area), of: block, values,
          to: blocked + (block * area + first) * lanes)
      }
    }
  }

  /// An image in double precision.
  func unpack(_ blocked: UnsafePointer<Float>, to values: UnsafeMutablePointer<Double>) {
    for block in 0..<blocks {
      for first in stride(from: 0, to: area, by: Self.piece) {
        store(
          blocked + (block * area + first) * lanes, as: first..<min(first + Self.piece, area),
          of: block, values)
      }
    }
  }

  /// Some cells of a block out of double precision.
  @inline(__always)
  func load(
    _ cells: Range<Int>, of block: Int, _ values: UnsafePointer<Double>,
    to blocked: UnsafeMutablePointer<Float>
  ) {
    let (width, count) = (width(of: block), cells.count)
    if width < lanes { blocked.update(repeating: 0, count: count * lanes) }
    for lane in 0..<width {
      let from =
        values + (block * lanes + lane) * strides.channel + cells.lowerBound * strides.cell
      for cell in 0..<count {
        blocked[cell &* lanes &+ lane] = Float(from[cell &* strides.cell])
      }
    }
  }

  /// Some cells of a block in double precision.
  @inline(__always)
  func store(
    _ blocked: UnsafePointer<Float>, as cells: Range<Int>, of block: Int,
    _ values: UnsafeMutablePointer<Double>
  ) {
    for lane in 0..<width(of: block) {
      let to =
        values + (block * lanes + lane) * strides.channel + cells.lowerBound * strides.cell
      for cell in 0..<cells.count {
        to[cell &* strides.cell] = Double(blocked[cell &* lanes &+ lane])
      }
    }
  }
}
