import FileSupport
import ModelGraph

/// Dense. Behind a flattened image its rows are put into Keras's order of the elements.
extension FullyConnected: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    var source = try context.input()
    if source.shape.rank > 1 {
      source = try context.helper("flat", KerasLayers.Flatten(), on: source)
      source.flattenedImage = context.shapes[0]
    }
    let view = try weights.shapedView()
    // [out, in] → [in, out]; in = [C, H, W] → [H, W, C]
    let kernel =
      source.flattenedImage.map { image in
        view.splitting(axis: 1, into: image.extents).permuted([2, 3, 1, 0])
      } ?? view.permuted([1, 0])
    var variables = ["kernel": VariableContent(weights, view: kernel)]
    variables["bias"] = biases.map { VariableContent($0) }
    return try context.main(
      KerasLayers.Dense(units: weights.shape.extents[0], usesBias: biases != nil), on: source,
      variables: variables)
  }
}
