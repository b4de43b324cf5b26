import FileSupport
import ModelGraph

extension KerasLayers {
  /// An image brought to another height and width.
  ///
  /// Source: `keras/src/layers/preprocessing/image_preprocessing/resizing.py`,
  /// `keras/src/backend/tensorflow/image.py: resize`.
  struct Resizing: ReadOnlyLayerClass {
    static let className = "Resizing"
    /// The height and the width.
    var size = [0, 0]
    /// How cells between cells are found, in any case of letters.
    var interpolation = "bilinear"
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast
    private var crops = false
    private var pads = false
    private var fill = 0.0
    private var fillMode = "constant"
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .integer("height", \.size[0], .required), .integer("width", \.size[1], .required),
      .text("interpolation", \.interpolation), .layout(\.layout),
      .truth("crop_to_aspect_ratio", \.crops), .truth("pad_to_aspect_ratio", \.pads),
      .number("fill_value", \.fill), .text("fill_mode", \.fillMode),
      .unsupported("antialias", "resizing with antialiasing is not supported"),
    ]

    /// What happens to an image of another ratio of width to height.
    enum Aspect: Sendable, Equatable {
      /// It is stretched.
      case ignored
      /// What is too much is cut off on both sides first.
      case cropped
      /// Cells of this value are put on both sides first.
      case padded(Double)
    }

    /// What happens to an image of another ratio of width to height.
    private var aspect: Aspect { crops ? .cropped : pads ? .padded(fill) : .ignored }

    /// `[height, width, C]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: 3)
      return layout.shape(channels: layout.channels(of: image), spatial: size)
    }
  }

  /// The middle of an image; of one that is too small, the largest part with the ratio of the size asked for,
  /// enlarged.
  ///
  /// Source: `keras/src/layers/preprocessing/image_preprocessing/center_crop.py`.
  struct CenterCrop: ReadOnlyLayerClass {
    static let className = "CenterCrop"
    /// The height and the width.
    var size = [0, 0]
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .integer("height", \.size[0], .required), .integer("width", \.size[1], .required),
      .layout(\.layout),
    ]

    /// `[height, width, C]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: 3)
      return layout.shape(channels: layout.channels(of: image), spatial: size)
    }
  }
}

extension KerasLayers.Resizing {
  /// Reads the keys, not all of which go together.
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    self = try Self.read(configuration)
    guard !crops || !pads else {
      throw configuration.wrong("pad_to_aspect_ratio", expected: "false where it is cropped")
    }
    guard fillMode == "constant" || !pads else {
      throw configuration.wrong("fill_mode", expected: "'constant'")
    }
  }

  /// The cut or the margin, and the resizing.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let method = ModelGraph.Resizing.Interpolation(rawValue: interpolation.lowercased())
    guard let method else {
      throw ModelFileError(
        .unsupported, at: [.option("interpolation")],
        "resizing by '\(interpolation.escapedForTerminal)' can't be computed")
    }
    let image = try context.channelsLast(input, from: layout)
    let result = try context.resized(image, to: size, by: method, aspect: aspect)
    return [try context.fromChannelsLast(result, to: layout)]
  }
}

extension KerasLayers.CenterCrop {
  /// The cut, or the resizing.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let image = try context.channelsLast(input, from: layout)
    let extents = context.shape(image).extents
    let result =
      extents[0] >= size[0] && extents[1] >= size[1]
      ? try context.middle(of: image, size)
      : try context.resized(image, to: size, by: .bilinear, aspect: .cropped)
    return [try context.fromChannelsLast(result, to: layout)]
  }
}

extension LoweringContext {
  /// An image `[H, W, C]` of another size.
  fileprivate mutating func resized(
    _ image: KerasValue, to size: [Int], by method: Resizing.Interpolation,
    aspect: KerasLayers.Resizing.Aspect
  ) throws(ModelFileError) -> KerasValue {
    let (height, width) = (shape(image).extents[0], shape(image).extents[1])
    // The height that belongs to the width, and the width that belongs to the height, in single precision.
    let fitting = [(width, size[0], size[1]), (height, size[1], size[0])].map {
      Int(min(Float($0.clampedProduct($1)) / Float($2), 0x1p62))
    }
    var part = KerasValue(image.node)
    switch aspect {
    case .ignored: break
    case .cropped:
      part = try middle(
        of: part, [max(min(height, fitting[0]), 1), max(min(width, fitting[1]), 1)])
    case .padded(let fill):
      let margins = [max(height, fitting[0]) - height, max(width, fitting[1]) - width].map {
        Padding(before: $0 / 2, after: $0 / 2)
      }
      part = try applyWithoutMask(
        Pad(margins: margins + [.none], value: fill), to: part)
    }
    return try applyWithoutMask(Resizing(size: size, interpolation: method), to: part)
  }

  /// The middle of an image `[H, W, C]`; of what is cut off, the odd cell is cut behind it.
  fileprivate mutating func middle(
    of image: KerasValue, _ size: [Int]
  ) throws(ModelFileError) -> KerasValue {
    let extents = shape(image).extents
    let axes = zip(extents, size).map { extent, count in
      Slice.Axis(start: (extent - count) / 2, count: count)
    }
    return try applyWithoutMask(
      Slice(axes: axes + [Slice.Axis(start: 0, count: extents[2])]), to: image)
  }
}
