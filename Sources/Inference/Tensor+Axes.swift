import ModelGraph

extension TensorOf where Scalar: ReferenceScalar {
  /// A tensor seen as `outer × channels × inner`, for operations that work channel by channel
  /// wherever the channels stand.
  struct ChannelView {
    /// What stands in front of the channels: the batch, and the image if channels come last.
    let outer: Int
    /// The channels.
    let channels: Int
    /// What stands behind them: the image if channels come first.
    let inner: Int
  }

  /// The view around the channels of this layout.
  func channelView(_ layout: ImageLayout) -> ChannelView {
    let extents = sample.extents
    guard !extents.isEmpty else { return ChannelView(outer: batch, channels: 1, inner: 1) }
    let axis = layout.channelAxis(rank: extents.count)
    return ChannelView(
      outer: batch * extents[..<axis].reduce(1, *), channels: extents[axis],
      inner: extents[(axis + 1)...].reduce(1, *))
  }

  /// A function of the channels of each pixel, in double precision.
  func mappingPixels(_ layout: ImageLayout, _ function: ([Double]) -> [Double]) -> TensorOf {
    let view = channelView(layout)
    var result = values
    var pixel = [Double](repeating: 0, count: view.channels)
    for outer in 0..<view.outer {
      for inner in 0..<view.inner {
        let first = outer * view.channels * view.inner + inner
        for channel in 0..<view.channels {
          pixel[channel] = Double(values[first + channel * view.inner])
        }
        for (channel, value) in function(pixel).enumerated() {
          result[first + channel * view.inner] = Scalar(value)
        }
      }
    }
    return TensorOf(shape: shape, values: result)
  }

  /// The image as `[N, C, …]` whichever way it lies.
  func channelsFirst(from layout: ImageLayout) -> TensorOf {
    let e = shape.extents
    guard layout == .channelsLast, e.count > 2 else { return self }
    let (spatial, channels) = (Array(e[1..<(e.count - 1)]), e[e.count - 1])
    return TensorOf(
      shape: Shape([e[0], channels] + spatial),
      values: Self.transposing(
        values, blocks: e[0], rows: spatial.reduce(1, *), columns: channels))
  }

  /// The image `[N, C, …]` brought into a layout.
  func fromChannelsFirst(to layout: ImageLayout) -> TensorOf {
    let e = shape.extents
    guard layout == .channelsLast, e.count > 2 else { return self }
    let spatial = Array(e[2...])
    return TensorOf(
      shape: Shape([e[0]] + spatial + [e[1]]),
      values: Self.transposing(values, blocks: e[0], rows: e[1], columns: spatial.reduce(1, *)))
  }

  /// Each block of `rows × columns` as `columns × rows`.
  static func transposing(
    _ values: [Scalar], blocks: Int, rows: Int, columns: Int
  ) -> [Scalar] {
    var result = [Scalar](repeating: 0, count: values.count)
    for block in 0..<blocks {
      let start = block * rows * columns
      for row in 0..<rows {
        for column in 0..<columns {
          result[start + column * rows + row] = values[start + row * columns + column]
        }
      }
    }
    return result
  }
}
