import FileSupport
import Keras
import ModelGraph

/// What comes of lowering the layers that a checkpoint's own configuration describes.
enum KerasOutcome {
  typealias Model = (graph: Graph, layers: [KerasNetwork.Layer], warnings: [ModelWarning])

  case computable(KerasNetwork, Model)
  /// Why they can't be computed.
  case not(ModelFileError)

  /// - Throws: `ModelFileError` of kind `damaged` if the configuration is broken.
  init(_ checkpoint: KerasCheckpoint, input: Shape) throws(ModelFileError) {
    do throws(ModelFileError) {
      let network = try KerasNetwork(checkpoint)
      let array = Shape([1] + input.extents)
      // One that takes something else is compared as what it is, but not run.
      let arrays = network.takes([array]) ? [array] : try network.defaultInputs()
      self = .computable(network, try network.lowered(for: arrays))
    } catch {
      guard error.kind == .unsupported || error.kind == .usage else { throw error }
      self = .not(error)
    }
  }
}
