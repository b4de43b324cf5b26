import FileSupport
import ModelGraph

extension KerasLayers {
  /// The mean of the cells of each of a number of windows.
  typealias AdaptiveAveragePooling2D = AdaptivePooling<Mean>
  /// The largest cell of each of a number of windows.
  typealias AdaptiveMaxPooling2D = AdaptivePooling<Largest>

  /// One cell for each of a number of windows that share an image out: along an axis of *n* cells window *i*
  /// of *N* goes from `⌊i n / N⌋` up to `⌈(i + 1) n / N⌉`.
  ///
  /// Source: `keras/src/layers/pooling/base_adaptive_pooling.py`, `keras/src/backend/tensorflow/nn.py`;
  /// tf_keras does not have it.
  struct AdaptivePooling<Kind: PoolingKind>: ReadOnlyLayerClass {
    static var className: String { "Adaptive\(Kind.prefix)Pooling2D" }
    /// Keras's names for other numbers of axes.
    static var aliases: [String] {
      ["Adaptive\(Kind.prefix)Pooling1D", "Adaptive\(Kind.prefix)Pooling3D"]
    }
    var className: String = Self.className
    /// The number of windows along each axis.
    var outputSize: [Int] = []
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast
    var configuration = JSONObject()

    static var keys: [KerasKey<Self>] {
      [
        .className(\.className), .perAxis("output_size", \.outputSize, nil), .layout(\.layout),
      ]
    }

    /// `[H′, W′, C]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: outputSize.count + 1)
      return layout.shape(channels: layout.channels(of: image), spatial: outputSize)
    }
  }
}

extension KerasLayers.AdaptivePooling {
  /// One axis after the other: windows along several axes are windows of windows.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let image = try context.channelsLast(input, from: layout)
    var result = KerasValue(image.node)
    for (axis, count) in outputSize.enumerated() {
      result = try pooled(result, along: axis, windows: count, &context)
    }
    return [try context.fromChannelsLast(result, to: layout)]
  }

  private func pooled(
    _ value: KerasValue, along axis: Int, windows: Int, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let extents = context.shape(value).extents
    let cells = extents[axis]
    guard cells > 0 else {
      throw ModelFileError(.damaged, "takes an image without cells", found: "\(Shape(extents))")
    }
    let rule: Reduce.Rule = Kind.rule == .average ? .mean : .maximum
    if cells % windows == 0 {
      // Windows that don't overlap are an axis of their own.
      var split = extents
      split.replaceSubrange(axis...axis, with: [windows, cells / windows])
      let apart = try context.reshaped(value, to: Shape(split))
      return try context.applyWithoutMask(Reduce(rule, axes: [axis + 1]), to: apart)
    }
    guard windows <= Self.mostWindows else {
      throw ModelFileError(
        .unsupported, at: [.option("output_size")], "so many uneven windows can't be computed",
        expected: "at most \(Self.mostWindows)", found: "\(windows)")
    }
    var parts: [Int] = []
    for window in 0..<windows {
      let start = window * cells / windows
      let end = ((window + 1) * cells + windows - 1) / windows
      let axes = extents.enumerated().map { index, extent in
        index == axis
          ? Slice.Axis(start: start, count: end - start) : Slice.Axis(start: 0, count: extent)
      }
      let part = try context.applyWithoutMask(Slice(axes: axes), to: value)
      parts.append(
        try context.applyWithoutMask(Reduce(rule, axes: [axis], keepsAxes: true), to: part).node)
    }
    return KerasValue(try context.add(Concatenation(axis: axis), on: parts))
  }

  /// More than any image has cells along an axis; each is a node of the graph.
  private static var mostWindows: Int { 1 << 14 }
}
