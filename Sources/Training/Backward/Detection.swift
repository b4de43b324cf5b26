import FileSupport
import ModelGraph

/// The loss puts its δ straight at the input, without σ′ (`yolo_layer.c: backward_yolo_layer`).
extension YoloHead: UnchangedKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { decodingDeparture }
}

/// As ``YoloHead`` (`gaussian_yolo_layer.c`).
extension GaussianYoloHead: UnchangedKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { decodingDeparture }
}

extension RegionHead: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { decodingDeparture }

  /// δ goes back from the head's own order to that of the input (`region_layer.c: forward_region_layer`).
  func back(_ step: BackwardStep) -> [[Double]?] {
    if isPlanar { return [step.delta] }
    let x = step.inputs[0]
    let entries = coordinates + 1 + classes
    let area = x.image.height * x.image.width
    return [
      x.values.indices.map { planar in
        let (plane, cell) = planar.quotientAndRemainder(dividingBy: area)
        let (box, entry) = plane.quotientAndRemainder(dividingBy: entries)
        let (sample, number) = box.quotientAndRemainder(dividingBy: boxes)
        return step.delta[((sample * area + cell) * boxes + number) * entries + entry]
      }
    ]
  }
}

extension DetectionHead {
  fileprivate var decodingDeparture: String {
    "δ is that of the boxes: the derivatives of their decoding are left out"
  }
}
