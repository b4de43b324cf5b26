import FileSupport
import ModelGraph

/// `[connected]`, with the normalization and the activation behind it. Weights on an image that was made
/// flat are taken in darknet's order of it, plane by plane.
extension FullyConnected: DarknetRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> RaisedValue {
    let input = try site.input()
    let output = try site.outputShape()
    var view = weights.view
    if input.order == .pixels {
      let image = site.builder.shape(of: input.layer)
      guard view.extents == weights.shape.extents, image.imageCount == view.extents[1] else {
        throw site.unsupported("of \(site.shapes), which the layer before has in another order")
      }
      view = view.splitting(axis: 1, into: [image.height, image.width, image.channels])
        .permuted([0, 3, 1, 2])
    }
    let ending = site.ending(isConvolution: false)
    var options = SectionOptions()
    options.set(Connected.batchNormalize, ending.normalization == nil ? 0 : 1)
    options.write(Connected.outputs, output.count)
    options.write(Connected.activation, ending.activation)
    return try site.builder.add(
      Connected.self, options, on: RaisedValue(layer: input.layer), shape: output,
      arrays: try ending.arrays(weights: try OrderedTensor(weights, view: view), biases, site))
  }
}
