import Darknet
import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

/// Where darknet's CPU code is wrong and nnfmt does what its documentation and GPU code do: a test for
/// each row of `spec/darknet-bugs.md`. The numbers are worked out by hand; what darknet gives instead
/// stands beside them.
@Suite struct DarknetBugTests {
  /// The last layer's values for a network of these sections.
  private func values(
    _ sections: String, input: (c: Int, h: Int, w: Int), _ x: [Float], weights: [Float] = [],
    _ dialect: Dialect = .alexeyab
  ) throws -> [Float] {
    let text = "[net]\nchannels=\(input.c)\nheight=\(input.h)\nwidth=\(input.w)\n\(sections)"
    let network = try Network(
      try ConfigFile(path: "test.cfg", bytes: Array(text.utf8), dialect: dialect), dialect: dialect)
    let plan = WeightsPlan(network)
    try #require(plan.floatCount == weights.count)
    let layout = WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: 0))
    let graph = try network.graph(layout: layout) { entry in
      MemorySource(Array(weights[entry.start..<entry.end]))
    }
    let tensor = Tensor(shape: [1, input.c, input.h, input.w], values: x)
    return try ReferenceEngine().outputs(of: graph, inputs: [tensor])[0].values
  }

  private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  /// The activations that darknet's generic layers put out zeros for, at −1, 3 and 7.
  static let activations: [(name: String, expected: [Double])] = [
    ("relu6", [0, 3, 6]),
    ("swish", [-0.2689414214, 2.8577223804, 6.9936223555]),
    ("mish", [-0.3034014613, 2.9865350050, 6.9999883568]),
    ("hard_mish", [-0.5, 3, 7]),
    ("normalize_channels", [0, 3 / 10.0001, 7 / 10.0001]),
    (
      "normalize_channels_softmax",
      [-1, 3, 7].map { exp($0) / (exp(-1) + exp(3) + exp(7) + 1e-4) }
    ),
    (
      "normalize_channels_softmax_maxval",
      [-8, -4, 0].map { exp($0) / (exp(-8) + exp(-4) + 1 + 1e-4) }
    ),
  ]

  @Test(arguments: activations) func activationSection(name: String, expected: [Double]) throws {
    let found = try values("[activation]\nactivation=\(name)\n", input: (3, 1, 1), [-1, 3, 7])
    #expect(agree(found, expected), "\(found), darknet's are zeros")
  }

  @Test(arguments: activations) func connected(name: String, expected: [Double]) throws {
    let found = try values(
      "[connected]\noutput=3\nactivation=\(name)\n", input: (1, 1, 1), [1],
      weights: [0, 0, 0, -1, 3, 7])
    #expect(agree(found, expected), "\(found), darknet's are zeros")
  }

  @Test(arguments: activations.prefix(4)) func merging(name: String, expected: [Double]) throws {
    let one = "[avgpool]\n"
    for section in ["[sam]\nfrom=0\n", "[scale_channels]\nfrom=0\n"] {
      // √x as both factors would not do for −1: the first is 1, the second x.
      let found = try values(
        "[empty]\n\(one)[activation]\nactivation=linear\n\(section)activation=\(name)\n",
        input: (1, 1, 1), [1])
      #expect(try agree(found, [#require(Self.single[name])]), "\(section) \(found)")
    }
    guard name != "swish", name != "mish" else { return }
    let sum = try values(
      "[activation]\nactivation=linear\n[shortcut]\nfrom=0\nactivation=\(name)\n",
      input: (3, 1, 1), [-0.5, 1.5, 3.5])
    #expect(agree(sum, expected), "\(sum), darknet's are zeros")
  }

  /// Of 1.
  private static let single = [
    "relu6": 1, "swish": 0.7310585786, "mish": 0.8650983883, "hard_mish": 1,
  ]

  /// A convolution has a path of its own for swish and mish, but none for relu6.
  @Test func relu6OfAConvolution() throws {
    let found = try values(
      "[convolutional]\nfilters=3\nactivation=relu6\n", input: (1, 1, 1), [1],
      weights: [0, 0, 0, -1, 3, 7])
    #expect(found == [0, 3, 6])
  }

  /// Weights ½ and −1½ become ±1, inputs 2 and −3 their signs, so the sum is 2. Normalized it is
  /// (2 − 1) / 2 · 2 + ½; darknet adds the bias alone and gives 2½.
  @Test func xnorIsNormalized() throws {
    let found = try values(
      "[convolutional]\nbatch_normalize=1\nfilters=1\nactivation=linear\nxnor=1\n",
      input: (2, 1, 1), [2, -3], weights: [0.5, 2, 1, 4 - 1e-5, 0.5, -1.5])
    #expect(agree(found, [1.5]))
  }

  /// ±1 · x is 5; darknet takes the weights as they are and gives 5½.
  @Test func binaryWeights() throws {
    let found = try values(
      "[convolutional]\nfilters=1\nactivation=linear\nbinary=1\n", input: (2, 1, 1), [2, -3],
      weights: [0, 0.5, -1.5])
    #expect(agree(found, [5]))
  }

  /// The first step of a convolutional memory: `c = i · σ(g)`, `h = o · σ(c)`. darknet takes tanh.
  @Test func memoryOfAnotherActivation() throws {
    func state(_ activation: String) throws -> [Float] {
      try values(
        "[conv_lstm]\nsize=1\noutput=1\n\(activation)", input: (1, 1, 1), [2],
        weights: [0, 1, 0, 1, 0, 1, 0, 1] + [0, 0.5, 0, -0.5, 0, 0.75, 0, 0.25])
    }
    let (i, g, o) = (logistic(-1), 1.5, logistic(0.5))
    #expect(
      agree(try state("lstm_activation=logistic\n"), [o * logistic(i * logistic(g))]))
    #expect(agree(try state(""), [o * tanh(i * tanh(g))]))
  }

  /// Every pixel by itself; darknet's CPU code takes all six numbers as one vector.
  @Test(arguments: [Dialect.alexeyab, .pjreddie]) func spatialSoftmax(dialect: Dialect) throws {
    let found = try values(
      "[softmax]\nspatial=1\n", input: (2, 1, 3), [0, 1, 2, 0, 1, 5], dialect)
    let small = 1 / (1 + exp(3.0))
    #expect(agree(found, [0.5, 0.5, small, 0.5, 0.5, 1 - small]))
  }

  /// κ = 1, α = ½, three channels wide: darknet's running sum falls below 0, and its power is NaN.
  @Test func responseNormalizationIsANumber() throws {
    let found = try values(
      "[normalization]\nsize=3\nalpha=0.5\nbeta=0.5\nkappa=1\n", input: (4, 1, 1), [1, 10, 1, 2])
    #expect(found.allSatisfy { $0.isFinite })
    // Where the running sum is lost, the sum over the window itself: 1 + ½ (100 + 1 + 4), 1 + ½ (1 + 4).
    #expect(agree([found[0]], [1 / 1.5.squareRoot()]))
    #expect(agree([found[3]], [2 / 3.5.squareRoot()]))
  }

  /// The first columns of a wide image see the cells on their left; with AVX darknet leaves them out.
  @Test func maximaOfTheFirstColumns() throws {
    var x = [Float](repeating: 0, count: 32)
    x[0] = 9
    x[3] = 5
    let found = try values("[maxpool]\nsize=5\nstride=1\n", input: (1, 1, 32), x)
    #expect(found.prefix(8) == [9, 9, 9, 5, 5, 5, 0, 0])
  }

  // MARK: What ends darknet's process

  /// AlexeyAB's parser divides by the number of layers that have an image.
  @Test func noImageAnywhere() throws {
    let text = "[net]\ninputs=2\n[connected]\noutput=1\nactivation=linear\n"
    let network = try Network(
      try ConfigFile(path: "a", bytes: Array(text.utf8), dialect: .alexeyab), dialect: .alexeyab)
    #expect(network.weightCount == 3)
  }

  /// pjreddie's `[batchnorm]` copies into memory that it never asked for.
  @Test func normalizationSectionOfPjreddie() throws {
    let found = try values(
      "[batchnorm]\n", input: (1, 1, 1), [5], weights: [2, 1, 4], .pjreddie)
    #expect(agree(found, [2 * 4 / 2.000001]))
  }

  /// pjreddie writes the weights of a deconvolution and divides by 0 when it reads them.
  @Test func weightsOfADeconvolution() throws {
    let found = try values(
      "[deconvolutional]\nfilters=1\nsize=2\nstride=2\nactivation=linear\n", input: (1, 1, 1), [3],
      weights: [1, 1, 2, 3, 4], .pjreddie)
    #expect(found == [4, 7, 10, 13])
  }
}
