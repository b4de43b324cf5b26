import FileSupport
import ModelGraph

/// What a pooling makes of the cells of a window.
protocol PoolingKind: Sendable {
  /// The first part of the class's name.
  static var prefix: String { get }
  /// What becomes of the cells.
  static var rule: ModelGraph.Pooling.Rule { get }
}

extension KerasLayers {
  /// The largest cell of each window; cells outside the image don't count.
  typealias MaxPooling2D = Pooling<Largest>
  /// The mean of the cells of each window that lie inside the image.
  typealias AveragePooling2D = Pooling<Mean>
  /// The largest cell of each channel.
  typealias GlobalMaxPooling2D = GlobalPooling<Largest>
  /// The mean of each channel.
  typealias GlobalAveragePooling2D = GlobalPooling<Mean>

  /// The largest cell.
  enum Largest: PoolingKind {
    /// `Max`
    static let prefix = "Max"
    /// The largest.
    static let rule = ModelGraph.Pooling.Rule.maximum
  }

  /// The mean of the cells.
  enum Mean: PoolingKind {
    /// `Average`
    static let prefix = "Average"
    /// The mean.
    static let rule = ModelGraph.Pooling.Rule.average
  }

  /// One cell for each window, along one to three axes.
  struct Pooling<Kind: PoolingKind>: KeyedLayerClass {
    static var className: String { "\(Kind.prefix)Pooling2D" }
    /// Keras's names for other numbers of axes.
    static var aliases: [String] {
      ["\(Kind.prefix)Pooling1D", "\(Kind.prefix)Pooling3D"]
    }
    var className: String = Self.className
    /// The extents of the window.
    var poolSize = [2, 2]
    /// Steps along each axis.
    var strides = [2, 2]
    /// What happens at the border.
    var padding = WindowPadding.valid
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast

    static var keys: [KerasKey<Self>] {
      [
        .className(\.className), .perAxis("pool_size", \.poolSize, 2, .written),
        .perAxis("strides", \.strides, like: \.poolSize, named: "pool_size"),
        .padding(\.padding), .layout(\.layout),
      ]
    }

    /// `[H′, W′, C]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: poolSize.count + 1)
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: image), size: poolSize, strides: strides)
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }

  /// One cell for each channel.
  struct GlobalPooling<Kind: PoolingKind>: KeyedLayerClass {
    static var className: String { "Global\(Kind.prefix)Pooling2D" }
    /// Keras's names for other numbers of axes.
    static var aliases: [String] {
      ["Global\(Kind.prefix)Pooling1D", "Global\(Kind.prefix)Pooling3D"]
    }
    /// A mask may be passed behind the value.
    static var callParameters: [String] { ["inputs", "mask"] }
    var className: String = Self.className
    /// Whether the spatial axes remain, with extent 1.
    var keepsAxes = false
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast
    var rank = 2

    static var keys: [KerasKey<Self>] {
      [
        .className(\.className), .truth("keepdims", \.keepsAxes), .layout(\.layout),
        .other(\.rank) { configuration throws(ModelFileError) in
          try SpatialClass.rank(of: configuration.className)
        },
      ]
    }

    /// `[C]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let channels = layout.channels(of: try inputs.single(rank: rank + 1))
      let ones = [Int?](repeating: 1, count: rank)
      return keepsAxes ? layout.shape(channels: channels, spatial: ones) : [channels]
    }
  }
}

extension KerasLayers.Pooling {
  /// The operation.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let image = try context.channelsLast(input, from: layout)
    let window = try padding.window(
      over: Array(context.shape(image).extents.dropLast()), size: poolSize, strides: strides)
    let result = try context.applyWithoutMask(
      ModelGraph.Pooling(Kind.rule, window: window), to: image)
    return [try context.fromChannelsLast(result, to: layout)]
  }
}

extension KerasLayers.GlobalPooling {
  /// One number out of each channel. The mean of a sequence with a mask is that of the steps that count
  /// (`global_average_pooling1d.py`).
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    _ = try outputShape(of: [KerasShape(shape)])
    let axes = layout == .channelsFirst ? Array(1...rank) : Array(0..<rank)
    let given = try call.tensor("mask")?.node ?? input.mask
    guard let mask = given, rank == 1, Kind.rule == .average else {
      if Kind.rule == .average {
        return [
          try context.mean(
            input, along: axes, keepsAxes: keepsAxes, isTensorFlow: context.generation < .third)
        ]
      }
      let largest = Reduce(.maximum, axes: axes, keepsAxes: keepsAxes)
      return [try context.applyWithoutMask(largest, to: input)]
    }
    let steps = shape.extents[axes[0]]
    guard context.shape(KerasValue(mask)).elementCount == steps else {
      throw ModelFileError(
        .unsupported, at: [.option("data_format")],
        "a mask of other steps than the pooled ones is not supported",
        expected: "\(steps) steps", found: "\(context.shape(KerasValue(mask)).elementCount)")
    }
    let wide = try context.reshaped(
      KerasValue(mask), to: layout == .channelsFirst ? [1, steps] : [steps, 1])
    let counted = try context.combine(.product, [input, wide])
    let sum = try context.apply(Reduce(.sum, axes: axes, keepsAxes: keepsAxes), to: counted)
    let count = try context.apply(Reduce(.sum, axes: axes, keepsAxes: keepsAxes), to: wide)
    return [try context.combine(.quotient, [sum, count])]
  }
}
