import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

@Suite struct KernelTests {
  // MARK: Functions

  @Test(
    arguments: [
      (.logistic, [0, 2], [0.5, 0.880797077977882]),
      (.loggy, [0, 2], [0, 0.761594155955765]),
      (.tanh, [-0.5, 2], [-0.46211715726000973, 0.9640275800758169]),
      (.relu(maximum: nil), [-1, 7], [0, 7]), (.relu(maximum: 6), [-1, 5, 7], [0, 5, 6]),
      (.leakyRelu(slope: 0.1), [-2, 3], [-0.2, 3]), (.ramp(slope: 0.1), [-2, 3], [-0.2, 3.3]),
      (.elu(alpha: 1), [-1, 2], [-0.6321205588285577, 2]),
      (.scaledElu(alpha: 1.6732, scale: 1.0507), [-1, 2], [-1.1112877, 2.1014]),
      (.geluTanh(linear: 0.797885, cubic: 0.035677), [1], [0.841191785]),
      (.swish, [1], [0.7310585786300049]),
      (.mish, [-30, -1, 1, 30], [-2.807287e-12, -0.3034014613, 0.8650983883, 30]),
      (.hardMish, [-3, -1, 1], [0, -0.5, 1]), (.hardTanh, [-3, 0.5, 3], [-1, 0.5, 1]),
      (.leakyStep(scale: 1, offset: 0, slope: 0.001), [-2, 0.5, 3], [-0.002, 0.5, 1.002]),
      (.leakyStep(scale: 0.125, offset: 0.5, slope: 0.08), [-5, 0, 5], [-0.01, 0.5, 1.01]),
      (.stair, [2.5, 3.25, -1.5, -0.75], [1, 1.25, -1, -0.75 + 1 - 1]),
    ] as [(ActivationFunction, [Float], [Double])])
  func activation(_ function: ActivationFunction, _ x: [Float], _ expected: [Double]) throws {
    let result = try values(of: Activation(function), on: [x.count], x)
    #expect(agree(result, expected), "\(result)")
  }

  /// 0 · ∞ and ∞ / ∞ in darknet's formulas.
  @Test func activationsOfLargeNumbers() throws {
    for function in [ActivationFunction.elu(alpha: 1), .tanh, .scaledElu(alpha: 1, scale: 1)] {
      let result = try values(of: Activation(function), on: [2], [1000, -1000])
      #expect(result == (function == .tanh ? [1, -1] : [1000, -1]))
    }
  }

  /// What is no number stays so: a model that is broken is not to look sound.
  @Test func rectifiersOfNoNumber() throws {
    let functions: [ActivationFunction] = [
      .relu(maximum: nil), .relu(maximum: 6),
      .thresholdedRelu(threshold: 0, slope: 0, maximum: nil),
    ]
    for function in functions {
      let result = try values(of: Activation(function), on: [2], [.nan, -.infinity])
      #expect(result[0].isNaN && result[1] == 0, "\(function): \(result)")
    }
  }

  @Test(arguments: [ImageLayout.channelsFirst, .channelsLast])
  func channelFunctionsSeeOnePixel(_ layout: ImageLayout) throws {
    let isFirst = layout == .channelsFirst
    let shape: Shape = isFirst ? [2, 1, 2] : [1, 2, 2]
    let x: [Float] = isFirst ? [1, -1, 3, 2] : [1, 3, -1, 2]
    let normalized = try values(
      of: Activation(.normalizedChannels), on: shape, x, layout: layout)
    let expected: [Double] = [1 / 4.0001, 0, 3 / 4.0001, 2 / 2.0001]
    #expect(agree(normalized, isFirst ? expected : [0, 2, 1, 3].map { expected[$0] }))
    let softmax = try values(
      of: Activation(.channelSoftmax(subtractsMaximum: true)), on: shape, x, layout: layout)
    #expect(agree([softmax[0]], [exp(-2) / (exp(-2) + 1 + 1e-4)]))
    let pixels = try values(of: PixelSoftmax(), on: shape, x, layout: layout)
    #expect(agree([pixels[0]], [exp(-2) / (exp(-2) + 1)]))
  }

  @Test func softmaxInGroupsAndTrees() throws {
    let halves = try values(of: Softmax(groups: 2, temperature: 2), on: [4], [0, 2, 1000, 1000])
    #expect(agree(halves, [1 / (1 + M_E), M_E / (1 + M_E), 0.5, 0.5]))
    let tree = try values(
      of: GroupedSoftmax(sizes: [1, 3], temperature: 1), on: [4], [9, 1, 1, 1])
    #expect(agree(tree, [1, 1 / 3.0, 1 / 3.0, 1 / 3.0]))
  }

