import FileSupport
import HDF5
import Keras

/// In which of Keras's containers a model is written, and for which Keras.
public struct KerasTarget: Sendable {
  /// How the file is laid out.
  public let container: KerasContainer
  /// For whom it is.
  public let form: KerasForm
  /// A deflate level from 1 to 9; `nil` for none.
  public let compression: Int?

  /// By default a whole model in an `.h5` that both generations load.
  public init(
    container: KerasContainer = .fullModel, form: KerasForm = .both, compression: Int? = nil
  ) {
    self.container = container
    self.form = form
    self.compression = compression
  }

  /// A model that was read, in this form.
  func rewritten(_ network: KerasNetwork) throws(ModelFileError) -> RewrittenModel {
    try RewrittenModel(network, as: container, form: form)
  }

  /// A model that was raised from a graph, in this form.
  func rewritten(_ raised: KerasModel) throws(ModelFileError) -> RewrittenModel {
    try RewrittenModel(raised, as: container, form: form)
  }

  /// Writes a model, and begins to bring it to the disk on the way.
  ///
  /// - Parameters:
  ///   - model: the model in this form.
  ///   - training: what is kept for going on with the training.
  ///   - output: the file, not yet committed.
  ///   - total: how many bytes there are, for `progress`.
  ///   - progress: called while bytes pass.
  ///   - beside: as of ``KerasWriter/write(to:progress:beside:)``.
  /// - Throws: `ModelFileError` of either file.
  func write(
    _ model: RewrittenModel, training: RewrittenTraining = .none, to output: OutputFile,
    of total: UInt64, progress: ConversionProgress,
    beside: (HDF5File, [StoredVariable]) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    var done: UInt64 = 0
    try KerasWriter(model, training: training, compression: compression).write(to: output) {
      count throws(ModelFileError) in
      done += UInt64(count)
      if count >= OutputFile.flushBytes { output.startFlushing() }
      progress(done, total)
    } beside: { file, stored throws(ModelFileError) in
      try beside(file, stored)
    }
  }
}
