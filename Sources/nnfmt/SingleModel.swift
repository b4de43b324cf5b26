import ArgumentParser
import Conversion
import Darknet
import FileSupport
import Inference
import Inspection
import Keras
import ModelFiles
import ModelGraph
import Validation

/// What `validate` does with one model.
struct SingleModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Run the one model and write its inputs and its layers' values there.", valueName: "folder"),
    completion: .directory)
  var record: String?

  @Option(
    help: ArgumentHelp(
      "Run the one model and compare its layers' values with those recorded there.",
      valueName: "folder"),
    completion: .directory)
  var expect: String?

  @Flag(help: "With --record: replace files that exist.")
  var force = false

  func validate() throws {
    if record != nil, expect != nil {
      throw ValidationError("--record and --expect don't go together: record first, then expect.")
    }
    if force, record == nil { throw ValidationError("--force is for --record.") }
  }
}

/// `nnfmt validate MODEL`: whether it is healthy, and what it computes.
struct SingleModel {
  let path: String
  let options: SingleModelOptions
  let config: String?
  let dialect: Dialect?
  let allowsPartial: Bool
  let locksFile: Bool
  let isJSON: Bool
  let isQuiet: Bool

  private func source() throws(ModelFileError) -> ModelSource {
    ModelSource(
      model: try ModelFile(path, locksFile: locksFile), config: config.map(ArchitectureFile.init),
      dialect: dialect)
  }

  /// Looks at its numbers.
  ///
  /// - Returns: whether nothing is wrong.
  /// - Throws: `ModelFileError` if it can't be read, or is not complete.
  func checkHealth() throws(ModelFileError) -> Bool {
    let source = try source()
    guard source.model.format.hasNumbers else {
      throw ModelFileError(
        .damaged, file: path, "a cfg holds no numbers that could be unhealthy",
        expected: "a \(ModelFormats.modelEndings) file",
        remedy: "name the weights first, and the cfg with --cfg")
    }
    let (summary, failure) = try source.model.format.summary(
      of: source,
      InspectionWishes(
        configs: config.map { [$0] } ?? [], digests: true, statistics: true, locksFile: locksFile))
    if let failure { throw failure }
    if summary.status == .partial, !allowsPartial {
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
    if isJSON {
      Console.document(report.json)
    } else if !isQuiet {
      Console.output.lines(HealthTable(report: report).lines(style: Style(Console.output)))
    }
    Console.warnings(report.warnings)
    return report.isHealthy
  }

  /// Runs it and keeps its values.
  ///
  /// - Throws: `ModelFileError` if it can't be run, or a file can't be written.
  func record(
    _ arrays: InputArrays?, seed: UInt64, engine: any Engine, in folder: String
  ) throws(ModelFileError) {
    let source = try source()
    let computable = try source.model.format.computable(of: source, allowsPartial: allowsPartial)
    let model: RunnableModel
    let inputs: [Tensor]
    if let arrays {
      model = try computable.runnable(inputs: arrays.shapes)
      inputs = try arrays.tensors(for: model.graph)
    } else {
      let models = try models(nil)
      let madeUp = try Validation.Comparison(models.reference, models.candidate, engine: engine)
        .inputs(seed: seed)
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
    let output = try OutputFolder(path: folder)
    let count = try Recorder(model, path: path)
      .record(inputs, engine: engine, into: output, overwrites: options.force)
    try output.commit(awaitsReport: true)
    if isJSON {
      Console.document([
        "model": .string(path), "recording": .string(folder), "arrays": JSONValue(count),
        "warnings": .array(model.warnings.map { .string($0.description) }),
      ])
    } else if !isQuiet {
      Console.output.lines(["recorded: \(count.counted("array")) in \(folder.escapedForTerminal)"])
    }
    TemporaryFiles.keepOutputs()
    Console.warnings(model.warnings)
  }

  /// Runs it and compares its values with recorded ones.
  ///
  /// - Returns: what came of it.
  /// - Throws: `ModelFileError` if it can't be run, or the recording can't be read.
  func expect(
    _ arrays: InputArrays?, engine: any Engine, of folder: String
  ) throws(ModelFileError) -> ComparisonReport {
    let recording = try Recording(path: folder)
    let models: ComparisonSource.Models
    if let arrays {
      models = try self.models(arrays.shapes)
    } else {
      models = try self.models { (inputs) throws(ModelFileError) in
        try recording.shapes(for: inputs.map { ($0.name, $0.shape?.extents) })
      }
    }
    let expectation = try Expectation(
      recording, of: models.reference, engine: engine)
    return try expectation.report(given: try arrays?.tensors(for: expectation.taken))
  }

  /// The model beside itself, as comparisons see it.
  private func models(_ shapes: InputShapes?) throws(ModelFileError) -> ComparisonSource.Models {
    let file = try ModelFile(path, locksFile: locksFile)
    return try ComparisonSource(
      reference: file, candidate: file, config: config.map(ArchitectureFile.init),
      dialect: dialect, allowsPartial: allowsPartial
    ).models(shapes)
  }
}