  @Test(
    arguments: [
      (.rootOfSum(epsilon: 0.25), [3.5, 3 / 1.5 - 4]),
      (.sumWithRoot(epsilon: 0.5), [3.5, 3 / 1.914213562373095 - 4]),
    ] as [(BatchNormalization.Divisor, [Double])])
  func batchNormalization(
    _ divisor: BatchNormalization.Divisor, _ expected: [Double]
  ) throws {
    let operation = BatchNormalization(
      divisor: divisor, scales: Parameter(.scales, [2], [3, 1]),
      biases: Parameter(.biases, [2], [0.5, -4]), mean: Parameter(.rollingMean, [2], [1, 1]),
      variance: Parameter(.rollingVariance, [2], [0, 2]))
    // √(0 + ¼) = 0 + ½; √(2 + ¼) = 1.5, √2 + ½ = 1.914…
    let x: [Float] = [1.5, 4]
    #expect(agree(try values(of: operation, on: [2], x), expected))
  }

  @Test func responseNormalizationNeverForgets() throws {
    // n = 1 + x₀²; then x₁ enters behind it, and x₀ leaves when the window has passed.
    let operation = LocalResponseNormalization(size: 3, alpha: 1, beta: 1, kappa: 1)
    let result = try values(of: operation, on: [4, 1, 1], [1, 2, 3, 4])
    let n: [Double] = [1 + 1, 1 + 1 + 9, 1 + 1 + 9 - 1 + 16, 1 + 1 + 9 - 1 + 16 - 4]
    #expect(agree(result, zip([1, 2, 3, 4], n).map { $0 / $1 }))
    // x₁ leaves without having entered: 6 − 100, so the last window's own sum counts, 1 + 1 + 4.
    let fallen = try values(of: operation, on: [4, 1, 1], [1, 10, 1, 2])
    let expected: [Double] = [0.5, 10.0 / 3, 1.0 / 6, 1.0 / 3]
    #expect(agree(fallen, expected))
    #expect(try values(of: L2Normalization(), on: [2, 1, 1], [3, 4]) == [0.6, 0.8])
  }

  // MARK: Orders

  @Test func spaceToDepthInEachOrder() throws {
    let x = (0..<16).map(Float.init)
    #expect(
      try values(of: SpaceToDepth(block: 2, order: .blocks), on: [1, 4, 4], x)
        == [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])
    // [4, 2, 2] seen as [1, 4, 4], the formula read backwards.
    let reorg = try values(of: SpaceToDepth(block: 2, order: .reorg), on: [4, 2, 2], x)
    #expect(reorg == [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])
    #expect(
      try values(of: SpaceToDepth(block: 2, order: .reverseReorg), on: [4, 2, 2], reorg) == x)
    #expect(
      try values(of: Interleaving(isReverse: false), on: [2, 1, 3], [1, 2, 3, 4, 5, 6])
        == [1, 4, 2, 5, 3, 6])
    #expect(
      try values(of: Interleaving(isReverse: true), on: [2, 1, 3], [1, 4, 2, 5, 3, 6])
        == [1, 2, 3, 4, 5, 6])
  }

  @Test func resampling() throws {
    #expect(
      try values(of: Repeat(counts: [1, 2, 2]), on: [1, 1, 2], [1, 2])
        == [1, 1, 2, 2, 1, 1, 2, 2])
    #expect(
      try values(of: BlockSum(factor: 2, scale: 0.5), on: [1, 2, 4], [1, 2, 3, 4, 5, 6, 7, 8])
        == [7, 11])
    #expect(
      try values(
        of: Slice(cutting: [.none, Padding(before: 1, after: 0)], of: [1, 2, 3]),
        on: [1, 2, 3], [1, 2, 3, 4, 5, 6]) == [4, 5, 6])
    #expect(try values(of: Affine(scale: 2, offset: -1), on: [2], [0, 1]) == [-1, 1])
    #expect(
      try values(of: Pad(margins: [Padding(before: 0, after: 2)]), on: [2], [1, 2])
        == [1, 2, 0, 0])
    #expect(try values(of: Zeros(), on: [2], [1, 2]) == [0, 0])
  }
}
