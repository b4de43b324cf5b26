import FileSupport
import ModelGraph

/// `[connected]` (`connected_layer.c`): the fully connected layer, `a = σ(W a + b)`.
struct Connected: ReadableLayer {
  static let type = "connected"
  static let operations: [any Operation.Type] = [
    FullyConnected.self, BatchNormalization.self, Activation.self,
  ]
  static let aliases = ["conn"]

  static let outputs = Option("output", 1)
  static let activation = Option("activation", "logistic", gives: Activation.self)
  static let batchNormalize = Option("batch_normalize", 0)
  static let options = [
    outputs.description, activation.description, batchNormalize.description,
  ]

  let output: LayerShape
  let arrays: [StoredArray]
  let activation: ActivationName
  let isNormalized: Bool

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let count = try options.value(Self.outputs, in: 1...Int(Int32.max))
    activation = options.activation(Self.activation)
    isNormalized = options[Self.batchNormalize] != 0
    output = LayerShape(vector: count)
    arrays = Self.arrays(
      inputs: context.input.count, outputs: count, isNormalized: isNormalized)
  }

  /// The arrays in file order: unlike a convolution's, the weights stand before the statistics
  /// (`parser.c: save_connected_weights`).
  static func arrays(inputs: Int, outputs: Int, isNormalized: Bool) -> [StoredArray] {
    [
      StoredArray(.biases, [outputs]),
      StoredArray(.weights, [outputs, inputs], isMatrix: true),
    ] + (isNormalized ? NormalizedArrays.statistics(channels: outputs) : [])
  }

  var summary: String { "\(isNormalized ? "bn " : "")\(activation.rawValue)" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    let node = try lowering.add(
      FullyConnected(
        weights: lowering.parameter(.weights),
        biases: isNormalized ? nil : lowering.parameter(.biases)),
      on: try lowering.vector())
    let normalized = try lowering.normalizing(node, if: isNormalized)
    lowering.finish(try lowering.activating(normalized, with: activation))
  }
}
