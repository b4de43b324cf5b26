import FileSupport
import ModelGraph

extension KerasLayers {
  /// A value repeated as the steps of a sequence.
  public struct RepeatVector: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "RepeatVector"
    /// How often.
    public let count: Int

    /// Reads `n`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      count = try configuration.integer("n")
    }

    /// `n`
    public var configuration: JSONObject { ["n": JSONValue(count)] }

    /// `[n, K]`
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      KerasShape([count] + (try inputs.single(rank: 1).extents))
    }
  }
}

extension KerasLayers.RepeatVector {
  /// The value, again and again.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let row = try context.reshaped(input, to: Shape([1] + context.shape(input).extents))
    return [
      try context.applyWithoutMask(
        Repeat(counts: [count] + context.shape(input).extents.map { _ in 1 }), to: row)
    ]
  }
}
