import FileSupport
import ModelGraph

/// What a pooling makes of the cells of a window.
public protocol PoolingKind: Sendable {
  /// The first part of the class's name.
  static var prefix: String { get }
  /// What becomes of the cells.
  static var rule: ModelGraph.Pooling.Rule { get }
}

extension KerasLayers {
  /// The largest cell of each window; cells outside the image don't count.
  public typealias MaxPooling2D = Pooling<Largest>
  /// The mean of the cells of each window that lie inside the image.
  public typealias AveragePooling2D = Pooling<Mean>
  /// The largest cell of each channel.
  public typealias GlobalMaxPooling2D = GlobalPooling<Largest>
  /// The mean of each channel.
  public typealias GlobalAveragePooling2D = GlobalPooling<Mean>

  /// The largest cell.
  public enum Largest: PoolingKind {
    /// `Max`
    public static let prefix = "Max"
    /// The largest.
    public static let rule = ModelGraph.Pooling.Rule.maximum
  }

  /// The mean of the cells.
  public enum Mean: PoolingKind {
    /// `Average`
    public static let prefix = "Average"
    /// The mean.
    public static let rule = ModelGraph.Pooling.Rule.average
  }

  /// One cell for each window, along one to three axes.
  public struct Pooling<Kind: PoolingKind>: KerasLayerClass {
    /// Keras's name of the class for images.
    public static var className: String { "\(Kind.prefix)Pooling2D" }
    /// Keras's names for other numbers of axes.
    public static var aliases: [String] {
      ["\(Kind.prefix)Pooling1D", "\(Kind.prefix)Pooling3D"]
    }
    /// Its name.
    public let className: String
    /// The extents of the window.
    public let poolSize: [Int]
    /// Steps along each axis.
    public let strides: [Int]
    /// What happens at the border.
    public let padding: WindowPadding
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A pooling of images, channels last.
    public init(poolSize: [Int], strides: [Int], padding: WindowPadding) {
      className = Self.className
      self.poolSize = poolSize
      self.strides = strides
      self.padding = padding
      layout = .channelsLast
    }

    /// Reads `pool_size`, `strides` (the same if missing), `padding`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      let rank = try SpatialClass.rank(of: className)
      poolSize = try configuration.integers(
        "pool_size", count: rank, default: [Int](repeating: 2, count: rank))
      strides = try configuration.integers("strides", count: rank, default: poolSize)
      padding = try configuration.padding()
      layout = try configuration.layout()
    }

    /// The window, and what differs from Keras's defaults.
    public var configuration: JSONObject {
      var members: JSONObject = [
        "pool_size": JSONValue(poolSize), "strides": JSONValue(strides),
      ]
      members.set("padding", .string(padding.rawValue), unless: "valid")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[H′, W′, C]`
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: poolSize.count + 1)
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: image), size: poolSize, strides: strides)
      return layout.shape(channels: layout.channels(of: image), spatial: spatial)
    }
  }

  /// One cell for each channel.
  public struct GlobalPooling<Kind: PoolingKind>: KerasLayerClass {
    /// Keras's name of the class for images.
    public static var className: String { "Global\(Kind.prefix)Pooling2D" }
    /// Keras's names for other numbers of axes.
    public static var aliases: [String] {
      ["Global\(Kind.prefix)Pooling1D", "Global\(Kind.prefix)Pooling3D"]
    }
    /// A mask may be passed behind the value.
    public static var callParameters: [String] { ["inputs", "mask"] }
    /// Its name.
    public let className: String
    /// Whether the spatial axes remain, with extent 1.
    public let keepsAxes: Bool
    /// Where the channels stand.
    public let layout: ImageLayout
    private let rank: Int

    /// A pooling of images without rows and columns, channels last.
    public init() {
      className = Self.className
      keepsAxes = false
      layout = .channelsLast
      rank = 2
    }

    /// Reads `keepdims` and `data_format`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      rank = try SpatialClass.rank(of: className)
      keepsAxes = try configuration.truth("keepdims", default: false)
      layout = try configuration.layout()
    }

    /// What differs from Keras's defaults.
    public var configuration: JSONObject {
      var members = JSONObject()
      members.set("keepdims", .bool(keepsAxes), unless: false)
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[C]`
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let channels = layout.channels(of: try inputs.single(rank: rank + 1))
      let ones = [Int?](repeating: 1, count: rank)
      return keepsAxes ? layout.shape(channels: channels, spatial: ones) : [channels]
    }
  }
}

extension KerasLayers.Pooling {
  /// The operation.
  public func lower(
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
  public func lower(
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
