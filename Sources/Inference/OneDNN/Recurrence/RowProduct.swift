import COneDNN
import FileSupport
import ModelGraph

/// The values of some steps: vectors, or images with their channels last.
struct StepValues {
  /// Vectors or images.
  let count: Int
  let channels: Int
  /// The extents of an image; none of a vector.
  let spatial: [Int]

  /// The numbers of a vector or an image.
  var size: Int { channels * spatial.reduce(1, *) }

  /// How they lie.
  func layout() throws(ModelFileError) -> TensorLayout {
    try PlanBuilder.existing(
      spatial.isEmpty
        ? TensorLayout.strided([count, channels])
        : TensorLayout.image([count, channels] + spatial, .channelsLast))
  }
}

/// The product of a kernel and the values of one step or of many at once: one product of matrices, or one
/// convolution.
struct RowProduct: Sendable {
  private let primitive: Primitive
  /// The source and the destination in front.
  private let arguments: [PrimitiveArgument]
  /// Memory for calls inside a step.
  private let scratch: [PrimitiveArgument]

  /// The memory that it works in.
  var operands: [Operand] { (arguments + scratch).map(\.operand) }

  /// - Parameters:
  ///   - weights: `[outputs, in, k…]`.
  ///   - extents: `[in, k…]`.
  ///   - window: how the kernel moves; `nil` of a matrix.
  ///   - biases: what is added to each output.
  ///   - operations: what is done to the sums.
  ///   - source: what is multiplied, unless it is moved.
  ///   - destination: where the sums go, unless they are moved.
  ///   - threads: how many share the work.
  /// - Returns: `nil` where oneDNN has no implementation.
  /// - Throws: `ModelFileError` if there is no memory for the weights.
  init?(
    _ weights: [Float], extents: [Int], window: Window?, biases: [Double]?,
    _ operations: [PostOperation], from source: Operand, to destination: Operand,
    threads: Int, _ builder: PlanBuilder
  ) throws(ModelFileError) {
    // A primitive is made for as many threads as there are.
    onednn_set_threads(Int32(threads))
    defer { onednn_set_threads(Int32(builder.options.threads)) }
    let outputs = destination.layout.extents[1]
    let row = window == nil ? [1, outputs] : [outputs]
    // Matrices are the other way round: `[in, outputs]`.
    let kernel =
      window.map { $0.kernelExtents(outputs: outputs, inputs: extents[0], groups: 1) }
      ?? [extents[0], outputs]
    guard window?.isOfOneDNN ?? true, let any = TensorLayout.any(kernel),
      let vector = TensorLayout.strided(row)
    else { return nil }
    let offsets = biases == nil ? nil : vector
    let made =
      if let window {
        Primitive.convolution(
          window.inC, source: source.layout, weights: any, biases: offsets,
          destination: destination.layout, operations)
      } else {
        Primitive.matrixProduct(
          source: source.layout, weights: any, biases: offsets, destination: destination.layout,
          operations)
      }
    guard let primitive = made, let layout = primitive.layout(onednn_weights, kernel) else {
      return nil
    }
    var arguments = [
      PrimitiveArgument(name: onednn_source, operand: source),
      PrimitiveArgument(name: onednn_destination, operand: destination),
    ]
    builder.scratch = weights
    arguments.append(
      PrimitiveArgument(
        name: onednn_weights,
        operand: try builder.constantOfScratch(
          kernel, strides: window == nil ? [1, extents[0]] : nil, in: layout)))
    if let biases {
      arguments.append(
        PrimitiveArgument(
          name: onednn_biases, operand: try builder.constant(biases.map(Float.init), row)))
    }
    self.primitive = primitive
    self.arguments = arguments
    scratch =
      primitive.scratch.map {
        [PrimitiveArgument(name: onednn_scratch, operand: builder.newBuffer($0))]
      } ?? []
  }

  /// Adds it as a step of its own.
  func add(to builder: PlanBuilder) { builder.add(primitive, arguments) }

  /// The product in the memory of a run.
  func bound(to memory: ExecutionMemory) throws(ModelFileError) -> Bound {
    Bound(call: try memory.call(primitive, arguments + scratch))
  }

  /// A product in the memory of a run.
  struct Bound {
    fileprivate let call: PrimitiveCall

    /// Computes it where it was planned.
    func execute() throws(ModelFileError) { try call.execute() }

    /// Computes it of another source, and to another destination if one is given.
    func execute(
      from source: UnsafeMutablePointer<Float>, to destination: UnsafeMutablePointer<Float>? = nil
    ) throws(ModelFileError) {
      try call.move(0, to: source)
      if let destination { try call.move(1, to: destination) }
      try call.execute()
    }
  }
}
