import FileSupport
import ModelGraph

/// Writes a `.weights` file array by array.
public struct WeightsWriter {
  private let output: OutputFile

  /// Starts a file with its header.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput`.
  public init(to output: OutputFile, header: [UInt8]) throws(ModelFileError) {
    self.output = output
    try output.append(header)
  }

  /// Appends the next array of the plan, which is the next tensor of a pipeline.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func append(nextOf pipeline: TensorPipeline) throws(ModelFileError) {
    try pipeline.withNext { (bytes) throws(ModelFileError) in try output.append(bytes) }
  }
}
