import Conversion
import FileSupport
import Inference
import Inspection
import ModelGraph
import Validation

extension Validator {
  /// Looks at the numbers of one model (`spec/health.md`). Nothing is computed, so that inputs and a seed mean nothing.
  ///
  /// - Parameters:
  ///   - path: the file of the model.
  ///   - options: what the file does not say itself.
  /// - Returns: what is wrong with the numbers.
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` if the file is, or is not complete; `usage` if nothing tells what
  ///   its numbers are.
  public func health(
    of path: String, options: Options = Options()
  ) throws(ModelFileError) -> HealthReport {
    let source = try source(path, options)
    guard source.model.format.hasNumbers else {
      throw ModelFileError(
        .damaged, file: path, "a cfg holds no numbers that could be unhealthy",
        expected: "a \(ModelFormats.modelEndings) file",
        remedy: "name the weights first, and the cfg with --cfg")
    }
    let (summary, failure) = try source.model.format.summary(
      of: source,
      InspectionWishes(
        configs: options.architecture.map { [$0] } ?? [], digests: true, statistics: true,
        locksFile: locksFiles))
    if let failure { throw failure }
    if summary.status == .partial, !options.allowsPartial {
      throw ModelFileError(
        .damaged, file: path, "the file is partial: its last layers have no numbers",
        expected: "\(summary.layers.count) layers", found: "\(summary.layersLoaded ?? 0)",
        remedy: "give --allow-partial if that is meant")
    }
    let report = HealthReport(summary)
    guard report.tensors > 0 || summary.status == .complete else {
      throw ModelFileError(
        .usage, file: path, "nothing tells which tensors of which layers the file holds",
        remedy: "name the model with --cfg")
    }
    return report
  }

  /// Runs a model and compares its values with recorded ones (`spec/recordings.md`).
  ///
  /// - Parameters:
  ///   - folder: the recording: one of ``record(_:options:into:overwrites:onProgress:)``, or `.npy` files of somebody else's.
  ///   - path: the file of the model.
  ///   - options: what the file does not say itself. Inputs count in place of recorded ones; a seed means nothing.
  ///   - onProgress: is told how many of how many values have been compared.
  /// - Returns: whether the values match, and which depart; the recording is the reference.
  /// - Throws: `ModelFileError` if the model can't be run, or the recording can't be read or is of none of its layers.
  public func expect(
    _ folder: String, of path: String, options: Options = Options(),
    onProgress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(ModelFileError) -> ComparisonReport {
    let arrays = try arrays(of: path, options)
    let recording = try Recording(path: folder)
    let models: ComparisonSource.Models
    if let arrays {
      models = try self.models(path, path, options, arrays.shapes)
    } else {
      models = try self.models(path, path, options) { (inputs) throws(ModelFileError) in
        try recording.shapes(for: inputs.map { ($0.name, $0.shape?.extents) })
      }
    }
    let expectation = try Expectation(recording, of: models.reference, engine: engine)
    return try expectation.report(
      given: try arrays?.tensors(for: expectation.taken), onProgress: onProgress)
  }

  /// Runs a model and keeps what it was given and what its layers give.
  ///
  /// - Parameters:
  ///   - path: the file of the model.
  ///   - options: what the file does not say itself.
  ///   - folder: where the arrays go; the caller commits it.
  ///   - overwrites: whether files there may be replaced.
  ///   - onProgress: is told how many of how many arrays have been written.
  /// - Returns: how many arrays were written, and what the user should know of the model.
  /// - Throws: `ModelFileError` if the model can't be run, or a file can't be written.
  public func record(
    _ path: String, options: Options = Options(), into folder: OutputFolder, overwrites: Bool,
    onProgress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(ModelFileError) -> (arrays: Int, warnings: [ModelWarning]) {
    let source = try source(path, options)
    let computable = try source.model.format
      .computable(of: source, allowsPartial: options.allowsPartial)
    let model: RunnableModel
    let inputs: [Tensor]
    if let arrays = try arrays(of: path, options) {
      model = try computable.runnable(inputs: arrays.shapes)
      inputs = try arrays.tensors(for: model.graph)
    } else {
      let models = try models(path, path, options, nil)
      let madeUp = try Comparison(models.reference, models.candidate, engine: engine)
        .inputs(seed: options.madeUpSeed)
      model = try computable.runnable { _ throws(ModelFileError) in madeUp.map(\.shape) }
      var fitted: [Tensor] = []
      for (tensor, port) in zip(madeUp, model.graph.inputs) {
        let sample = model.graph.nodes[port.node].shape
        // Steps that are samples to darknet are a sequence to Keras.
        fitted.append(
          tensor.shape.elementCount % sample.elementCount == 0
            && sample.elementCount > tensor.sampleCount
            ? Tensor(
              shape: Shape([tensor.values.count / sample.elementCount] + sample.extents),
              values: tensor.values)
            : try tensor.input(for: sample))
      }
      inputs = fitted
    }
    let count = try Recorder(model, path: path)
      .record(
        inputs, engine: engine, into: folder, overwrites: overwrites, onProgress: onProgress)
    return (count, model.warnings)
  }

  func source(_ path: String, _ options: Options) throws(ModelFileError) -> ModelSource {
    ModelSource(
      model: try ModelFile(path, locksFile: locksFiles),
      config: options.architecture.map(ArchitectureFile.init), dialect: options.dialect)
  }
}
