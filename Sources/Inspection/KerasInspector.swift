import FileSupport
import HDF5
import Keras
import ModelGraph

/// Summaries of Keras checkpoints and of other HDF5 files.
public struct KerasInspector: Sendable {
  /// Whether the file is locked while it is read.
  public var locksFile: Bool
  /// Whether each dataset gets a SHA-256.
  public var computesDigests: Bool
  /// Whether each dataset gets statistics, and the odd ones a warning.
  public var computesStatistics: Bool
  /// Whether attributes are listed.
  public var listsAttributes = false
  /// Whether the layers of models among the layers are told.
  public var listsSubmodels = false
  /// The sizes of the model's inputs, where it leaves extents open; none for what the model says.
  public var inputSizes: [Shape] = []

  /// An inspector.
  public init(locksFile: Bool = true, computesDigests: Bool, computesStatistics: Bool) {
    self.locksFile = locksFile
    self.computesDigests = computesDigests
    self.computesStatistics = computesStatistics
  }

  /// A checkpoint: its layers, if it has any, and all of its datasets.
  ///
  /// - Parameters:
  ///   - path: the checkpoint.
  ///   - config: a file that carries the architecture, which then counts in place of the checkpoint's
  ///     own; without one, weights alone are held against the file beside them with the same stem.
  /// - Returns: the summary and, if the architecture and the weights contradict each other, how.
  /// - Throws: `ModelFileError` if the file can't be read at all.
  public func summary(
    of path: String, config: KerasArchitecture? = nil
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    try summary(
      of: try KerasCheckpoint(path: path, locked: locksFile, toleratesDamage: true),
      config: config)
  }

  /// A checkpoint that is open already, and tolerates damage.
  ///
  /// - Returns: as ``summary(of:config:)``.
  /// - Throws: `ModelFileError` if the file can't be read at all.
  public func summary(
    of checkpoint: KerasCheckpoint, config: KerasArchitecture? = nil
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    let path = checkpoint.path
    let architecture = config ?? KerasArchitecture.beside(checkpoint)
    var summary = Summary(
      file: path, format: checkpoint.container.rawValue, bytes: checkpoint.size)
    summary.config = architecture?.path
    summary.kerasVersion = checkpoint.kerasVersion
    summary.backend = checkpoint.backend
    summary.warnings = checkpoint.warnings
    if checkpoint.stores.contains(where: \.file.leftOpenByWriter) {
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
      var flaws = Flaws()
      if listsAttributes {
        var attributes = AttributeListing()
        for store in checkpoint.stores { try attributes.read(store) }
        summary.attributes = attributes.rows
        flaws = attributes.flaws
      }
      var description = LayerDescription(checkpoint, listing, path: path)
      description.listsSubmodels = listsSubmodels
      var failure = architecture == nil ? checkpoint.defect : nil
      if let damage = checkpoint.damage { try flaws.take(damage) }
      do {
        let mismatch = try description.describe(
          architecture?.configuration ?? checkpoint.configuration,
          kerasVersion: architecture?.kerasVersion ?? checkpoint.kerasVersion,
          inputSizes: inputSizes, in: &summary)
        failure = mismatch ?? failure
      } catch {
        try flaws.take(error)
      }
      flaws = try description.listing.flaws.joined(flaws)
      // What is damaged may be why the rest does not fit; it is told first.
      if let flaw = flaws.failure {
        if checkpoint.container != .plain { summary.status = .mismatch }
        if let failure { try flaws.take(failure) }
        failure = flaw
      }
      summary.warnings += flaws.warnings(file: path)
      return (summary, failure?.inFile(path))
    } catch {
      throw error.inFile(path)
    }
  }
}
