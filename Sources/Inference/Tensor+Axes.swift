import ModelGraph

extension Tensor {
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
  func mappingPixels(_ layout: ImageLayout, _ function: ([Double]) -> [Double]) -> Tensor {
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
          result[first + channel * view.inner] = Float(value)
        }
      }
    }
    return Tensor(shape: shape, values: result)
  }

  /// The image `[N, C, H, W]` whichever way it lies.
  func channelsFirst(from layout: ImageLayout) -> Tensor {
    guard layout == .channelsLast, shape.rank == 4 else { return self }
    let e = shape.extents
    return Tensor(
      shape: [e[0], e[3], e[1], e[2]],
      values: Self.transposing(values, blocks: e[0], rows: e[1] * e[2], columns: e[3]))
  }

  /// The image `[N, C, H, W]` brought into a layout.
  func fromChannelsFirst(to layout: ImageLayout) -> Tensor {
    guard layout == .channelsLast, shape.rank == 4 else { return self }
    let e = shape.extents
    return Tensor(
      shape: [e[0], e[2], e[3], e[1]],
      values: Self.transposing(values, blocks: e[0], rows: e[1], columns: e[2] * e[3]))
  }

  /// Each block of `rows × columns` as `columns × rows`.
  static func transposing(
    _ values: [Float], blocks: Int, rows: Int, columns: Int
  ) -> [Float] {
    var result = [Float](repeating: 0, count: values.count)
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
