import FileSupport
import HDF5
import ModelGraph

/// Writes a Keras model in any of Keras's containers.
public struct KerasWriter: Sendable {
  private let model: RewrittenModel
  private let training: RewrittenTraining
  private let compression: Int?
  private var container: KerasContainer { model.container }

  /// A writer.
  ///
  /// - Parameters:
  ///   - model: the model in the form in which it is to be written.
  ///   - training: what is kept for going on with the training.
  ///   - compression: a deflate level from 1 to 9; `nil` stores the numbers as they are.
  public init(
    _ model: RewrittenModel, training: RewrittenTraining = .none, compression: Int? = nil
  ) {
    self.model = model
    self.training = training
    self.compression = compression
  }

  /// Writes the file: equal content gives equal bytes.
  ///
  /// Memory: the largest parameter whose elements change their order, plus two bands.
  ///
  /// - Parameters:
  ///   - output: the file, not yet committed.
  ///   - progress: called with the number of bytes that were just written.
  ///   - beside: writes what else the HDF5 file is to hold, where Keras does not look; is told every variable in the order of
  ///     writing.
  /// - Throws: `ModelFileError` from reading the parameters and from writing the file.
  public func write(
    to output: OutputFile,
    progress: (Int) throws(ModelFileError) -> Void,
    beside: (HDF5File, [StoredVariable]) throws(ModelFileError) -> Void = { _, _ in }
  ) throws(ModelFileError) {
    do {
      guard container == .archive else {
        let file = try output.withTemporaryPath { path throws(ModelFileError) in
          try HDF5File.create(at: path)
        }
        try beside(file, try write(to: file, progress))
        return try file.close()
      }
      let file = try output.withTemporaryPath { path throws(ModelFileError) in
        try HDF5File.create(at: path, behind: ArchiveWriter.weightsOffset)
      }
      try beside(file, try write(to: file, progress))
      try file.close()
      try ArchiveWriter(output).finish(archiveTexts)
    } catch {
      // The temporary name means nothing to the user.
      var error = error
      if error.file == output.temporaryPath { error.file = output.path }
      throw error
    }
  }

  private func write(
    to file: HDF5File, _ progress: DatasetWriter.Progress
  ) throws(ModelFileError) -> [StoredVariable] {
    let isLegacy = container == .fullModel || container == .weights
    let order = isLegacy ? LegacyWriter.order(of: model) : Version3Writer.order(of: model)
    let state = training.state ?? []
    var writer = try DatasetWriter(
      order + state, shares: model.sharesArrays, compression: compression)
    if isLegacy {
      try writeLegacy(file, through: &writer, progress)
    } else {
      try Version3Writer(file.root, for: model.form).write(
        model, through: &writer, progress: progress)
    }
    let stored = writer.stored
    if !state.isEmpty {
      try TrainingWriter(file.root).write(
        state, inLegacyLayout: isLegacy, through: &writer, progress: progress)
    }
    return stored
  }

  private func writeLegacy(
    _ file: HDF5File, through writer: inout DatasetWriter, _ progress: DatasetWriter.Progress
  ) throws(ModelFileError) {
    var group = file.root
    try setVersion(of: group)
    if container == .fullModel {
      group = try group.createGroup(named: LegacyNames.modelWeights)
      try setVersion(of: group)
      try file.root.setAttribute(
        named: "model_config", string: Self.text(model.configuration))
      if let settings = training.settings {
        try file.root.setAttribute(
          named: KerasCheckpoint.trainingConfig, string: Self.text(settings))
      }
    }
    try LegacyWriter(group).write(model, through: &writer, progress: progress)
  }

  private func setVersion(of group: Group) throws(ModelFileError) {
    try group.setAttribute(named: "keras_version", string: model.form.kerasVersion)
    try group.setAttribute(named: "backend", string: "tensorflow")
  }

  private static func text(_ configuration: JSONValue) -> String {
    String(decoding: bytes(configuration), as: UTF8.self)
  }

  private static func bytes(_ configuration: JSONValue) -> [UInt8] {
    JSONWriter(nonFinite: .pythonTokens).bytes(of: configuration)
  }

  /// The configuration with the settings of an archive.
  private var archiveConfiguration: JSONValue {
    guard let settings = training.settings, var members = model.configuration.object else {
      return model.configuration
    }
    members[KerasCheckpoint.compileConfig] = settings
    return .object(members)
  }

  /// What stands beside the weights in an archive. The day of saving is left out, which no Keras reads: the same model gives
  /// the same file.
  private var archiveTexts: [(name: String, bytes: [UInt8])] {
    let metadata: JSONValue = ["keras_version": .string(model.form.kerasVersion)]
    return [
      (ArchiveReader.metadata, JSONWriter().bytes(of: metadata)),
      (ArchiveReader.configuration, Self.bytes(archiveConfiguration)),
    ]
  }
}
