import Darknet
import FileSupport
import ModelGraph

/// A model on its way to another format: checked and planned, and not written yet.
public protocol ModelConversion {
  /// The bytes of a cfg that belongs beside the output; `nil` if none does.
  var companion: [UInt8]? { get }

  /// Writes the output.
  ///
  /// - Throws: `ModelFileError` of either file.
  func write(
    to output: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport
}

extension ModelConversion {
  /// Nothing belongs beside most outputs.
  public var companion: [UInt8]? { nil }
}

/// A Keras model on its way to darknet: a network, and the numbers of its weights file.
public protocol DarknetConversion: ModelConversion {
  /// The network that is written.
  var network: Network { get }
}

extension WeightsWriter {
  /// Writes the file, and tells it.
  ///
  /// - Throws: `ModelFileError` of either file.
  func write(
    to output: OutputFile, warnings: [ModelWarning], progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    try write(to: output, progress: progress)
    var report = ConversionReport()
    report.outputs = [output.path]
    report.layerCount = layout.plan.layerCount
    report.parameterCount = layout.plan.floatCount
    report.warnings = warnings
    return report
  }
}
