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

  /// The window as `im2col` moves it: the padding grows with the dilation.
  func window(strides: [Int]) -> Window {
    let side = Padding(before: padding * dilation, after: padding * dilation)
    return Window(
      size: [size, size], strides: strides, dilation: [dilation, dilation], padding: [side, side])
  }

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

/// The blur behind a layer with `antialiasing`: a depthwise convolution that takes over the stride.
struct Blur {
  /// 2 is a 2×2 mean, anything else a 3×3 binomial kernel.
  let kind: Int

  func output(
    of shape: LayerShape, strides: [Int], _ options: OptionReader
  ) throws(ModelFileError) -> LayerShape {
    let size = kind == 2 ? 2 : 3
    let padding = kind == 2 ? 0 : 1
    var extents: [Int] = []
    for (extent, stride) in zip([shape.height, shape.width], strides) {
      guard extent + 2 * padding >= size else {
        throw options.error(
          .damaged, Convolutional.antialiasing.key, "the image is too small to blur",
          expected: "\(size - 2 * padding) or more", found: "\(extent)")
      }
      extents.append((extent + 2 * padding - size) / stride + 1)
    }
    return LayerShape(channels: shape.channels, height: extents[0], width: extents[1])
  }
}

/// The arrays of a convolution with or without batch normalization, in file order
/// (`parser.c: save_convolutional_weights`).
enum NormalizedArrays {
  static func all(
    channels: Int, weights: Shape, isNormalized: Bool, skipsScales: Bool
  ) -> [StoredArray] {
    var arrays = [StoredArray(.biases, [channels])]
    if isNormalized && !skipsScales { arrays += statistics(channels: channels) }
    arrays.append(StoredArray(.weights, weights))
    return arrays
  }

  /// The arrays of a batch normalization but its biases, which have another place in each layer type.
  static func statistics(channels: Int) -> [StoredArray] {
    [ParameterRole.scales, .rollingMean, .rollingVariance].map { StoredArray($0, [channels]) }
  }
}
