import FileSupport
import ModelGraph

/// `[connected]`, with the normalization and the activation behind it. Weights on an image that was made
/// flat are taken in darknet's order of it, plane by plane.
extension FullyConnected: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let input = try context.input()
    let output = try context.outputShape()
    var view = weights.view
    if input.order == .pixels {
      let image = context.builder.shape(of: input.layer)
      guard view.extents == weights.shape.extents, image.imageCount == view.extents[1] else {
        throw context.unsupported(
          "of \(context.shapes), which the layer before has in another order")
      }
      view = view.splitting(axis: 1, into: [image.height, image.width, image.channels])
        .permuted([0, 3, 1, 2])
    }
    let ending = context.ending(isConvolution: false)
    var options = SectionOptions()
    options.set(Connected.batchNormalize, ending.normalization == nil ? 0 : 1)
    options.write(Connected.outputs, output.count)
    options.write(Connected.activation, ending.activation)
    return try context.builder.add(
      Connected.self, options, on: RaisedValue(layer: input.layer), shape: output,
      arrays: try ending.arrays(weights: try OrderedTensor(weights, view: view), biases, context))
  }
}
