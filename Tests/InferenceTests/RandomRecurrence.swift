import FileSupport
import Inference
import ModelGraph
import Testing

/// What a random recurrence is made of.
struct RandomRecurrence {
  private var state: SplitMix64
  var noise: Noise

  init(seed: UInt64) {
    state = SplitMix64(mixing: seed)
    noise = Noise(seed)
  }

  mutating func pick<Value>(_ values: [Value]) -> Value {
    values[Int.random(in: values.indices, using: &state)]
  }

  mutating func weights(_ shape: Shape) -> Parameter {
    let scale = 1 / Float(shape.extents.dropFirst().reduce(1, *)).squareRoot()
    return Parameter(.weights, shape, noise.numbers(shape.elementCount).map { $0 * scale })
  }

  mutating func numbers(
    _ count: Int, _ role: ParameterRole = .biases, from least: Float? = nil
  ) -> Parameter {
    let numbers = noise.numbers(count)
    return Parameter(
      role, [count], least.map { least in numbers.map { abs($0) + least } } ?? numbers)
  }

  mutating func normalization(_ channels: Int) -> BatchNormalization {
    BatchNormalization(
      divisor: .sumWithRoot(epsilon: 1e-6), scales: numbers(channels, .scales, from: 0.5),
      biases: numbers(channels), mean: numbers(channels, .rollingMean),
      variance: numbers(channels, .rollingVariance, from: 0.75))
  }

  mutating func cell(
    _ kind: RecurrentCell.Kind, in inputs: Int, units: Int, window: Window? = nil
  ) -> RecurrentCell {
    let rows = units * kind.gates
    let size = window?.size ?? []
    let hasBiases = pick([true, true, false])
    return RecurrentCell(
      kind: kind, product: window.map { .convolution(input: $0) } ?? .matrix,
      kernel: weights(Shape([rows, inputs] + size)),
      stateKernel: weights(Shape([rows, units] + size)), biases: hasBiases ? numbers(rows) : nil,
      stateBiases: hasBiases && kind == .gated(resetsAfter: true) ? numbers(rows) : nil,
      activation: pick([.tanh, .tanh, .relu(maximum: nil), .softsign, .logSoftmax]),
      // The second is Keras's hard_sigmoid.
      gateActivation: pick([
        .logistic, .leakyStep(scale: 0.2, offset: 0.5, slope: 0), .softsign,
      ]))
  }

  /// Runs cells over sequences of any length, with any options.
  mutating func check(
    _ cells: [RecurrentCell], step: [Int], _ layout: ImageLayout = .channelsLast
  ) throws {
    let (batch, steps) = (pick([1, 2, 4, 9]), pick([1, 2, 5, 12]))
    let (hasMask, givesStates) = (pick([true, false]), pick([true, false]))
    let layer = Recurrence(
      cells: cells, goesBackwards: pick([true, false]), returnsSequences: pick([true, false]),
      hasMask: hasMask, zeroesMasked: pick([true, false]),
      initialStates: givesStates ? cells.reduce(0) { $0 + $1.kind.states } : 0)
    var inputs = [noise.tensor(Shape([batch, steps] + step))]
    let shapes = try layer.furtherShapes(of: [inputs[0].sample], layout: layout)
    if hasMask {
      inputs.append(
        Tensor(
          shape: [batch, steps], values: noise.numbers(batch * steps).map { $0 > -0.5 ? 1 : 0 }))
    }
    if givesStates {
      for shape in shapes { inputs.append(noise.tensor(Shape([batch] + shape.extents))) }
    }
    for threads in [1, 3] {
      _ = try values(of: layer, on: inputs, layout: layout, threads: threads)
    }
  }
}
