import Darknet
import FileSupport
import ModelGraph

/// A Keras model on its way to darknet: a network, and the numbers of its weights file.
public protocol DarknetConversion {
  /// The network that is written.
  var network: Network { get }
  /// Whether the user named the cfg of the network, so that none has to be written.
  var fillsNamedNetwork: Bool { get }

  /// Writes the weights.
  ///
  /// - Throws: `ModelFileError` of either file.
  func write(
    to output: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport
}

extension WeightsWriter {
  /// Writes the file, and tells it.
  ///
  /// - Throws: `ModelFileError` of either file.
  func write(
    _ plan: WeightsPlan, to output: OutputFile, warnings: [ModelWarning],
    progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    try write(to: output, progress: progress)
    var report = ConversionReport()
    report.outputs = [output.path]
    report.layerCount = plan.layerCount
    report.parameterCount = plan.floatCount
    report.warnings = warnings
    return report
  }
}
