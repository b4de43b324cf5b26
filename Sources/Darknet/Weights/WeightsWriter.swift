import FileSupport
import ModelGraph

/// Writes a `.weights` file array by array.
public struct WeightsWriter {
  private let output: OutputFile
  private let stream = TensorStream()

  /// Starts a file with its header.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  public init(to output: OutputFile, header: [UInt8]) throws(ModelFileError) {
    self.output = output
    try output.append(header)
  }

  /// Appends the next array of the plan.
  ///
  /// - Parameters:
  ///   - source: the float32 values, little endian.
  ///   - view: the order in which they are written, if not their own.
  /// - Throws: `ModelFileError` of either file.
  public func append(_ source: any TensorSource, view: StridedView) throws(ModelFileError) {
    try stream.forEachBand(of: source, elementType: .float32, view: view) {
      (bytes) throws(ModelFileError) in
      try output.append(bytes)
    }
  }

  /// Appends the next array of the plan, which is the next tensor of a pipeline.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func append(nextOf pipeline: TensorPipeline) throws(ModelFileError) {
    try pipeline.withNext { (bytes) throws(ModelFileError) in try output.append(bytes) }
  }
}
