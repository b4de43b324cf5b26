import FileSupport
import ModelGraph

/// EinsumDense with a matrix for each place, over the cells of its window side by side. (Keras 3 has no
/// LocallyConnected2D.)
extension LocallyConnected: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    guard window.dilation.allSatisfy({ $0 == 1 }) else {
      throw context.unsupported("local connections with holes")
    }
    let kernels = weights.shape.extents
    let (places, outputs) = (kernels[0], kernels[1])
    let cells = try windows(context)
    let inputs = image.channels * window.size[0] * window.size[1]
    let rows = try context.helper("rows", KerasLayers.Reshape([places, inputs]), on: cells)
    // The cells of a window lie side by side column by column. [place, out, in, h, w] → [place, w, h, in, out]
    let kernel = VariableContent(
      weights, view: try weights.shapedView().permuted([0, 4, 3, 2, 1]))
    let product = try context.helper(
      "products", try KerasLayers.EinsumDense("bpi,pio->bpo", outputExtents: [places, outputs]),
      on: rows,
      variables: ["kernel": kernel])
    let extents = try window.outputExtents(of: [image.height, image.width]) + [outputs]
    let sums = try context.helper("sums", KerasLayers.Reshape(extents), on: product)
    let offsets = try context.constant(
      biases, view: try biases.shapedView().permuted([1, 2, 0]), shape: Shape(extents),
      unlessLast: "biases")
    return try context.main(KerasLayers.Add(), on: [sums, offsets])
  }

  /// The image with the cells of its window at each place, `[H′, W′, w · h · C]`.
  private func windows(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    var value = try context.input()
    if window.padding.contains(where: { $0.total > 0 }) {
      value = try context.helper("pad", KerasLayers.ZeroPadding2D(window.padding), on: value)
    }
    for axis in 0..<2 where window.size[axis] > 1 {
      // The image shifted by each row of the window, then by each column.
      var shifted: [KerasTensor] = []
      let last = window.size[axis] - 1
      for shift in 0...last {
        var margins = [Padding.none, .none]
        margins[axis] = Padding(before: shift, after: last - shift)
        shifted.append(
          try context.helper("shifted", KerasLayers.Cropping2D(margins), on: value))
      }
      value = try context.layer(
        KerasLayers.Concatenate(), on: shifted, unlessLast: axis == 0 ? "column" : "window")
    }
    guard window.strides.contains(where: { $0 > 1 }) else { return value }
    return try context.helper(
      "thinned",
      KerasLayers.MaxPooling2D(poolSize: [1, 1], strides: window.strides, padding: .valid),
      on: value)
  }
}
