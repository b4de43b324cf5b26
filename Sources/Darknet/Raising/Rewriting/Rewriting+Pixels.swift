import FileSupport
import ModelGraph

extension Rewriting {
  /// What is subtracted from numbers that shall not count: 2¹⁰⁰.
  static let large: Float = 0x1p100
  /// More cells along an axis, or of a window, are none that a rule counts one by one.
  static let longest = 1 << 16

  /// An image of one channel that is 1 everywhere, as large as another one.
  func ones(like image: Place) throws(ModelFileError) -> Place {
    let extents = shape(of: image).extents
    return try shared("ones \(extents[0]) \(extents[1])") { () throws(ModelFileError) in
      let form: Shape = [1, extents[2], 1, 1]
      return try apply(
        Convolution(
          window: Window(size: [1, 1], strides: [1, 1], padding: [.none, .none]), groups: 1,
          weights: parameter("weights", .weights, form, RepeatedSource(0, count: extents[2])),
          biases: parameter("biases", .biases, [1], RepeatedSource(1, count: 1))),
        to: [image])
    }
  }

  /// A convolution of single pixels that makes channels of a few others.
  ///
  /// - Parameters:
  ///   - channels: how many it makes.
  ///   - factors: for each of the first channels, the factors of those that it is summed of; the ones behind them have the
  ///     same over and over.
  ///   - offsets: what is added to each.
  func perPixel(to channels: Int, factors: [[Float]], offsets: [Float]) -> Convolution {
    let times = channels / max(factors.count, 1)
    return Convolution(
      window: Window(size: [1, 1], strides: [1, 1], padding: [.none, .none]), groups: 1,
      weights: parameter(
        "weights", .weights, [channels, factors[0].count, 1, 1],
        RepeatedBlock(factors.flatMap(\.self), times: times)),
      biases: parameter("biases", .biases, [channels], RepeatedBlock(offsets, times: times)))
  }
}
