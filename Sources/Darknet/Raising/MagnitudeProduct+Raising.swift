import FileSupport
import ModelGraph

/// `x · |g|` by a `[normalization]` whose exponent is −½: of two channels the first becomes `x₀ · √(x₀² + x₁²)`.
///
/// With `x₀ = 2⁻⁶⁴ · x` and `x₁ = g` the first square is nothing beside the second, and the result is `2⁻⁶⁴ · x ·
/// |g|`, but for the rounding of the square and of the root, and for less than `2⁻⁶¹ · max(1, x²)` where *g* or the
/// result is next to 0. To the layer the two values are two channels: with as many zeros behind each that its
/// channels are the square of a number *s*, `[reorg]` with `flatten` takes the memory of `2 · s²` channels for that
/// of two, *s* times as high and wide. It turns the memory over each time, so that it stands there twice.
extension MagnitudeProduct: DarknetRaisable {
  private static let smallness: Float = 0x1p-64

  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (value, shape) = try context.channels(0)
    let (factor, _) = try context.channels(1)
    let side = Self.side(channels: shape.channels)
    let small = try context.pointwise(on: value, scale: Self.smallness)
    var parts = [small, factor]
    if side * side > shape.channels {
      let zeros = try self.zeros(side * side - shape.channels, on: factor, shape, context)
      parts = [small, zeros, factor, zeros]
    }
    let stacked = LayerShape(
      channels: 2 * side * side, height: shape.height, width: shape.width)
    let pair = LayerShape(channels: 2, height: shape.height * side, width: shape.width * side)
    var last = try context.builder.route(parts, shape: stacked)
    last = try reorder(last, 1, reverse: 0, stacked, context)
    last = try reorder(last, side, reverse: 1, pair, context)
    var options = SectionOptions()
    options.write(ResponseNormalization.size, 4)
    options.write(ResponseNormalization.alpha, 1)
    options.write(ResponseNormalization.beta, -0.5)
    options.write(ResponseNormalization.kappa, 0)
    last = try context.builder.add(ResponseNormalization.self, options, on: last, shape: pair)
    last = try reorder(last, 1, reverse: 1, pair, context)
    last = try reorder(last, side, reverse: 0, stacked, context)
    return try first(of: last, like: value, shape, context)
  }

  /// The smallest number whose square is not below that of the channels.
  private static func side(channels: Int) -> Int {
    var side = Int(Double(channels).squareRoot())
    while side * side < channels { side += 1 }
    return side
  }

  /// So many channels of zeros.
  private func zeros(
    _ count: Int, on value: RaisedValue, _ shape: LayerShape, _ context: RaisingContext
  ) throws(ModelFileError) -> RaisedValue {
    var options = SectionOptions()
    options.write(Convolutional.filters, count)
    options.write(Convolutional.size, 1)
    options.write(Convolutional.activation, .linear)
    return try context.builder.add(
      Convolutional.self, options, on: value,
      shape: LayerShape(channels: count, height: shape.height, width: shape.width),
      arrays: [
        .biases: OrderedTensor(repeating: 0, count: count),
        .weights: OrderedTensor(repeating: 0, count: count.clampedProduct(shape.channels)),
      ])
  }

  private func reorder(
    _ value: RaisedValue, _ stride: Int, reverse: Int, _ shape: LayerShape,
    _ context: RaisingContext
  ) throws(ModelFileError) -> RaisedValue {
    var options = SectionOptions()
    options.write(Reorg.stride, stride)
    options.set(Reorg.reverse, reverse)
    options.write(Reorg.flatten, 1)
    return try context.builder.add(Reorg.self, options, on: value, shape: shape)
  }

  /// The first channels: a `[shortcut]` of unequal layers takes those that both have.
  private func first(
    of stacked: RaisedValue, like value: RaisedValue, _ shape: LayerShape,
    _ context: RaisingContext
  ) throws(ModelFileError) -> RaisedValue {
    let ending = context.ending(isConvolution: false, normalizes: false)
    var options = SectionOptions()
    options.write(Shortcut.from, [context.builder.reference(to: stacked)])
    options.write(Shortcut.alpha, 0)
    options.write(Shortcut.beta, Double(1 / Self.smallness))
    options.write(Shortcut.activation, ending.activation)
    return try context.builder.add(Shortcut.self, options, on: value, shape: shape)
  }
}
