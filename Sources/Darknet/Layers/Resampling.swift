import FileSupport
import ModelGraph

/// `[upsample]` (`upsample_layer.c`): each cell repeated, or with a negative stride blocks summed.
struct Upsample: ReadableLayer {
  static let type = "upsample"
  static let operations: [any Operation.Type] = [Repeat.self, Affine.self, BlockSum.self]
  static let stride = Option("stride", 2)
  static let scale = Option("scale", 1.0)
  static let options = [stride.description, scale.description]

  let output: LayerShape
  let stride: Int
  let scale: Double

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    stride = options[Self.stride]
    scale = options[Self.scale]
    guard stride != 0, abs(stride) <= Int(Int16.max) else {
      throw options.outOfRange(
        Self.stride, stride, expected: "-32767 to 32767, but not 0", isDefaultAllowed: true)
    }
    output = LayerShape(
      channels: input.channels,
      height: stride > 0 ? input.height * stride : input.height / -stride,
      width: stride > 0 ? input.width * stride : input.width / -stride)
  }

  var summary: String { "×\(stride)\(scale == 1 ? "" : " scale \(scale)")" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let image = try lowering.image()
    guard stride > 0 else {
      lowering.finish(try lowering.add(BlockSum(factor: -stride, scale: scale), on: image))
      return
    }
    let large = try lowering.add(
      Repeat(counts: [1, stride, stride]), suffix: scale == 1 ? "" : "_repeat", on: image)
    lowering.finish(
      scale == 1 ? large : try lowering.add(Affine(scale: scale, offset: 0), on: large))
  }
}

/// `[reorg]` (`reorg_old_layer.c`, pjreddie's `reorg_layer.c`): cells into channels, in an order that
/// trained models depend on.
struct Reorg: ReadableLayer {
  static let type = "reorg"
  static let operations: [any Operation.Type] = [SpaceToDepth.self]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let stride = Option("stride", 1)
  static let reverse = Option("reverse", 0)
  static let flatten = Option("flatten", 0, in: .pjreddieOnly, gives: Interleaving.self)
  static let extra = Option("extra", 0, in: .pjreddieOnly, gives: Pad.self)
  static let options = [
    stride.description, reverse.description, flatten.description, extra.description,
  ]

  let output: LayerShape
  let stride: Int
  let isReverse: Bool
  /// Whether the elements only change from plane by plane to pixel by pixel (or back).
  let interleaves: Bool
  /// Zeros behind the input's values, in place of a reordering.
  let extra: Int

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    stride = try options.value(Self.stride, in: 1...Int(Int16.max))
    isReverse = options[Self.reverse] != 0
    interleaves = options[Self.flatten] != 0
    extra = try options.value(Self.extra, in: 0...Int(Int32.max))
    let block = stride * stride
    guard input.channels >= block || interleaves || extra > 0 else {
      throw options.error(
        .damaged, Self.stride.key, "needs as many channels as a block has cells",
        expected: "\(block) or more", found: "\(input.channels)")
    }
    if extra > 0 {
      output = LayerShape(channels: 0, height: 0, width: 0, count: input.count + extra)
    } else if isReverse {
      output = LayerShape(
        channels: input.channels / block, height: input.height * stride,
        width: input.width * stride)
    } else {
      output = LayerShape(
        channels: input.channels * block, height: input.height / stride,
        width: input.width / stride)
    }
  }

  var summary: String { "/\(stride)\(isReverse ? " reverse" : "")" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let input = lowering.layer.input
    if interleaves {
      guard output.count == input.count else {
        throw lowering.unsupported(
          "the reordering does not use every value once", option: Self.flatten.key)
      }
      let node = try lowering.add(
        Interleaving(isReverse: isReverse), suffix: "_order", on: try lowering.image())
      lowering.finish(try lowering.add(Reshaping(to: output.shape), on: node))
      return
    }
    if extra > 0 {
      let zeros = Pad(margins: [Padding(before: 0, after: extra)])
      lowering.finish(try lowering.add(zeros, on: try lowering.vector()))
      return
    }
    let block = stride * stride
    guard input.channels % block == 0,
      isReverse || (input.height % stride == 0 && input.width % stride == 0)
    else {
      throw lowering.unsupported(
        "blocks of this stride don't divide the image evenly", option: "stride")
    }
    lowering.finish(
      try lowering.add(
        SpaceToDepth(block: stride, order: isReverse ? .reverseReorg : .reorg),
        on: try lowering.image()))
  }
}

/// `[reorg3d]` (AlexeyAB's `reorg_layer.c`): cells into channels, block by block.
struct Reorg3D: ReadableLayer {
  static let type = "reorg3d"
  static let operations: [any Operation.Type] = [SpaceToDepth.self]
  static let dialects: Set<Dialect> = .alexeyAndLater
  static let options = [Reorg.stride.description, Reorg.reverse.description]

  let output: LayerShape
  let stride: Int
  let isReverse: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    stride = try options.value(Reorg.stride, in: 1...Int(Int16.max))
    isReverse = options[Reorg.reverse] != 0
    let block = stride * stride
    output =
      isReverse
      ? LayerShape(
        channels: input.channels / block, height: input.height * stride,
        width: input.width * stride)
      : LayerShape(
        channels: input.channels * block, height: input.height / stride,
        width: input.width / stride)
  }

  var summary: String { "/\(stride)\(isReverse ? " reverse" : "")" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let input = lowering.layer.input
    if isReverse {
      throw lowering.unsupported(
        "the reverse of reorg3d can't be computed", option: Reorg.reverse.key)
    }
    guard input.height % stride == 0, input.width % stride == 0 else {
      throw lowering.unsupported(
        "blocks of this stride don't divide the image evenly", option: "stride")
    }
    lowering.finish(
      try lowering.add(SpaceToDepth(block: stride, order: .blocks), on: try lowering.image()))
  }
}

/// `[crop]` (`crop_layer.c`): the middle of the image, brought from 0…1 to −1…1.
struct CropLayer: ReadableLayer {
  static let type = "crop"
  static let operations: [any Operation.Type] = [Slice.self, Affine.self]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let height = Option("crop_height", 1)
  static let width = Option("crop_width", 1)
  static let noadjust = Option("noadjust", 0)
  static let options =
    [height.description, width.description, noadjust.description]
    + trainingOptions("flip", "angle", "saturation", "exposure", "shift")

  let output: LayerShape
  let adjusts: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    adjusts = options[Self.noadjust] == 0
    output = LayerShape(
      channels: input.channels,
      height: try options.value(Self.height, in: 1...input.height),
      width: try options.value(Self.width, in: 1...input.width))
  }

  var summary: String { adjusts ? "" : "noadjust" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let input = lowering.layer.input
    let margins = [(input.height, output.height), (input.width, output.width)].map { whole, part in
      Padding(before: (whole - part) / 2, after: (whole - part + 1) / 2)
    }
    let image = try lowering.image()
    let node = try lowering.add(
      Slice(cutting: [.none] + margins, of: lowering.shape(of: image)), on: image)
    lowering.finish(
      adjusts
        ? try lowering.add(Affine(scale: 2, offset: -1), suffix: "_adjusted", on: node) : node)
  }
}
