import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// Which sections a graph of Keras's layout becomes.
struct RaisingTests {
  // MARK: Layers with weights

  @Test func convolutions() throws {
    var model = try KerasLikeModel([9, 9, 3])
    try model.add(convolution(window(3, 1)))
    try model.add(normalization(4))
    try model.add(Activation(.leakyRelu(slope: 0.10000000149011612)))
    try model.add(convolution(window(3, stride: [2, 1], 0), from: 4, to: 8, groups: 4))
    try model.add(Activation(.thresholdedRelu(threshold: 0, slope: 0, maximum: 6)))
    try model.add(convolution(window(3, dilation: 2, 2), from: 8))
    // AlexeyAB's code computes zeros for relu6, so that it becomes other layers there (`RewritingTests`).
    #expect(
      try model.sections(.hankAI)
        == [
          "convolutional batch_normalize=1 filters=4 size=3 stride=1 padding=1 activation=leaky",
          "convolutional filters=8 size=3 stride_y=2 stride_x=1 groups=4 activation=relu6",
          "convolutional filters=4 size=3 stride=1 padding=2 dilation=2 activation=linear",
        ].map { $0.replacing("padding=2 dilation", with: "padding=1 dilation") })
    let raised = try model.raised(.hankAI)
    #expect(raised.outputs == [2])
    #expect(try values(raised, "convolutional_2.biases") == [0, 0, 0, 0])
  }

  @Test func zerosInFrontOfAStride() throws {
    var model = try KerasLikeModel([8, 8, 3])
    let front = Padding(before: 1, after: 0)
    let none = Padding(before: 0, after: 0)
    try model.add(Pad(margins: [front, front, none]))
    try model.add(convolution(window(3, stride: [2, 2])))
    #expect(
      try model.sections() == [
        "convolutional filters=4 size=3 stride=2 padding=1 activation=linear"
      ])

    var same = try KerasLikeModel([8, 8, 3])
    try same.add(convolution(window(3, stride: [2, 2], 0, 1)))
    #expect(
      try same.sections() == [
        "convolutional filters=4 size=4 stride=2 padding=1 activation=linear"
      ])
    var odd = try KerasLikeModel([9, 9, 3])
    try odd.add(convolution(window(3, stride: [2, 2], 1)))
    #expect(
      try odd.sections() == ["convolutional filters=4 size=3 stride=2 padding=1 activation=linear"])
  }

  @Test(arguments: [Dialect.alexeyab, .pjreddie])
  func windowsOfOneCell(dialect: Dialect) throws {
    // pjreddie's passes over every stride of a single cell, AlexeyAB's over a vertical one; a maximum of one cell does not.
    for (strides, isRefused, sections) in [
      ([1, 1], false, 1), ([2, 2], false, dialect == .pjreddie ? 2 : 1),
      ([2, 1], dialect == .pjreddie, 2),
    ] {
      var model = try KerasLikeModel([8, 8, 3])
      try model.add(convolution(window(1, stride: strides)))
      guard !isRefused else {
        let error = try failure { try model.raised(dialect) }
        #expect(error.kind == .unsupported && error.places.last == .option("strides"))
        continue
      }
      #expect(try model.sections(dialect).count == sections)
    }
  }

  @Test func biasesGoIntoTheMean() throws {
    var model = try KerasLikeModel([4, 4, 3])
    try model.add(convolution(window(1), biases: [0.5, 1, 2, -1]))
    try model.add(normalization(4, epsilon: 1e-3, variance: [0, 1, 2, 3]))
    let raised = try model.raised()
    #expect(try values(raised, "convolutional_0.rolling_mean") == [-0.5, 0, 0, 4])
    #expect(
      try values(raised, "convolutional_0.rolling_variance")
        == [0, 1, 2, 3].map { Float($0 + (1e-3 - 1e-5)) })
    #expect(try values(raised, "convolutional_0.scales") == [1, 1, 1, 1])
    #expect(try values(raised, "convolutional_0.biases") == [0, 0, 0, 0])
  }

  @Test func divisorsTooSmallForAVariance() throws {
    var model = try KerasLikeModel([2, 2, 2])
    try model.add(normalization(2, epsilon: 1e-7, scales: [2, 3], variance: [0, 1]))
    let raised = try model.raised()
    #expect(try model.sections() == ["batchnorm"])
    #expect(try values(raised, "batchnorm_0.rolling_variance") == [0, Float(1 + (1e-7 - 1e-5))])
    #expect(try values(raised, "batchnorm_0.scales") == [Float(2 * (1e-5 / 1e-7).squareRoot()), 3])
    // pjreddie's section has no biases, and another divisor.
    let other = try model.raised(.pjreddie)
    #expect(
      try model.sections(.pjreddie) == [
        "convolutional batch_normalize=1 filters=2 size=1 groups=2 activation=linear"
      ])
    let root = (1e-7).squareRoot() - 1e-6
    #expect(try values(other, "convolutional_0.rolling_variance")?.first == Float(root * root))
    #expect(try values(other, "convolutional_0.weights") == [1, 1])
  }

  @Test func variancesWithoutARootStayIll() {
    let target = BatchNormalization.Divisor.rootOfSum(epsilon: 1e-5)
    let made = target.variance(dividingAs: .rootOfSum(epsilon: 1e-3), of: -1)
    #expect(made.variance < -0.99 && made.factor == 1)
    #expect(target.variance(dividingAs: .rootOfSum(epsilon: 1e-3), of: .nan).variance.isNaN)
  }

  @Test func matricesOnAFlatImage() throws {
    var model = try KerasLikeModel([1, 2, 3])
    try model.add(Reshaping(to: [6]))
    try model.add(Activation(.tanh))
    try model.add(FullyConnected(weights: parameter([2, 6]), biases: parameter([2])))
    try model.add(normalization(2))
    try model.add(Activation(.logistic))
    #expect(
      try model.sections() == [
        "activation activation=tanh", "connected batch_normalize=1 output=2 activation=logistic",
      ])
    // [h, w, c] → [c, h, w]
    #expect(
      try values(try model.raised(), "connected_1.weights")
        == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11])
    #expect(try values(try model.raised(), "connected_1.rolling_mean") == [0, 0])
    var vectors = try KerasLikeModel([6])
    try vectors.add(FullyConnected(weights: parameter([2, 6]), biases: nil))
    #expect(try vectors.raised().network.config.sections[0].entries.map(\.value) == ["6"])
    #expect(try values(try vectors.raised(), "connected_0.weights") == (0..<12).map(Float.init))
  }

  @Test func numbersOfOtherTypesAreRounded() throws {
    var model = try KerasLikeModel([1])
    let half: [UInt8] = [0x00, 0x3C, 0x00, 0xC0]
    let weights = Parameter(
      "w", of: "layer", role: .weights, shape: [2, 1], elementType: .float16,
      source: MemorySource(bytes: half))
    try model.add(FullyConnected(weights: weights, biases: nil))
    #expect(try values(try model.raised(), "connected_0.weights") == [1, -2])
  }

  /// pjreddie's `[deconvolutional]` is no way: his darknet dies of a network that has one.
  @Test(arguments: [Dialect.alexeyab, .pjreddie])
  func transposedConvolutions(dialect: Dialect) throws {
    let side = Padding(before: 1, after: 1)
    var model = try KerasLikeModel([3, 3, 2])
    try model.add(
      TransposedConvolution(
        strides: [2, 2], crop: [side, side], weights: parameter([2, 5, 4, 4]), biases: nil))
    #expect(
      try model.sections(dialect) == [
        "convolutional filters=20 size=3 stride=1 padding=1 activation=linear",
        "reorg stride=2 reverse=1",
      ])
  }

  // MARK: Layers without weights

  @Test func pools() throws {
    for (rule, window, extent, section) in [
      (Pooling.Rule.maximum, window(2, stride: [2, 2]), 8, "maxpool size=2 stride=2 padding=0"),
      (.maximum, window(2, stride: [2, 2], 0, 1), 7, "maxpool size=2 stride=2"),
      (.maximum, window(3, stride: [2, 2], 0, 1), 8, "maxpool size=3 stride=2 padding=1"),
      (.maximum, window(5, 2), 8, "maxpool size=5 stride=1"),
      (.average, window(3, 1), 8, "local_avgpool size=3 stride=1"),
      (.average, window(8, stride: [8, 8]), 8, "avgpool"),
    ] {
      var model = try KerasLikeModel([extent, extent, 3])
      try model.add(Pooling(rule, window: window))
      #expect(try model.sections() == [section])
    }
    for (rule, section) in [
      (Reduce.Rule.mean, "avgpool"), (.maximum, "maxpool size=8 stride=8 padding=0"),
    ] {
      var model = try KerasLikeModel([8, 8, 3])
      try model.add(Reduce(rule, axes: [0, 1]))
      #expect(try model.sections() == [section])
    }
  }

  @Test func branches() throws {
    var model = try KerasLikeModel([8, 8, 4])
    let start = try model.add(convolution(window(3, 1), from: 4))
    let other = try model.add(convolution(window(1), from: 4), on: [start])
    let third = try model.add(convolution(window(1), from: 4), on: [start])
    let sum = try model.add(Elementwise(.sum), on: [other, third])
    try model.add(Activation(.relu(maximum: nil)))
    let small = try model.add(Pooling(.maximum, window: window(2, stride: [2, 2])))
    let large = try model.add(Repeat(counts: [2, 2, 1]), on: [small])
    try model.add(Concatenation(axis: 2), on: [large, sum])
    try model.add(
      Slice(axes: [
        .init(start: 0, count: 8), .init(start: 0, count: 8), .init(start: 4, count: 4),
      ])
    )
    // The value of the sum itself is needed, so that its function is a layer of its own.
    #expect(
      try model.sections().map { String($0.split(separator: " ").prefix(3).joined(separator: " ")) }
        == [
          "convolutional filters=4 size=3", "convolutional filters=4 size=1", "route layers=0",
          "convolutional filters=4 size=1", "shortcut from=1 activation=linear",
          "activation activation=relu", "maxpool size=2 stride=2", "upsample stride=2",
          "route layers=7,4", "route layers=8 groups=2",
        ])
  }

  @Test func sumsWithAFunction() throws {
    var model = try KerasLikeModel([8, 8, 3])
    let conv = try model.add(convolution(window(1), to: 3))
    try model.add(Elementwise(.sum), on: [0, conv])
    try model.add(Activation(.relu(maximum: nil)))
    // The network's input has no index: it is copied first.
    #expect(
      try model.sections() == [
        "activation activation=linear", "convolutional filters=3 size=1 stride=1 activation=linear",
        "shortcut from=0 activation=relu",
      ])
    #expect(
      try model.sections(.hankAI).first
        == "convolutional filters=3 size=1 groups=3 activation=linear")
  }

  @Test func products() throws {
    var model = try KerasLikeModel([8, 8, 3])
    let image = try model.add(convolution(window(1)))
    let means = try model.add(Reduce(.mean, axes: [0, 1], keepsAxes: true))
    let product = try model.add(Elementwise(.product), on: [image, means])
    try model.add(Elementwise(.product), on: [product, image])
    #expect(
      try model.sections().suffix(3) == ["avgpool", "scale_channels from=0", "sam from=0"])
  }

  @Test func functionsOfConvolutionsOnly() throws {
    var model = try KerasLikeModel([4])
    try model.add(FullyConnected(weights: parameter([2, 4]), biases: nil))
    try model.add(Activation(.swish))
    try model.add(Softmax(groups: 1, temperature: 1))
    #expect(
      try model.sections() == [
        "connected output=2 activation=linear",
        "convolutional filters=2 size=1 groups=2 activation=swish", "softmax",
      ])
  }

  @Test func outputsInOrder() throws {
    var model = try KerasLikeModel([8, 8, 3])
    let first = try model.add(convolution(window(1)))
    let second = try model.add(convolution(window(1), from: 4))
    #expect(try model.raised(outputs: [first, second]).outputs == [0, 1])
    let swapped = try model.raised(outputs: [second, first])
    #expect(swapped.outputs == [1, 2])
    #expect(swapped.warnings.count == 1)
  }

  // MARK: Refusals

  @Test(arguments: [
    ActivationFunction.gelu, .exponential, .softplus,
    .thresholdedRelu(threshold: 1, slope: 0, maximum: nil),
  ])
  func functionsWithOtherConstants(function: ActivationFunction) throws {
    var model = try KerasLikeModel([4, 4, 3])
    try model.add(Activation(function))
    let error = try failure { try model.raised() }
    #expect(error.kind == .unsupported && error.places.last == .option("activation"))
  }

  /// darknet's count of windows leaves the dilation out; where it is not how many it computes, it is made so.
  @Test func dilatedWindowsThatAreNotComputed() throws {
    var model = try KerasLikeModel([4, 4, 3])
    try model.add(convolution(window(2, stride: [2, 2], dilation: 2, 0, 1)))
    #expect(
      try model.sections() == [
        "convolutional filters=4 size=3 stride=2 padding=1 dilation=2 activation=linear"
      ])
  }

  @Test func whatNoSectionComputes() throws {
    let operations: [any Operation] = [
      Reshaping(to: [192]), Reshaping(to: [16, 4, 3]), Transposition(order: [2, 0, 1]),
      Repeat(counts: [2, 1, 1]), Softmax(groups: 64, temperature: 1),
      Reduce(.mean, axes: [2]), Reduce(.sum, axes: [0, 1]), Concatenation(axis: 0),
      Pad(margins: [Padding](repeating: Padding(before: 1, after: 1), count: 3)),
      Pooling(
        .maximum, window: Window(size: [1, 3], strides: [1, 1], padding: [.none, .none])),
    ]
    for operation in operations {
      var model = try KerasLikeModel([8, 8, 3])
      try model.add(operation)
      #expect(try failure { try model.raised() }.kind == .unsupported)
    }
    var sequence = try KerasLikeModel([8, 3])
    try sequence.add(Activation(.tanh))
    #expect(try failure { try sequence.raised() }.kind == .unsupported)
  }
}
