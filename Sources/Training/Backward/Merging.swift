import FileSupport
import ModelGraph

extension Concatenation: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Each input gets its part of δ (`route_layer.c`).
  func back(_ step: BackwardStep) -> [[Double]?] {
    // The channels stand first where networks are trained.
    let axis = axis ?? 0
    let outer = step.output.shape.extents[...axis].reduce(1, *)
    var parts = [[Double]](repeating: [], count: step.inputs.count)
    var start = 0
    for _ in 0..<outer {
      for (position, input) in step.inputs.enumerated() {
        let end = start + input.values.count / outer
        parts[position] += step.delta[start..<end]
        start = end
      }
    }
    return parts
  }
}

extension Elementwise: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// δ of a sum, δ times the other factors of a product, summed over repeated axes (`shortcut_layer.c`,
  /// `scale_channels_layer.c`, `sam_layer.c`).
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?] {
    guard rule == .sum || rule == .product else {
      throw ModelFileError(.unsupported, "the rule '\(rule.rawValue)' can't be trained through")
    }
    let shape = step.output.sample
    if rule == .sum, step.inputs.allSatisfy({ $0.sample == shape }) {
      return step.inputs.map { _ in step.delta }
    }
    let places = step.inputs.map { $0.sample.places(repeatedTo: shape) }
    let count = step.output.sampleCount
    return step.inputs.enumerated().map { position, input in
      var below = [Double](repeating: 0, count: input.values.count)
      for (index, delta) in step.delta.enumerated() {
        let (sample, place) = index.quotientAndRemainder(dividingBy: count)
        var delta = delta
        if rule == .product {
          for (other, factor) in step.inputs.enumerated() where other != position {
            delta *= factor.values[sample * factor.sampleCount + places[other][place]]
          }
        }
        below[sample * input.sampleCount + places[position][place]] += delta
      }
      return below
    }
  }
}

extension Shape {
  /// Where each number of a value of the shape `wanted` is found in one of this shape, whose missing outer axes and
  /// axes of extent 1 are repeated.
  func places(repeatedTo wanted: Shape) -> [Int] {
    let own = [Int](repeating: 1, count: wanted.rank - rank) + extents
    return (0..<wanted.elementCount).map { index in
      var (rest, place, stride) = (index, 0, 1)
      for axis in own.indices.reversed() {
        let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: wanted.extents[axis])
        place += own[axis] == 1 ? 0 : coordinate * stride
        stride *= own[axis]
        rest = quotient
      }
      return place
    }
  }
}
