import Inference
import ModelGraph

/// The places of an array in C order, by the plainest walk there is.
func places(_ shape: Shape) -> [[Int]] {
  shape.extents.reduce([[]]) { places, extent in
    places.flatMap { place in (0..<extent).map { place + [$0] } }
  }
}

extension Tensor {
  /// The number at a place, the batch axis being counted.
  subscript(place: [Int]) -> Float {
    values[zip(place, shape.extents).reduce(0) { $0 * $1.1 + $1.0 }]
  }

  /// A tensor of what a formula says of every place.
  init(_ shape: Shape, _ formula: ([Int]) -> Float) {
    self.init(shape: shape, values: places(shape).map(formula))
  }
}
