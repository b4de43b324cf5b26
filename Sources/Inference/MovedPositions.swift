import FileSupport
import ModelGraph

/// Where each number of a result comes from, for an operation that only moves numbers.
package enum MovedPositions {
  /// Numbers up to here are exact in float32, so positions survive the kernel.
  private static let maximumCount = 1 << 24

  /// The position in a sample of the input, for every number of a sample of the output: found by sending
  /// the positions themselves through the reference kernel.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if the image is too large for that.
  package static func of(
    _ operation: some Operation, input: Shape, output: Shape,
    layout: ImageLayout = .channelsFirst
  ) throws(ModelFileError) -> [Int] {
    guard input.elementCount <= maximumCount, let kernel = operation as? any ReferenceKernel else {
      throw ModelFileError(
        .unsupported, "is too large to follow its numbers",
        expected: "at most \(maximumCount) numbers", found: "\(input)")
    }
    let context = KernelContext(
      layout: layout, shape: output, batch: 1, loader: ParameterLoader(),
      workers: Workers(threads: 1))
    let positions = Tensor(
      shape: Shape([1] + input.extents), values: (0..<input.elementCount).map(Float.init))
    return try kernel.compute([positions], context).values.map { Int($0) }
  }
}
