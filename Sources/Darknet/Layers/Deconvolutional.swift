import FileSupport
import ModelGraph

/// `[deconvolutional]` (pjreddie's `deconvolutional_layer.c`): a transposed convolution.
struct Deconvolutional: ReadableLayer {
  static let type = "deconvolutional"
  static let operations: [any Operation.Type] = [
    TransposedConvolution.self, BatchNormalization.self, Activation.self,
  ]
  static let aliases = ["deconv"]
  static let dialects: Set<Dialect> = .pjreddieOnly
  /// pjreddie's loader divides by the groups of the layer, which are 0 (`parser.c:
  /// load_convolutional_weights`): it dies of a network that has one.
  static let loadingDialects: Set<Dialect> = []
  static let options: [OptionDescription] = [
    Convolutional.filters.description, Convolutional.size.description,
    Convolutional.stride.description, Convolutional.pad.description,
    Convolutional.padding.description, Convolutional.activation.description,
    Convolutional.batchNormalize.description,
  ]

  let output: LayerShape
  let arrays: [StoredArray]
  let size: Int
  let stride: Int
  let crop: Int
  let activation: ActivationName
  let isNormalized: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let input = try context.image(options)
    let filters = try options.value(Convolutional.filters, in: 1...Int(Int32.max))
    let geometry = try ConvolutionGeometry(options)
    size = geometry.size
    stride = geometry.strides[0]
    crop = geometry.padding
    activation = options.activation(Convolutional.activation)
    isNormalized = options[Convolutional.batchNormalize] != 0
    let extents = [input.height, input.width].map { [size, stride, crop] in
      ($0 - 1) * stride + size - 2 * crop
    }
    guard extents.allSatisfy({ $0 > 0 }) else {
      throw options.error(
        .damaged, Convolutional.padding.key, "the padding leaves nothing of the image",
        found: "\(extents[0]) × \(extents[1])")
    }
    output = LayerShape(channels: filters, height: extents[0], width: extents[1])
    arrays = NormalizedArrays.all(
      channels: filters, weights: [input.channels, filters, size, size], isNormalized: isNormalized)
  }

  var summary: String {
    "\(size)×\(size)\(stride > 1 ? "/\(stride)" : "")\(isNormalized ? " bn" : "") "
      + activation.rawValue
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let side = Padding(before: crop, after: crop)
    let node = try lowering.add(
      TransposedConvolution(
        strides: [stride, stride], crop: [side, side], weights: lowering.parameter(.weights),
        biases: isNormalized ? nil : lowering.parameter(.biases)),
      on: try lowering.image())
    let normalized = try lowering.normalizing(node, if: isNormalized)
    lowering.finish(try lowering.activating(normalized, with: activation))
  }
}
