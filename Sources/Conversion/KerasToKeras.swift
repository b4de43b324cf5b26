import FileSupport
import HDF5
import Keras
import ModelGraph

/// A Keras model written in another container, or for another Keras.
///
/// Numbers are copied as they are, in their own types, those of the optimizer too where they have a place. What the file
/// carries of the darknet model that it was made of goes along.
public struct KerasToKeras: ModelConversion {
  private let model: RewrittenModel
  private let training: RewrittenTraining
  private let target: KerasTarget
  private var embedded: EmbeddedDarknetModel?
  /// Where the numbers of each parameter lie in the file that was read.
  private let paths: [String: String]
  private let warnings: [ModelWarning]

  /// Works out the model; nothing is written yet.
  ///
  /// - Parameters:
  ///   - network: the model with its numbers.
  ///   - checkpoint: the file that it was read from, if it is one of Keras's.
  ///   - target: the container and form to write.
  ///   - names: the names of the classes, a line each, in place of those that the file carries.
  /// - Throws: `ModelFileError`: `usage` for names of what carries no darknet model, `unsupported` naming a layer that one of those lacks who are to load the file, `damaged`
  ///   if the file contradicts itself.
  public init(
    _ network: KerasNetwork, from checkpoint: KerasCheckpoint?, as target: KerasTarget,
    names: [UInt8]? = nil
  ) throws(ModelFileError) {
    self.target = target
    model = try target.rewritten(network)
    embedded = try checkpoint.flatMap { (file) throws(ModelFileError) in
      try EmbeddedDarknetModel(from: file)
    }
    if let names {
      guard embedded != nil else {
        throw ModelFileError(
          .usage, "names are carried beside a darknet model, and the file has none",
          remedy: "leave out --names")
      }
      embedded?.names = names
    }
    paths = embedded == nil ? [:] : try network.paths()
    if let checkpoint {
      training = RewrittenTraining(of: checkpoint, network, for: model)
    } else {
      training = .none
    }
    warnings = model.warnings + training.warnings
  }

  /// Writes the model.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to output: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    var report = ConversionReport()
    try target.write(
      model, training: training, to: output, of: model.byteCount + training.byteCount,
      progress: progress
    ) { file, stored throws(ModelFileError) in
      guard let carried = embedded?.moved(from: paths, to: stored) else { return }
      try carried.write(to: file)
      report.carriedArrays = carried.arrays.keys.sorted()
    }
    report.outputs = [output.path]
    report.layerCount = model.layerCount
    report.parameterCount = model.parameterCount
    report.warnings = warnings
    return report
  }
}

extension EmbeddedDarknetModel {
  /// The same beside other datasets with the same numbers.
  ///
  /// - Parameters:
  ///   - paths: where the numbers of each parameter lay.
  ///   - stored: where they lie now.
  fileprivate func moved(
    from paths: [String: String], to stored: [StoredVariable]
  ) -> EmbeddedDarknetModel {
    let parameters = Dictionary(
      paths.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    let places = Dictionary(
      stored.map { ($0.parameter, $0.path) }, uniquingKeysWith: { first, _ in first })
    var moved = self
    for (name, array) in arrays {
      guard let old = array.standsFor else { continue }
      guard let path = parameters[old.path].flatMap({ places[$0] }) else {
        moved.arrays[name] = nil
        continue
      }
      moved.arrays[name] = CarriedArray(
        source: array.source, standsFor: (path: path, sha256: old.sha256))
    }
    return moved
  }
}
