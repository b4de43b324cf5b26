import FileSupport
import HDF5
import Keras
import ModelGraph

/// Summaries of HDF5 files, of Keras or not.
public struct KerasInspector: Sendable {
  /// Whether the file is locked while it is read.
  public var locksFile: Bool
  /// Whether each dataset gets a SHA-256.
  public var computesDigests: Bool
  /// Whether each dataset gets statistics, and the odd ones a warning.
  public var computesStatistics: Bool

  /// An inspector.
  public init(locksFile: Bool = true, computesDigests: Bool, computesStatistics: Bool) {
    self.locksFile = locksFile
    self.computesDigests = computesDigests
    self.computesStatistics = computesStatistics
  }

  /// A checkpoint: its layers, if it lists any, and all of its datasets.
  ///
  /// - Returns: the summary and, if the architecture and the weights contradict each other, how.
  /// - Throws: `ModelFileError` if the file can't be read at all.
  public func summary(
    of path: String
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    let checkpoint = try KerasCheckpoint(path: path, locked: locksFile)
    var summary = Summary(
      file: path, format: checkpoint.container.rawValue, bytes: checkpoint.file.size)
    summary.kerasVersion = checkpoint.kerasVersion
    summary.backend = checkpoint.backend
    if checkpoint.file.leftOpenByWriter {
      summary.warnings.append(
        ModelWarning(file: path, "a writer has left the file open; it may be half written"))
    }
    do {
      var listing = DatasetListing(
        checkpoint, path: path,
        wishes: .init(digest: computesDigests, statistics: computesStatistics))
      try listing.read()
      summary.datasets = listing.rows
      summary.warnings += listing.warnings
      let failure = try describe(checkpoint, with: listing, in: &summary)
      return (summary, failure?.inFile(path))
    } catch {
      throw error.inFile(path)
    }
  }

  private func describe(
    _ checkpoint: KerasCheckpoint, with listing: DatasetListing, in summary: inout Summary
  ) throws(ModelFileError) -> ModelFileError? {
    let stored = try checkpoint.layers.map { (layer) throws(ModelFileError) in
      (
        layer,
        try layer.weights.map { (weight) throws(ModelFileError) in
          try listing.parameter(of: weight)
        }
      )
    }
    defer { summary.parameterCount = summary.layers.reduce(0) { $0 + $1.parameterCount } }
    guard checkpoint.container == .fullModel, let configuration = checkpoint.configuration else {
      summary.layers = stored.enumerated().map { index, stored in
        var layer = Summary.Layer(index: index, name: stored.0.name.description)
        layer.take(stored.1)
        return layer
      }
      summary.status = checkpoint.container == .plain ? nil : .unverified
      return nil
    }
    let model = try KerasModel(configuration: configuration)
    let weights = Dictionary(stored.map { ($0.0.name, $0) }) { first, _ in first }
    var failure: ModelFileError?
    for (index, known) in model.layers.enumerated() {
      var layer = Summary.Layer(index: index, name: known.name)
      layer.className = known.layerClass.className
      layer.outputShape = known.outputShape
      if let (holder, parameters) = weights[LinkName(known.name)] {
        layer.take(parameters)
        failure = failure ?? Self.contradiction(known, holder, parameters)
      } else if !known.variables.isEmpty {
        failure =
          failure
          ?? ModelFileError(
            .damaged, at: [.path(known.name)], "a layer of the configuration has no weights",
            expected: known.variables.map(\.name).joined(separator: ", "))
      }
      summary.layers.append(layer)
    }
    summary.inputShape = model.inputs.first.flatMap { input in
      model.layers.first { $0.name == input.layer }?.outputShape
    }
    summary.status = failure == nil ? .complete : .mismatch
    return failure
  }

  /// How the weights of a layer contradict what its configuration calls for, if they do. Of a class that
  /// is not known nothing can be said.
  private static func contradiction(
    _ layer: KerasLayer, _ stored: StoredLayer, _ parameters: [Summary.StoredParameter]
  ) -> ModelFileError? {
    guard !layer.variables.isEmpty else { return nil }
    let expected = layer.variables.map(\.shape)
    let found = parameters.map(\.shape)
    guard expected != found else { return nil }
    return ModelFileError(
      .damaged, at: [.path("\(stored.name)")],
      "the weights of a layer are not those that its configuration calls for",
      expected: zip(layer.variables, expected).map { "\($0.name) \($1)" }.joined(separator: ", "),
      found: found.isEmpty ? "none" : found.map(\.description).joined(separator: ", "),
      remedy: "the configuration and the weights belong to different models; save the model again")
  }
}

extension Summary.Layer {
  fileprivate mutating func take(_ parameters: [Summary.StoredParameter]) {
    self.parameters = parameters
    parameterCount = parameters.reduce(0) { $0 + $1.shape.elementCount }
  }
}
