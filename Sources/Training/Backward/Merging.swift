import FileSupport
import ModelGraph

extension Concatenation: BackwardKernel {
  /// Each input gets its part of δ (`route_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    // The channels stand first where networks are trained.
    guard axis ?? 0 == 0 else {
      throw ModelFileError(
        .unsupported, "only values that are joined along the channels can be trained",
        found: "axis \(axis ?? 0)")
    }
    var result: [Double] = []
    for sample in 0..<pass.batch {
      for input in inputs {
        let count = input.sampleCount
        result += input.numbers[(sample * count)..<((sample + 1) * count)]
      }
    }
    let counts = inputs.map(\.sampleCount)
    return (
      result,
      { step in
        var parts = [[Double]](repeating: [], count: counts.count)
        var start = 0
        for _ in 0..<step.output.batch {
          for (position, count) in counts.enumerated() {
            parts[position] += step.delta[start..<(start + count)]
            start += count
          }
        }
        return parts
      }
    )
  }
}

extension Addition: BackwardKernel {
  /// Each input gets δ of the numbers that it added to (`shortcut_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    var result = inputs[0].numbers
    let own = inputs[0].sampleCount
    let counts = inputs.map(\.sampleCount)
    for input in inputs.dropFirst() {
      for sample in 0..<pass.batch {
        for index in 0..<min(own, input.sampleCount) {
          result[sample * own + index] += input.numbers[sample * input.sampleCount + index]
        }
      }
    }
    return (
      result,
      { step in
        counts.map { count in
          guard count != own else { return step.delta }
          var part = [Double](repeating: 0, count: count * step.output.batch)
          for sample in 0..<step.output.batch {
            for index in 0..<min(own, count) {
              part[sample * count + index] = step.delta[sample * own + index]
            }
          }
          return part
        }
      }
    )
  }
}

extension Multiplication: BackwardKernel {
  /// `δ_a = δ b`, `δ_b = δ a`, summed over repeated axes (`scale_channels_layer.c`, `sam_layer.c`).
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback) {
    let places = inputs.map { Self.places(of: $0.sample.extents, in: pass.shape.extents) }
    let (a, b) = (inputs[0], inputs[1])
    let count = pass.shape.elementCount
    var result: [Double] = []
    for sample in 0..<pass.batch {
      for index in 0..<count {
        result.append(
          a.numbers[sample * a.sampleCount + places[0][index]]
            * b.numbers[sample * b.sampleCount + places[1][index]])
      }
    }
    return (
      result,
      { step in
        var below = inputs.map { [Double](repeating: 0, count: $0.numbers.count) }
        for sample in 0..<step.output.batch {
          for index in 0..<count {
            let first = sample * a.sampleCount + places[0][index]
            let second = sample * b.sampleCount + places[1][index]
            let delta = step.delta[sample * count + index]
            below[0][first] += delta * b.numbers[second]
            below[1][second] += delta * a.numbers[first]
          }
        }
        return below
      }
    )
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
