import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph

/// A darknet model made into a Keras one that Keras 2 and 3 both load.
///
/// Numbers are copied, in Keras's order of axes. The only ones that change are the variances of
/// pjreddie's batch normalization, whose divisor Keras can't write down (`ValueAdjustment`); those and
/// the arrays of layers that no output needs are carried beside the model.
public struct DarknetToKeras: ModelConversion {
  private let weights: any NetworkWeights
  private let model: RewrittenModel
  private let target: KerasTarget
  private let names: [UInt8]?

  /// Works out the Keras model; nothing is written yet.
  ///
  /// - Parameters:
  ///   - weights: the numbers of a network.
  ///   - target: the container and form to write.
  ///   - allowsPartial: whether layers without numbers become zeros.
  ///   - names: the names of the classes, a line each, to be carried along.
  /// - Throws: `ModelFileError`: `damaged` if the file is not whole, `unsupported` for a layer that
  ///   stock Keras layers can't compute.
  public init(
    _ weights: any NetworkWeights, as target: KerasTarget = KerasTarget(),
    allowsPartial: Bool = false, names: [UInt8]? = nil
  ) throws(ModelFileError) {
    self.target = target
    self.names = names
    try weights.requireNumbers(allowsPartial: allowsPartial)
    self.weights = weights
    let graph = try weights.network.graph(layout: weights.layout) { entry in
      weights.source(entry) ?? ZeroSource(byteCount: entry.array.count * 4)
    }
    do {
      let raised = try KerasRaising(graph, places: weights.network.places)
        .model(named: Self.modelName(weights.network.config.path))
      model = try target.rewritten(raised)
    } catch {
      throw error.inFile(weights.network.config.path)
    }
  }

  /// Writes the model.
  ///
  /// Memory: the largest array, plus two bands.
  ///
  /// - Parameters:
  ///   - output: the file, not yet committed.
  ///   - progress: called while bytes pass.
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to output: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    var embedded = EmbeddedDarknetModel(
      dialect: weights.network.dialect, config: weights.network.config.bytes,
      header: try weights.headerBytes())
    embedded.files = try weights.network.files()
    embedded.names = names
    if case .partial(let layers) = weights.status { embedded.layersLoaded = layers }
    try target.write(model, to: output, of: weights.file.size, progress: progress) {
      file, stored throws(ModelFileError) in
      embedded.arrays = carried(beside: stored)
      try embedded.write(to: file)
    }
    var report = ConversionReport()
    report.outputs = [output.path]
    report.layerCount = weights.network.layers.count
    report.parameterCount = weights.plan.entries.filter { weights.source($0) != nil }
      .reduce(0) { $0 + $1.array.count }
    report.carriedArrays = embedded.arrays.keys.sorted()
    report.warnings = weights.network.warnings + weights.warnings + emptyLayers + model.warnings
    return report
  }

  /// A warning of the layers that the file has no numbers for.
  private var emptyLayers: [ModelWarning] {
    let empty = weights.plan.entries.filter { weights.source($0) == nil }.map(\.layer)
    guard let first = empty.first, let last = empty.last else { return [] }
    let text =
      first == last
      ? "layer \(first) has no numbers; they are written as zeros"
      : "layers \(first) to \(last) have no numbers; they are written as zeros"
    return [ModelWarning(file: weights.file.path, text)]
  }

  /// The arrays that no variable holds as they are.
  private func carried(
    beside stored: [StoredVariable]
  ) -> [String: EmbeddedDarknetModel.CarriedArray] {
    var changed: [String: (path: String, sha256: String)] = [:]
    var kept: Set<String> = []
    for variable in stored {
      if let digest = variable.sha256 {
        changed[variable.parameter] = (variable.path, digest)
      } else {
        kept.insert(variable.parameter)
      }
    }
    var arrays: [String: EmbeddedDarknetModel.CarriedArray] = [:]
    for entry in weights.plan.entries {
      let name = weights.network.name(of: entry)
      guard !kept.contains(name), let source = weights.source(entry) else { continue }
      arrays[name] = EmbeddedDarknetModel.CarriedArray(source: source, standsFor: changed[name])
    }
    return arrays
  }

  /// The stem of the cfg's name.
  private static func modelName(_ path: String) -> String {
    let file = path.split(separator: "/").last ?? "model"
    return String(file.prefix { $0 != "." })
  }
}
