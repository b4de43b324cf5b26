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

extension Addition: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// Each input gets δ of the numbers that it added to (`shortcut_layer.c`).
  func back(_ step: BackwardStep) -> [[Double]?] {
    let own = step.output.sampleCount
    return step.inputs.map { input in
      let count = input.sampleCount
      guard count != own else { return step.delta }
      var part = [Double](repeating: 0, count: input.values.count)
      for sample in 0..<input.batch {
        for index in 0..<min(own, count) {
          part[sample * count + index] = step.delta[sample * own + index]
        }
      }
      return part
    }
  }
}

extension Multiplication: PullbackKernel {
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? { nil }

  /// `δ_a = δ b`, `δ_b = δ a`, summed over repeated axes (`scale_channels_layer.c`, `sam_layer.c`).
  func back(_ step: BackwardStep) -> [[Double]?] {
    let (a, b) = (step.inputs[0], step.inputs[1])
    let places = step.inputs.map {
      Self.places(of: $0.sample.extents, in: step.output.sample.extents)
    }
    let count = step.output.sampleCount
    var below = step.inputs.map { [Double](repeating: 0, count: $0.values.count) }
    for sample in 0..<step.output.batch {
      for index in 0..<count {
        let first = sample * a.sampleCount + places[0][index]
        let second = sample * b.sampleCount + places[1][index]
        let delta = step.delta[sample * count + index]
        below[0][first] += delta * b.values[second]
        below[1][second] += delta * a.values[first]
      }
    }
    return below
  }

  /// Where each number of the result finds its factor in a value whose axes of extent 1 are repeated.
  private static func places(of own: [Int], in wanted: [Int]) -> [Int] {
    let count = wanted.reduce(1, *)
    return (0..<count).map { index in
      var (rest, place, stride) = (index, 0, 1)
      for axis in wanted.indices.reversed() {
        let (quotient, coordinate) = rest.quotientAndRemainder(dividingBy: wanted[axis])
        place += own[axis] == 1 ? 0 : coordinate * stride
        stride *= own[axis]
        rest = quotient
      }
      return place
    }
  }
}
