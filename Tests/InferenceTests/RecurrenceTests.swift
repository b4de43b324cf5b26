import FileSupport
import Inference
import ModelGraph
import Testing

/// Two sequences of five steps of three numbers, as Keras 3.15 computes them.
@Suite struct RecurrenceTests {
  private static let sequences: Shape = [2, 5, 3]
  /// A masked step in front, inside and at the end.
  private static let mask = Tensor(shape: [2, 5], values: [0, 1, 1, 0, 1, 1, 0, 1, 1, 0])

  @Test func simpleCells() throws {
    var noisy = NoisyLayer(input: Self.sequences)
    try check(
      Recurrence(cells: [noisy.cell(.simple, in: 3, units: 2)], returnsSequences: true),
      [noisy.input],
      [
        0.738609, -0.6607078, 0.8405209, -0.9110163, -0.04409239, -0.5430195, 0.8343278,
        -0.8760971, -0.1986707, -0.750734, 0.9050135, -0.9151663, 0.135576, -0.7210081, 0.4354975,
        -0.5692452, 0.8270286, -0.9039848, 0.3014646, -0.8004189,
      ])
    noisy = NoisyLayer(input: Self.sequences)
    let relu = noisy.cell(.simple, in: 3, units: 2, .relu(maximum: nil))
    try check(
      Recurrence(cells: [relu], returnsSequences: true), withStates: true, [noisy.input],
      [
        0.9474118, 0, 1.162507, 0, 0, 0.06680274, 1.205821, 0, 0, 0, 0, 0, 1.499255, 0, 0, 0,
        0.5459393, 0, 1.154343, 0, 0.2118016, 0, 0.2118016, 0,
      ])
  }

  @Test func longShortTermMemories() throws {
    var noisy = NoisyLayer(input: Self.sequences)
    try check(
      Recurrence(
        cells: [noisy.cell(.longShortTerm, in: 3, units: 2)], returnsSequences: true),
      withStates: true, [noisy.input],
      [
        -0.2110122, -0.176329, -0.3088062, -0.30713, -0.1098166, -0.4456027, -0.2239237,
        -0.4379269, -0.01264497, -0.1998112, -0.01264497, -0.1998112, -0.03785062, -0.2808767,
        -0.06080472, -0.1317084, -0.02215678, -0.2522114, -0.1225556, -0.3549268, -0.2366187,
        -0.3648047, -0.1765516, -0.3275172, -0.1765516, -0.3275172, -0.3357109, -0.5140862,
      ])
    noisy = NoisyLayer(input: Self.sequences)
    let relu = noisy.cell(
      .longShortTerm, in: 3, units: 2, hasBiases: false, .relu(maximum: nil))
    try check(
      Recurrence(cells: [relu]), [noisy.input],
      [
        0.1460775, 0.1621402, 0.01081554, 0,
      ])
  }

  @Test func gatedUnits() throws {
    var noisy = NoisyLayer(input: Self.sequences)
    try check(
      Recurrence(
        cells: [noisy.cell(.gated(resetsAfter: true), in: 3, units: 2)], returnsSequences: true),
      [noisy.input],
      [
        -0.3716813, 0.820953, -0.7466849, 0.9304491, -0.3581719, 0.5432804, -0.7269132, 0.8626758,
        -0.2172506, 0.270298, -0.4937546, 0.1723086, -0.2729237, 0.09233005, -0.6306005,
        0.7312636, -0.8397032, 0.9027836, -0.8578221, 0.660019,
      ])
    noisy = NoisyLayer(input: Self.sequences)
    try check(
      Recurrence(
        cells: [noisy.cell(.gated(resetsAfter: false), in: 3, units: 2)], returnsSequences: true),
      [noisy.input],
      [
        -0.184558, 0.8631485, -0.4768189, 0.9337065, -0.06114031, 0.3473086, -0.3403251,
        0.8432307, -0.02310587, 0.07464424, -0.07941294, 0.04488501, 0.02273847, -0.1195653,
        -0.2144226, 0.7227194, -0.4725394, 0.9012929, -0.5510823, 0.5714639,
      ])
    noisy = NoisyLayer(input: Self.sequences)
    let plain = noisy.cell(.gated(resetsAfter: false), in: 3, units: 2, hasBiases: false)
    try check(
      Recurrence(cells: [plain]), [noisy.input],
      [
        0.4338742, 0.2808316, -0.2237656, 0.5187,
      ])
  }

