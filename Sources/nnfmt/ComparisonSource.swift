import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph
import Validation

/// The two models that `validate` names.
struct ComparisonSource {
  let reference: String
  let candidate: String
  let config: String?
  let dialect: Dialect?
  let allowsPartial: Bool
  let locksFile: Bool

  /// Opens both: as models of one darknet network if a `.weights` file or a cfg is named, or if both
  /// carry one; else as Keras models.
  ///
  /// - Parameter arrays: the inputs, if there are any.
  /// - Throws: `ModelFileError` of either file.
  func models(
    _ arrays: InputArrays?
  ) throws(ModelFileError) -> (reference: ComparedModel, candidate: ComparedModel) {
    let formats = (try InputFormat(of: reference), try InputFormat(of: candidate))
    if try isDarknet(formats.0, formats.1) {
      return (try darknet(reference, formats.0), try darknet(candidate, formats.1))
    }
    guard dialect == nil else {
      throw ModelFileError(
        .usage, "--dialect says how darknet models are read, but both files are Keras models")
    }
    let first = try keras(reference, beside: candidate)
    let second = try keras(candidate, beside: reference)
    let shapes: [Shape]
    if let arrays {
      shapes = try arrays.shapes(for: first.inputs)
    } else {
      shapes = try first.defaultInputs()
    }
    return (
      try ComparedModel(first, path: reference, inputs: shapes),
      try ComparedModel(second, path: candidate, inputs: shapes)
    )
  }

  private func isDarknet(
    _ first: InputFormat, _ second: InputFormat
  ) throws(ModelFileError) -> Bool {
    guard first.isKeras, second.isKeras else { return true }
    if let config { return try !InputFormat.mayBeKeras(config) }
    for path in [reference, candidate] {
      guard try KerasToDarknet.carriesNetwork(path, locksFile: locksFile) else { return false }
    }
    return true
  }

  private func darknet(_ path: String, _ format: InputFormat) throws(ModelFileError)
    -> ComparedModel
  {
    let source = ModelSource(path: path, config: config, dialect: dialect, locksFile: locksFile)
    switch format {
    case .darknetWeights:
      return try ComparedModel(try source.weights(), allowsPartial: allowsPartial)
    case .hdf5, .keras:
      return try ComparedModel(
        try source.checkpoint(allowsContradiction: true), path: path, locksFile: locksFile)
    case .darknetConfig:
      throw ModelFileError(
        .damaged, file: path, "a cfg holds no numbers to compare",
        expected: "a .weights or .h5 file",
        remedy: "name the cfg with --cfg")
    }
  }

  /// A Keras model. Weights without a model of their own are taken for those of the other file's.
  private func keras(_ path: String, beside other: String) throws(ModelFileError) -> KerasNetwork {
    do {
      return try KerasNetwork(path: path, config: config, locked: locksFile)
    } catch {
      guard error.kind == .usage, config == nil,
        let architecture = try? KerasArchitecture(path: other, locked: locksFile)
      else { throw error }
      return try KerasNetwork(path: path, config: architecture.path, locked: locksFile)
    }
  }
}

extension InputFormat {
  fileprivate var isKeras: Bool { self == .hdf5 || self == .keras }
}
