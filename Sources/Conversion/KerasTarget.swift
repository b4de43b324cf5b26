import FileSupport
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

  /// Writes it.
  func writer(of model: RewrittenModel) -> KerasWriter {
    KerasWriter(model, compression: compression)
  }
}
