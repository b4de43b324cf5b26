import FileSupport
import ModelGraph

/// The options that place the window of a convolution, read as darknet reads them
/// (`parser.c: parse_convolutional`).
struct ConvolutionGeometry {
  let size: Int
  /// Vertical, horizontal.
  let strides: [Int]
  let dilation: Int
  /// Cells put on each side, before dilation multiplies them.
  let padding: Int

  init(_ options: OptionReader) throws(ModelFileError) {
    let range = 1...Int(Int16.max)
    size = try options.value(Convolutional.size, in: range)
    let stride = try options.value(Convolutional.stride, in: range)
    let x = options[Convolutional.strideX]
    let y = options[Convolutional.strideY]
    strides = [y < 1 ? stride : y, x < 1 ? stride : x]
    let dilation = try options.value(Convolutional.dilation, in: range)
    self.dilation = size == 1 ? 1 : dilation
    let explicit = try options.value(Convolutional.padding, in: 0...Int(Int16.max))
    padding = options[Convolutional.pad] != 0 ? size / 2 : explicit
  }

  /// The options of a convolution inside a recurrent layer, which has only one stride and another
  /// default (`parser.c: parse_crnn`, `parse_conv_lstm`).
  init(recurrent options: OptionReader) throws(ModelFileError) {
    let range = 1...Int(Int16.max)
    size = try options.value(ConvolutionPart.size, in: range)
    let stride = try options.value(ConvolutionPart.stride, in: range)
    strides = [stride, stride]
    dilation = try options.value(Convolutional.dilation, in: range)
    let explicit = try options.value(ConvolutionPart.padding, in: 0...range.upperBound)
    padding = options[ConvolutionPart.pad] != 0 ? size / 2 : explicit
  }

  /// The window of pjreddie's `[crnn]`, which has no options for it: 3 × 3 around each pixel.
  init(padded size: Int) {
    self.size = size
    strides = [1, 1]
    dilation = 1
    padding = size / 2
  }

  /// The window as `im2col` moves it: the padding grows with the dilation.
  func window(strides: [Int]) -> Window {
    let side = Padding(before: padding * dilation, after: padding * dilation)
    return Window(
      size: [size, size], strides: strides, dilation: [dilation, dilation], padding: [side, side])
  }

  /// Whether the image keeps its size, dilation and all.
  var keepsExtents: Bool { strides == [1, 1] && 2 * padding * dilation == (size - 1) * dilation }

  /// `(in + 2 · padding − size) / stride + 1`: darknet's formula, which leaves the dilation out.
  func outputExtents(
    of input: LayerShape, strides: [Int], _ options: OptionReader
  ) throws(ModelFileError) -> [Int] {
    var extents: [Int] = []
    for (extent, stride) in zip([input.height, input.width], strides) {
      let room = extent + 2 * padding - size
      guard room >= 0 else {
        throw options.error(
          .damaged, Convolutional.size.key, "the window is larger than the padded image",
          expected: "at most \(extent + 2 * padding)", found: "\(size)")
      }
      extents.append(room / stride + 1)
    }
    return extents
  }
}

/// The blur behind a layer with `antialiasing`, which takes over the layer's stride
/// (`convolutional_layer.c`, `maxpool_layer.c`).
struct Antialiasing {
  static let option = Option("antialiasing", 0, in: .alexeyAndLater, gives: Blur.self)

  let blur: Blur

  /// - Returns: `nil` if the section does not ask for it.
  init?(_ options: OptionReader, strides: [Int]) {
    let kind = options[Self.option]
    guard kind != 0 else { return nil }
    blur = Blur(kind == 2 ? .mean : .binomial, strides: strides)
  }

  /// What is left of an image.
  func output(
    of shape: LayerShape, _ options: OptionReader
  ) throws(ModelFileError) -> LayerShape {
    do {
      let extents = try blur.window.outputExtents(of: [shape.height, shape.width])
      return LayerShape(channels: shape.channels, height: extents[0], width: extents[1])
    } catch {
      throw options.error(
        .damaged, Self.option.key, "the image is too small to blur",
        expected: "\(blur.kernel.size) × \(blur.kernel.size) or more",
        found: "\(shape.height) × \(shape.width)")
    }
  }

  /// Adds the blur behind a node.
  func lower(_ lowering: inout Lowering, on node: Int) throws(ModelFileError) -> Int {
    try lowering.add(blur, suffix: "_blur", on: node)
  }
}

/// The arrays of a convolution with or without batch normalization, in file order
/// (`parser.c: save_convolutional_weights`).
enum NormalizedArrays {
  static func all(channels: Int, weights: Shape, isNormalized: Bool) -> [StoredArray] {
    var arrays = [StoredArray(.biases, [channels])]
    if isNormalized { arrays += statistics(channels: channels) }
    arrays.append(StoredArray(.weights, weights))
    return arrays
  }

  /// The arrays of a batch normalization but its biases, which have another place in each layer type.
  static func statistics(channels: Int) -> [StoredArray] {
    [ParameterRole.scales, .rollingMean, .rollingVariance].map { StoredArray($0, [channels]) }
  }
}
