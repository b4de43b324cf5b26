import Darknet
import FileSupport

/// A cfg in its canonical form: what darknet reads in it, without comments and blanks.
public struct ConfigToConfig: ModelConversion {
  private let network: Network

  /// Reads a cfg; nothing is written yet.
  ///
  /// - Parameters:
  ///   - text: the cfg.
  ///   - dialect: by which it is read; `nil` for the one that it states.
  /// - Throws: `ModelFileError`: `damaged` or `unsupported` if it describes no network.
  public init(_ text: ConfigText, dialect: Dialect?) throws(ModelFileError) {
    network = try Network(text, dialect: dialect)
  }

  /// Writes the cfg.
  ///
  /// - Throws: `ModelFileError`: of the file, or `unsupported` if a name or value can't be written.
  public func write(
    to output: OutputFile, progress: ConversionProgress = { _, _ in }
  ) throws(ModelFileError) -> ConversionReport {
    do {
      try output.append(
        try ConfigWriter(dialect: network.dialect)
          .bytes(of: network.config.sections, outputs: network.statedOutputs))
    } catch {
      throw error.inFile(network.config.path)
    }
    var report = ConversionReport()
    report.outputs = [output.path]
    report.layerCount = network.layers.count
    report.warnings = network.warnings
    return report
  }
}
