import FileSupport
import Inference
import ModelGraph

extension YoloHead: BackwardKernel {
  /// The boxes; the loss puts its δ straight at the input, without σ′ (`yolo_layer.c: backward_yolo_layer`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    (inputs[0].mappingEntries(count: classes + 5, decoded), Self.unchanged)
  }
}

extension GaussianYoloHead: BackwardKernel {
  /// As ``YoloHead`` (`gaussian_yolo_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    (inputs[0].mappingEntries(count: classes + 9, decoded), Self.unchanged)
  }
}

extension BatchValues {
  /// A function of every number and of the entry of its box that its plane holds.
  fileprivate func mappingEntries(
    count: Int, _ function: (_ entry: Int, _ v: Double) -> Double
  ) -> [Double] {
    let area = image.height * image.width
    let channels = image.channels
    return numbers.indices.map { function($0 / area % channels % count, numbers[$0]) }
  }
}

extension RegionHead: BackwardKernel {
  /// The boxes, in the head's own order; δ goes back to the order of the input
  /// (`region_layer.c: forward_region_layer`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let x = inputs[0]
    let groups = try groups()
    let entries = coordinates + 1 + classes
    let area = x.image.height * x.image.width
    func forEach(_ body: (_ planar: Int, _ first: Int, _ step: Int) -> Void) {
      for sample in 0..<x.batch {
        for box in 0..<boxes {
          for cell in 0..<area {
            let planar = (sample * boxes + box) * entries * area + cell
            let flat = ((sample * area + cell) * boxes + box) * entries
            body(planar, isPlanar ? planar : flat, isPlanar ? area : 1)
          }
        }
      }
    }
    var result = x.numbers
    forEach { planar, first, step in
      let numbers = (0..<entries).map { x.numbers[planar + $0 * area] }
      for (entry, value) in decode(numbers, groups).enumerated() {
        result[first + entry * step] = value
      }
    }
    return (
      result,
      { back in
        var below = [Double](repeating: 0, count: x.numbers.count)
        forEach { planar, first, step in
          for entry in 0..<entries {
            below[planar + entry * area] = back.delta[first + entry * step]
          }
        }
        return [below]
      }
    )
  }
}
