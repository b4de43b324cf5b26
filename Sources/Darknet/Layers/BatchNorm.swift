import FileSupport
import ModelGraph

/// `[batchnorm]` (`batchnorm_layer.c`): batch normalization of its own.
struct BatchNorm: ReadableLayer {
  static let type = "batchnorm"
  static let operations: [any Operation.Type] = [BatchNormalization.self]
  static let dialects: Set<Dialect> = .beforeHankAI

  let output: LayerShape
  let arrays: [StoredArray]
  let hasBiases: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = try context.image(options)
    hasBiases = context.dialect.storesBatchNormBiases
    let biases = hasBiases ? [StoredArray(.biases, [output.channels])] : []
    arrays = biases + NormalizedArrays.statistics(channels: output.channels)
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let operation = lowering.batchNormalization(hasBiases: hasBiases)
    lowering.finish(try lowering.add(operation, on: try lowering.value()))
  }
}
