import FileSupport
import ModelGraph

/// The options that place the window of a pooling (`parser.c: parse_maxpool`).
struct PoolGeometry {
  static let stride = Option("stride", 1)
  static let strideX = Option("stride_x", 1, in: .alexeyAndLater)
  static let strideY = Option("stride_y", 1, in: .alexeyAndLater)
  static let size = Option("size", 1)
  static let padding = Option("padding", 0)
  static let options = [
    stride.description, strideX.description, strideY.description, size.description,
    padding.description,
  ]

  let size: Int
  /// Vertical, horizontal.
  let strides: [Int]
  /// Cells put on both sides together.
  let padding: Int

  init(_ options: OptionReader) throws(ModelFileError) {
    let range = 1...Int(Int16.max)
    let stride = try options.value(Self.stride, in: range)
    size = options.value(of: Self.size) ?? stride
    strides = [
      options.value(of: Self.strideY) ?? stride, options.value(of: Self.strideX) ?? stride,
    ]
    padding = options.value(of: Self.padding) ?? size - 1
    guard range.contains(size), strides.allSatisfy(range.contains),
      (0...range.upperBound).contains(padding)
    else {
      throw options.error(
        .damaged, Self.size.key, "size, stride or padding is out of range",
        expected: "1 to \(range.upperBound), padding from 0",
        found: "size \(size), stride \(strides[0]) × \(strides[1]), padding \(padding)",
        remedy: "set them to numbers in these ranges")
    }
  }

  /// `(in + padding − size) / stride + 1`; the window begins `padding / 2` cells in front of the image.
  func placed(
    on input: LayerShape, strides: [Int], _ options: OptionReader
  ) throws(ModelFileError) -> (window: Window, height: Int, width: Int) {
    var extents: [Int] = []
    for (extent, stride) in zip([input.height, input.width], strides) {
      guard extent + padding >= size else {
        throw options.error(
          .damaged, Self.size.key, "the window is larger than the padded image",
          expected: "at most \(extent + padding)", found: "\(size)")
      }
      extents.append((extent + padding - size) / stride + 1)
    }
    let side = Padding(before: padding / 2, after: padding - padding / 2)
    let window = Window(size: [size, size], strides: strides, padding: [side, side])
    return (window, extents[0], extents[1])
  }

  /// `2×2/2`
  func summary(strides: [Int]) -> String {
    let equal = strides[0] == strides[1]
    let stride = equal ? "\(strides[0])" : "\(strides[0])×\(strides[1])"
    return "\(size)×\(size)/\(stride)" + (padding == size - 1 ? "" : " padding \(padding)")
  }
}

/// `[maxpool]` (`maxpool_layer.c`): the largest of each window, or of groups of channels.
struct MaxPool: ReadableLayer {
  static let type = "maxpool"
  static let operations: [any Operation.Type] = [Pooling.self]
  static let aliases = ["max"]

  static let depth = Option("maxpool_depth", 0, in: .alexeyAndLater, gives: ChannelMaximum.self)
  static let outChannels = Option("out_channels", 1, in: .alexeyAndLater)
  static let options =
    PoolGeometry.options + [
      depth.description, outChannels.description, Antialiasing.option.description,
    ] + trainingOptions("maxpool_zero_nonmax", in: .alexeyAndLater, refused: true)

  let output: LayerShape
  let buffer: LayerShape
  let summary: String
  let window: Window
  let antialiasing: Antialiasing?
  /// The channels that remain, if channels are pooled.
  let depthChannels: Int?

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    let geometry = try PoolGeometry(options)
    let antialiasing = Antialiasing(options, strides: geometry.strides)
    self.antialiasing = antialiasing
    let strides = antialiasing == nil ? geometry.strides : [1, 1]
    if options[Self.depth] != 0 {
      let channels = try options.value(Self.outChannels, in: 1...input.channels)
      depthChannels = channels
      window = Window(size: [1, 1], strides: [1, 1], padding: [])
      buffer = LayerShape(channels: channels, height: input.height, width: input.width)
      output = try antialiasing?.output(of: buffer, options) ?? buffer
      summary = "channels \(input.channels) → \(channels)"
      return
    }
    let placed = try geometry.placed(on: input, strides: strides, options)
    depthChannels = nil
    window = placed.window
    buffer = LayerShape(channels: input.channels, height: placed.height, width: placed.width)
    output = try antialiasing?.output(of: buffer, options) ?? buffer
    summary =
      geometry.summary(strides: geometry.strides) + (antialiasing == nil ? "" : " antialiased")
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let image = try lowering.image()
    guard let depthChannels else {
      let node = try lowering.add(Pooling(.maximum, window: window), on: image)
      lowering.finish(try antialiasing?.lower(&lowering, on: node) ?? node)
      return
    }
    // Pooling over channels ends before the blur: only its extents are there.
    guard output == buffer else {
      throw lowering.unsupported(
        "antialiasing follows a maximum over channels", option: Antialiasing.option.key)
    }
    lowering.finish(try lowering.add(ChannelMaximum(outputs: depthChannels), on: image))
  }
}

/// `[local_avgpool]` (`maxpool_layer.c`): the mean of each window.
struct LocalAveragePool: ReadableLayer {
  static let type = "local_avgpool"
  static let operations: [any Operation.Type] = [Pooling.self]
  static let aliases = ["local_avg"]
  static let dialects: Set<Dialect> = .alexeyAndLater
  static let options = PoolGeometry.options

  let output: LayerShape
  let summary: String
  let window: Window

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    let geometry = try PoolGeometry(options)
    let placed = try geometry.placed(on: input, strides: geometry.strides, options)
    window = placed.window
    output = LayerShape(channels: input.channels, height: placed.height, width: placed.width)
    summary = geometry.summary(strides: geometry.strides)
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(
      try lowering.add(Pooling(.average, window: window), on: try lowering.image()))
  }
}

/// `[avgpool]` (`avgpool_layer.c`): the mean of each channel.
struct AveragePool: ReadableLayer {
  static let type = "avgpool"
  static let operations: [any Operation.Type] = [Reduce.self]
  static let aliases = ["avg"]

  let output: LayerShape

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = LayerShape(vector: try context.image(options).channels)
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(
      try lowering.add(Reduce(.mean, axes: [1, 2]), on: try lowering.image()))
  }
}
