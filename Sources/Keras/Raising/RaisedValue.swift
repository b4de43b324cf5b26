import ModelGraph

/// Where a model that was raised holds the value of a node of the graph.
public struct RaisedValue: Sendable {
  /// The layer whose value it is.
  public let layer: String
  /// The walk over a sample of the layer's value that gives the node's value: an image `[H, W, C]`,
  /// flat or not, becomes `[C, H, W]`.
  public let view: StridedView

  init(_ tensor: KerasTensor) {
    layer = tensor.layer
    let image = tensor.flattenedImage.map(KerasRaising.kerasShape) ?? tensor.shape
    let stored = StridedView(contiguous: image)
    view = image.rank == 3 ? stored.permuted([2, 0, 1]) : stored
  }

  /// A value with a step of a sequence for each place of its first axis.
  init(sequence tensor: KerasTensor) {
    layer = tensor.layer
    let stored = StridedView(contiguous: tensor.shape)
    view = tensor.shape.rank == 4 ? stored.permuted([0, 3, 1, 2]) : stored
  }
}
