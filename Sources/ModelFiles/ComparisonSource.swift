import Darknet
import FileSupport
import Keras
import ModelGraph
import Validation

/// The two models that `validate` names.
package struct ComparisonSource {
  package typealias Models = (reference: ComparedModel, candidate: ComparedModel)

  let reference: ModelFile
  let candidate: ModelFile
  let config: ArchitectureFile?
  var dialect: Dialect?
  let allowsPartial: Bool

  /// Two models.
  package init(
    reference: ModelFile, candidate: ModelFile, config: ArchitectureFile?, dialect: Dialect?,
    allowsPartial: Bool
  ) {
    self.reference = reference
    self.candidate = candidate
    self.config = config
    self.dialect = dialect
    self.allowsPartial = allowsPartial
  }

  /// Opens both: as models of one darknet network if a `.weights` file or a cfg is named, or if both
  /// carry one; else as Keras models.
  ///
  /// - Parameter arrays: gives the shapes of the inputs, if there are any.
  /// - Throws: `ModelFileError` of either file.
  package func models(_ arrays: InputShapes?) throws(ModelFileError) -> Models {
    try refuseStrayConfig()
    if let models = try tensorsAlone() { return models }
    if try isDarknet() { return try darknetModels() }
    guard dialect == nil else {
      throw ModelFileError(
        .usage, "--dialect says how darknet models are read, but both files are Keras models")
    }
    let first = try sides.reference.kerasNetwork()
    let second = try sides.candidate.kerasNetwork()
    if let arrays { return try models(first, second, of: try arrays(first.inputs)) }
    let candidates = try first.inputsToTry(beside: second)
    var refusal: ModelFileError?
    for shapes in candidates {
      do {
        return try models(first, second, of: shapes)
      } catch {
        guard error.kind == .damaged, candidates.count > 1 else { throw error }
        refusal = refusal ?? error
      }
    }
    throw ModelFileError(
      .usage, file: refusal?.file ?? reference.path, at: refusal?.places ?? [],
      "none of the inputs that were made up for what the model leaves open fits it: "
        + (refusal?.problem ?? ""),
      remedy: "give one that does with --input X.npy")
  }

  /// Both models for arrays of these shapes.
  private func models(
    _ first: KerasNetwork, _ second: KerasNetwork, of shapes: [Shape]
  ) throws(ModelFileError) -> Models {
    (
      try ComparedModel(first, path: reference.path, inputs: shapes),
      // One that takes something else does not match, whatever it is lowered for.
      try ComparedModel(
        second, path: candidate.path,
        inputs: second.takes(shapes) ? shapes : try second.defaultInputs())
    )
  }

  /// Refuses a `--cfg` that nothing would be done with.
  private func refuseStrayConfig() throws(ModelFileError) {
    let formats = [reference.format, candidate.format]
    guard let config, formats.allSatisfy({ $0.vocabulary == .darknet }) else { return }
    guard formats.contains(where: \.hasNumbers) else {
      throw ModelFileError(
        .usage, file: config.path, "both files are cfgs themselves: --cfg is for weights",
        remedy: "leave it out")
    }
    _ = try config.configText()
  }

  /// Each of the two beside the other.
  private var sides: (reference: ComparisonSide, candidate: ComparisonSide) {
    let side = ComparisonSide(
      file: reference, other: candidate, isCandidate: false, config: config, dialect: dialect,
      allowsPartial: allowsPartial)
    return (side, side.flipped)
  }

  private func isDarknet() throws(ModelFileError) -> Bool {
    let sides = sides
    guard try sides.reference.isKeras(), try sides.candidate.isKeras() else { return true }
    if config != nil { return try sides.reference.darknetConfig() != nil }
    guard try reference.embedsNetwork() else { return false }
    return try candidate.embedsNetwork()
  }

  /// Both files, if both hold tensors and nothing tells what they are of.
  private func tensorsAlone() throws(ModelFileError) -> Models? {
    let sides = sides
    guard try sides.reference.source.vocabulary() == nil,
      try sides.candidate.source.vocabulary() == nil,
      let first = try reference.tensors(), let second = try candidate.tensors()
    else { return nil }
    return (ComparedModel(first), ComparedModel(second))
  }

  /// Both models by the dialect that is named, or that one of the files tells; else by darknet's most common
  /// one. Where that can't read the reference, and a single other one can read two files of darknet's own, by that: their
  /// dialect stands nowhere. A candidate that alone can't be read is no reason: both would be read without what
  /// only the reference's dialect knows.
  private func darknetModels() throws(ModelFileError) -> Models {
    let sides = sides
    let first: ComparedModel
    do {
      first = try reference.format.darknetModel(of: sides.reference)
    } catch {
      guard let models = try darknetModelsByAnother(because: error) else { throw error }
      return models
    }
    return (first, try candidate.format.darknetModel(of: sides.candidate))
  }

  /// Both models by the only other dialect that reads them.
  private func darknetModelsByAnother(
    because error: ModelFileError
  ) throws(ModelFileError) -> Models? {
    guard dialect == nil, reference.format.vocabulary != .keras,
      candidate.format.vocabulary != .keras, [.damaged, .unsupported].contains(error.kind)
    else { return nil }
    var readings: [(Dialect, Models)] = []
    for other in Dialect.standard.others {
      var source = self
      source.dialect = other
      if let models = try? source.darknetModels() {
        readings.append((other, models))
      }
    }
    guard readings.count == 1, let (only, models) = readings.first else { return nil }
    let warning = ModelWarning(
      file: error.file ?? reference.path, at: error.places,
      "read as \(only.rawValue)'s darknet, since \(Dialect.standard.rawValue)'s can't read it: "
        + error.problem)
    return (models.reference.adding(warning), models.candidate)
  }
}
