import Darknet
import FileSupport
import Keras
import ModelGraph

/// A model written as named tensors: each parameter by its name in the graph, in the order and shape of its own format.
public struct ModelToTensors: ModelConversion {
  private let format: any TensorFormat
  private let tensors: [NamedTensor]
  private let metadata: [(key: String, value: String)]
  private let layerCount: Int
  private let warnings: [ModelWarning]

  /// A darknet network's arrays: `convolutional_0.weights`. Those of layers without numbers are left out.
  ///
  /// - Parameters:
  ///   - weights: the numbers of the network.
  ///   - format: the format to write.
  ///   - allowsPartial: whether the last layers may lack theirs.
  /// - Throws: `ModelFileError` of kind `damaged` if the file is not whole.
  public init(
    _ weights: any NetworkWeights, as format: any TensorFormat, allowsPartial: Bool
  ) throws(ModelFileError) {
    self.format = format
    try weights.requireNumbers(allowsPartial: allowsPartial)
    tensors = weights.namedTensors
    metadata = try TensorWeights.metadata(of: weights)
    layerCount = weights.network.layers.count
    warnings = weights.network.warnings + weights.warnings
  }

  /// A Keras model's variables: `dense.kernel`.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for a class whose variables are not known, `damaged` if model and numbers
  ///   contradict each other.
  public init(
    _ network: KerasNetwork, as format: any TensorFormat
  ) throws(ModelFileError) {
    self.format = format
    tensors = try network.namedTensors()
    metadata = []
    layerCount = network.layerCount
    warnings = network.warnings + network.lostState
  }

  /// The tensors of another container, as they are.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for numbers of a type that only the container has.
  public init(
    _ container: TensorContainer, as format: any TensorFormat
  ) throws(ModelFileError) {
    self.format = format
    var tensors: [NamedTensor] = []
    for tensor in container.tensors {
      do {
        tensors.append(
          NamedTensor(name: tensor.name, shape: tensor.shape, tensor: try tensor.numbers()))
      } catch {
        throw error.inFile(container.file.path)
      }
    }
    self.tensors = tensors
    metadata = container.metadata
    layerCount = tensors.count
    warnings = container.warnings
  }

  /// Writes the file.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to output: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    let total = tensors.reduce(UInt64(0)) { $0 + $1.byteCount }
    do {
      try format.write(tensors, metadata: metadata, to: output) { progress($0, total) }
    } catch {
      throw error.inFile(output.path)
    }
    var report = ConversionReport()
    report.outputs = [output.path]
    report.layerCount = layerCount
    report.parameterCount = tensors.reduce(0) { $0.clampedSum($1.shape.elementCount) }
    report.warnings = warnings
    return report
  }
}
