import COneDNN
import FileSupport
import ModelGraph

/// One of two convolutions that are computed together, band by band of rows: a primitive for each kind of band, made
/// when one is first asked for.
///
/// A band is an image by itself, `[1, C, rows, W]`, channels last, so that the bands of an image lie one behind the other.
/// A primitive is run by one thread: others work on other bands.
final class BandedConvolution {
  /// A primitive with what is the same for all bands.
  struct Step {
    let primitive: Primitive
    let source: TensorLayout
    let result: TensorLayout
    let constants: [PrimitiveArgument]
  }

  private struct Kind: Hashable {
    let rows: Int
    let results: Int
    let before: Int
    let after: Int
  }

  let convolution: Convolution
  let window: Window
  /// `[N, C, H, W]` of the whole images.
  let source: [Int]
  let result: [Int]
  private let builder: PlanBuilder
  private let epilogue: Epilogue
  private var steps: [Kind: Step] = [:]
  /// In each of the orders that primitives have chosen.
  private var kernels: [Operand] = []
  private var biases: Operand?

  /// - Returns: `nil` for what is no convolution of images, or has another value added to its own.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init?(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) {
    guard let convolution = group.head.operation as? Convolution, let window = group.window,
      let input = group.input, window.size.count == 2, window.dilation == [1, 1]
    else { return nil }
    epilogue = try Epilogue(
      group, outputs: convolution.weights.shape.extents[0], biases: convolution.biases,
      builder.loader)
    guard epilogue.addend == nil else { return nil }
    self.convolution = convolution
    self.window = window
    self.builder = builder
    source = builder.imageExtents(of: input)
    result = builder.imageExtents(of: group.last.id)
  }

  /// The bytes of some rows of an image.
  static func bytes(_ rows: Int, of image: [Int]) -> Int {
    rows * image[3] * image[1] * MemoryLayout<Float>.size
  }

  /// The step that makes some rows of the result.
  ///
  /// - Parameters:
  ///   - rows: those of the source.
  ///   - padding: what lies around these.
  /// - Returns: `nil` if oneDNN has no fast implementation.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  func step(
    rows: Int, results: Int, padding: Padding
  ) throws(ModelFileError) -> Step? {
    let kind = Kind(rows: rows, results: results, before: padding.before, after: padding.after)
    if let step = steps[kind] { return step }
    let moved = Window(
      size: window.size, strides: window.strides, padding: [padding, window.padding[1]])
    let kernel = window.kernelExtents(
      outputs: result[1], inputs: source[1], groups: convolution.groups)
    guard let from = TensorLayout.image([1, source[1], rows, source[3]], .channelsLast),
      let to = TensorLayout.image([1, result[1], results, result[3]], .channelsLast),
      let any = TensorLayout.any(kernel), let vector = TensorLayout.strided([result[1]]),
      let primitive = Primitive.convolution(
        moved.inC, source: from, weights: any, biases: epilogue.offsets == nil ? nil : vector,
        destination: to, epilogue.postOperations),
      !primitive.implementation.hasPrefix("ref"), !primitive.implementation.hasPrefix("gemm"),
      let order = primitive.layout(onednn_weights, kernel)
    else { return nil }
    var constants = [
      PrimitiveArgument(name: onednn_weights, operand: try kernels(kernel, in: order))
    ]
    if let offsets = epilogue.offsets {
      if biases == nil { biases = try builder.constant(offsets, [result[1]]) }
      constants += biases.map { [PrimitiveArgument(name: onednn_biases, operand: $0)] } ?? []
    }
    let step = Step(primitive: primitive, source: from, result: to, constants: constants)
    steps[kind] = step
    return step
  }

  private func kernels(
    _ extents: [Int], in order: TensorLayout
  ) throws(ModelFileError) -> Operand {
    if let found = kernels.first(where: { $0.layout.isSame(as: order) }) { return found }
    let fresh = try builder.constant(
      convolution.weights, times: epilogue.factors, extents, in: order)
    kernels.append(fresh)
    return fresh
  }
}
