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

/// A `.weights` file that is to be written: a header, and the arrays in file order with the walks that
/// bring them into it.
struct WeightsOutput {
  let layout: WeightsLayout
  let header: [UInt8]
  let tensors: [OrderedTensor]

  /// Writes it, tensor by tensor.
  ///
  /// - Throws: `ModelFileError` of either file.
  func write(
    to output: OutputFile, warnings: [ModelWarning], progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    let writer = try WeightsWriter(to: output, header: header)
    let pipeline = TensorPipeline(tensors)
    for entry in layout.plan.entries {
      try writer.append(nextOf: pipeline)
      let byteCount = UInt64(entry.array.count) * 4
      if byteCount >= OutputFile.flushBytes { output.startFlushing() }
      progress(layout.offset(of: entry) + byteCount, layout.byteCount)
    }
    var report = ConversionReport()
    report.outputs = [output.path]
    report.layerCount = layout.plan.layerCount
    report.parameterCount = layout.plan.floatCount
    report.warnings = warnings
    return report
  }
}
