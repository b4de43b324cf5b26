import FileSupport
import Inference
import ModelGraph

/// Every place of a grid, in C order; a grid without axes has one.
func places(_ extents: [Int]) -> [[Int]] {
  extents.reduce([[]]) { places, extent in
    places.flatMap { place in (0..<extent).map { place + [$0] } }
  }
}

/// Where a place stands in C order.
func position(_ place: [Int], in extents: [Int]) -> Int {
  zip(place, extents).reduce(0) { $0 * $1.1 + $1.0 }
}

extension Window {
  /// The cell under a place `k` of the window that stands at a place; none outside the image.
  func cell(at place: [Int], _ k: [Int], in extents: [Int]) -> [Int]? {
    let cell = extents.indices.map {
      place[$0] * strides[$0] + k[$0] * dilation[$0] - padding[$0].before
    }
    return zip(cell, extents).allSatisfy { (0..<$1).contains($0) } ? cell : nil
  }
}

extension Tensor {
  /// `[N, C, …]` as `[N, …, C]`.
  var channelsLast: Tensor {
    let e = shape.extents
    let (channels, count) = (e[1], e[2...].reduce(1, *))
    var result: [Float] = []
    for n in 0..<e[0] {
      for pixel in 0..<count {
        for c in 0..<channels { result.append(values[(n * channels + c) * count + pixel]) }
      }
    }
    return Tensor(shape: Shape([e[0]] + e[2...] + [channels]), values: result)
  }

  /// It in a layout, being `[N, C, …]`.
  func laid(_ layout: ImageLayout) -> Tensor { layout == .channelsFirst ? self : channelsLast }
}

/// Small whole numbers with which the expected numbers of Keras were made (3.15 on TensorFlow 2.21):
/// number *i* of an image is `7i mod 11 − 5`, of a kernel `5i mod 7 − 3`, of offsets `i + 1`.
enum KerasNumbers {
  /// One image, `[…, C]`.
  static func image(_ sample: Shape) -> Tensor {
    Tensor(
      shape: Shape([1] + sample.extents),
      values: (0..<sample.elementCount).map { Float($0 * 7 % 11 - 5) })
  }

  /// A kernel in Keras's order, its axes being permuted.
  static func kernel(_ stored: Shape, _ axes: [Int], shape: Shape? = nil) -> Parameter {
    let view = StridedView(contiguous: stored).permuted(axes)
    return Parameter(
      "weights", of: "layer", role: .weights, shape: shape ?? Shape(view.extents), view: view,
      source: MemorySource((0..<stored.elementCount).map { Float($0 * 5 % 7 - 3) }))
  }

  /// Offsets.
  static func biases(_ count: Int) -> Parameter {
    Parameter(.biases, [count], (1...count).map(Float.init))
  }

  /// What an operation gives for an image with channels last.
  static func result(of operation: some Operation, on sample: Shape) throws -> Tensor {
    try value(of: operation, on: [image(sample)], layout: .channelsLast)
  }
}
