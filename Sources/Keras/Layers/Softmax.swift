import FileSupport
import ModelGraph

extension KerasLayers {
  /// `eˣ / Σ eˣ` along some axes.
  struct Softmax: KeyedLayerClass {
    static let className = "Softmax"
    /// A mask may be passed behind the value.
    static let callParameters = ["inputs", "mask"]
    /// The axes, as Keras counts them.
    var axes = [-1]

    static let keys: [KerasKey<Self>] = [.axes(\.axes, .written)]
  }
}

extension KerasLayers.Softmax {
  /// The softmax along the axes together. What a mask leaves out does not count.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    let positions = try KerasShape(shape).positions(ofAxes: axes)
    guard let mask = try call.tensor("mask") ?? input.mask.map({ KerasValue($0) }) else {
      return [try context.softmax(input, axes: positions)]
    }
    // Both Kerases line a mask up with the last axes: one of steps alone falls across the samples.
    guard context.shape(mask).rank == shape.rank else {
      throw ModelFileError(
        .unsupported, at: [.option("mask")],
        "a mask of fewer axes than the values is lined up by Keras with the last ones, the samples with the steps",
        expected: "\(shape.rank) axes", found: "\(context.shape(mask).rank)")
    }
    let result = try context.softmax(try context.excluding(input, where: mask), axes: positions)
    guard context.generation == .third else { return [KerasValue(result.node, mask: input.mask)] }
    // Where nothing counts at all Keras 3 has zeros.
    let kept = try context.combine(.product, [result, mask])
    return [KerasValue(kept.node, mask: input.mask)]
  }
}