  struct Masked: Sendable, CustomTestStringConvertible {
    let goesBackwards: Bool
    let returnsSequences: Bool
    let zeroesMasked: Bool
    let expected: [Double]

    var testDescription: String {
      "backwards \(goesBackwards), sequences \(returnsSequences), zeros \(zeroesMasked)"
    }
  }

  /// The outputs, then both states.
  static let masked: [Masked] = [
    Masked(
      goesBackwards: false, returnsSequences: false, zeroesMasked: false,
      expected: [
        0.03203767, -0.1246766, 0.03203767, -0.1246766, 0.09078974, -0.1780691, -0.2648722,
        -0.3452952, -0.2648722, -0.3452952, -0.4228998, -0.5480059,
      ]),
    Masked(
      goesBackwards: false, returnsSequences: false, zeroesMasked: true,
      expected: [
        0.03203767, -0.1246766, 0.03203767, -0.1246766, 0.09078974, -0.1780691, 0, 0, -0.2648722,
        -0.3452952, -0.4228998, -0.5480059,
      ]),
    Masked(
      goesBackwards: false, returnsSequences: true, zeroesMasked: false,
      expected: [
        0, 0, -0.1837548, -0.2101146, -0.05443006, -0.3884593, -0.05443006, -0.3884593,
        0.03203767, -0.1246766, 0.03203767, -0.1246766, 0.09078974, -0.1780691, -0.06080472,
        -0.1317084, -0.06080472, -0.1317084, -0.1678425, -0.3167906, -0.2648722, -0.3452952,
        -0.2648722, -0.3452952, -0.2648722, -0.3452952, -0.4228998, -0.5480059,
      ]),
    Masked(
      goesBackwards: false, returnsSequences: true, zeroesMasked: true,
      expected: [
        0, 0, -0.1837548, -0.2101146, -0.05443006, -0.3884593, 0, 0, 0.03203767, -0.1246766,
        0.03203767, -0.1246766, 0.09078974, -0.1780691, -0.06080472, -0.1317084, 0, 0, -0.1678425,
        -0.3167906, -0.2648722, -0.3452952, 0, 0, -0.2648722, -0.3452952, -0.4228998, -0.5480059,
      ]),
    Masked(
      goesBackwards: true, returnsSequences: false, zeroesMasked: false,
      expected: [
        -0.157522, -0.259402, -0.157522, -0.259402, -0.2271796, -0.4062282, -0.1411447,
        -0.4035795, -0.1411447, -0.4035795, -0.2734684, -0.5985807,
      ]),
    Masked(
      goesBackwards: true, returnsSequences: false, zeroesMasked: true,
      expected: [
        0, 0, -0.157522, -0.259402, -0.2271796, -0.4062282, -0.1411447, -0.4035795, -0.1411447,
        -0.4035795, -0.2734684, -0.5985807,
      ]),
    Masked(
      goesBackwards: true, returnsSequences: true, zeroesMasked: false,
      expected: [
        0.03438221, 0.1952636, 0.03438221, 0.1952636, 0.02191965, -0.1221674, -0.157522,
        -0.259402, -0.157522, -0.259402, -0.157522, -0.259402, -0.2271796, -0.4062282, 0, 0,
        -0.1833814, -0.1691881, -0.2345902, -0.3477024, -0.2345902, -0.3477024, -0.1411447,
        -0.4035795, -0.1411447, -0.4035795, -0.2734684, -0.5985807,
      ]),
    Masked(
      goesBackwards: true, returnsSequences: true, zeroesMasked: true,
      expected: [
        0.03438221, 0.1952636, 0, 0, 0.02191965, -0.1221674, -0.157522, -0.259402, 0, 0,
        -0.157522, -0.259402, -0.2271796, -0.4062282, 0, 0, -0.1833814, -0.1691881, -0.2345902,
        -0.3477024, 0, 0, -0.1411447, -0.4035795, -0.1411447, -0.4035795, -0.2734684, -0.5985807,
      ]),
  ]

  @Test(arguments: masked)
  func maskedSteps(_ tried: Masked) throws {
    var noisy = NoisyLayer(input: Self.sequences)
    let layer = Recurrence(
      cells: [noisy.cell(.longShortTerm, in: 3, units: 2)], goesBackwards: tried.goesBackwards,
      returnsSequences: tried.returnsSequences, hasMask: true,
      zeroesMasked: tried.zeroesMasked)
    try check(layer, withStates: true, [noisy.input, Self.mask], tried.expected)
  }

