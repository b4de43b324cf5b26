import FileSupport
import ModelGraph

/// The layer `input`.
extension Input: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    try context.main(KerasLayers.InputLayer(shape: KerasRaising.kerasShape(shape)))
  }
}

/// Rescaling.
extension Affine: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    try context.main(KerasLayers.Rescaling(scale: scale, offset: offset), on: try context.input())
  }
}

/// Dropout.
extension Dropout: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    try context.main(KerasLayers.Dropout(rate: probability), on: try context.input())
  }
}
