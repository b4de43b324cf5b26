import FileSupport
import ModelGraph

extension KerasLayers {
  /// A value repeated as the steps of a sequence.
  struct RepeatVector: KeyedLayerClass {
    static let className = "RepeatVector"
    /// How often.
    var count = 0

    static let keys: [KerasKey<Self>] = [.integer("n", \.count, .required)]

    /// `[n, K]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      KerasShape([count] + (try inputs.single(rank: 1).extents))
    }
  }
}

extension KerasLayers.RepeatVector {
  /// The value, again and again.
  func lower(
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
