import FileSupport
import ModelGraph

extension KerasLayers {
  /// Marks steps whose numbers all have one value; recurrent layers pass them over.
  struct Masking: KeyedLayerClass {
    static let className = "Masking"
    /// The value.
    var maskValue = 0.0

    static let keys: [KerasKey<Self>] = [.number("mask_value", \.maskValue, .written)]
  }
}

extension KerasLayers.Masking {
  /// Steps that count keep their numbers, the others become 0 and are marked.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    guard shape.rank > 0 else {
      throw ModelFileError(.damaged, "takes a sequence", found: "\(shape)")
    }
    let differs = try context.add(Comparison(.unequal, with: maskValue), on: [input.node])
    let mask = try context.add(
      Reduce(.maximum, axes: [shape.rank - 1], keepsAxes: true), on: [differs])
    let kept = try context.combine(.product, [input, KerasValue(mask)])
    let steps = try context.reshaped(KerasValue(mask), to: Shape(Array(shape.extents.dropLast())))
    return [KerasValue(kept.node, mask: steps.node)]
  }
}