  /// A step that is passed over in front has the output 0, whatever the initial state.
  @Test func initialStates() throws {
    var noisy = NoisyLayer(input: Self.sequences)
    let layer = Recurrence(
      cells: [noisy.cell(.gated(resetsAfter: true), in: 3, units: 2)], returnsSequences: true,
      hasMask: true, initialStates: 1)
    try check(
      layer, withStates: true, [noisy.input, Self.mask, noisy.state([2, 2])],
      [
        0, 0, -0.02825278, 0.7612828, -0.4963143, 0.5225109, -0.4963143, 0.5225109, -0.2078322,
        0.09793498, -0.2078322, 0.09793498, -0.47113, 0.1359302, -0.47113, 0.1359302, -0.7238585,
        0.7501543, -0.8784401, 0.9057409, -0.8784401, 0.9057409, -0.8784401, 0.9057409,
      ])
  }

  @Test func stackedCells() throws {
    var noisy = NoisyLayer(input: Self.sequences)
    try check(
      Recurrence(cells: noisy.stack(), returnsSequences: true), [noisy.input],
      [
        -0.5151872, 0.2425394, -0.6541039, 0.3598354, -0.7034479, 0.4450902, -0.7033712,
        0.5083091, -0.7112457, 0.5608339, -0.5089576, 0.2410623, -0.6600341, 0.363322, -0.7014529,
        0.446591, -0.7050295, 0.5090621, -0.7127118, 0.5604817,
      ])
    noisy = NoisyLayer(input: Self.sequences)
    let layer = Recurrence(
      cells: noisy.stack(), goesBackwards: true, hasMask: true)
    try check(
      layer, withStates: true, [noisy.input, Self.mask],
      [
        -0.6859079, 0.4498399, 1.437797, 0, 0.2273246, 0.1199062, 0.1878448, 0.3544686, 0.993637,
        0.432168, -0.6859079, 0.4498399, -0.6857091, 0.4476112, 1.507916, 0, 0.2266595, 0.1172792,
        0.1800643, 0.3475948, 1.03896, 0.4179696, -0.6857091, 0.4476112,
      ])
  }

  /// Some numbers of each of the two samples.
  private func part(_ tensor: Tensor, _ range: Range<Int>, as sample: Shape) -> Tensor {
    var values: [Float] = []
    for start in [0, tensor.sampleCount] {
      values += tensor.values[(start + range.lowerBound)..<(start + range.upperBound)]
    }
    return Tensor(shape: Shape([2] + sample.extents), values: values)
  }

  /// States that go out of the first half of a sequence and into the second.
  @Test func statesOfAStackGoOn() throws {
    var noisy = NoisyLayer(input: Self.sequences)
    let cells = noisy.stack()
    let whole = try values(of: Recurrence(cells: cells), on: [noisy.input])
    let first = try values(
      of: Recurrence(cells: cells), on: [part(noisy.input, 0..<6, as: [2, 3])])
    let second = try values(
      of: Recurrence(cells: cells, initialStates: 4),
      on: [part(noisy.input, 6..<15, as: [3, 3])] + first.dropFirst())
    #expect(second == whole)
  }

  @Test func functionOfAllUnits() throws {
    let cell = RecurrentCell(
      kind: .simple, kernel: Parameter(.weights, [2, 1], [1, -2]),
      stateKernel: Parameter(.weights, [2, 2], [0.5, 1, -1, 0.25]), biases: nil,
      activation: .normalizedChannels, gateActivation: .linear)
    var h = [0.0, 0.0]
    var expected: [Double] = []
    for x in [0.5, -1, 2] {
      let first: Double = max(x + 0.5 * h[0] + h[1], 0)
      let second: Double = max(-2 * x - h[0] + 0.25 * h[1], 0)
      let sum = 1e-4 + first + second
      h = [first / sum, second / sum]
      expected += h
    }
    let input = Tensor(shape: [1, 3, 1], values: [0.5, -1, 2])
    try check(Recurrence(cells: [cell], returnsSequences: true), [input], expected)
  }

  /// Keras refuses this too.
  @Test func noStepAtAll() throws {
    var noisy = NoisyLayer(input: [1, 0, 3])
    let cells = [noisy.cell(.longShortTerm, in: 3, units: 2)]
    #expect(throws: ModelFileError.self) {
      try value(of: Recurrence(cells: cells), on: [noisy.input])
    }
  }
}
