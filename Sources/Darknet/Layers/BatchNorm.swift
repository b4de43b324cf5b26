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
  let missingBecause: String?

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = try context.image(options)
    hasBiases = context.dialect.storesBatchNormBiases
    let common = try CommonOptions(options)
    missingBecause = common.skipsArrays ? CommonOptions.dontload.key : nil
    let biases = hasBiases ? [StoredArray(.biases, [output.channels])] : []
    arrays =
      common.skipsArrays ? [] : biases + NormalizedArrays.statistics(channels: output.channels)
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    try lowering.requireArrays(unless: missingBecause)
    let operation = lowering.batchNormalization(hasBiases: hasBiases)
    lowering.finish(try lowering.add(operation, on: try lowering.value()))
  }
}
