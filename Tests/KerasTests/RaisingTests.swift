import FileSupport
import ModelGraph
import Testing

@testable import Keras

/// The rules by which operations become layers.
@Suite struct RaisingTests {
  @Test func theLayerOfANodeHasItsName() throws {
    var graph = try OneInputGraph([3, 8, 8])
    let conv = try graph.add(convolution(out: 4, in: 3, size: 3, stride: 2, pad: 1), "conv_0")
    let act = try graph.add(Activation(.ramp(slope: 0.1)), "conv_0_act", on: [conv])
    let model = try graph.model(act)
    #expect(
      Set(model.outline) == [
        "input:InputLayer", "conv_0_pad:ZeroPadding2D", "conv_0:Conv2D", "conv_0_act_relu:ReLU",
        "conv_0_act_line:Rescaling", "conv_0_act:Add",
      ])
    #expect(model.outputs == [KerasTensorReference(layer: "conv_0_act")])
    #expect(
      model.layer("conv_0")?.source == LayerReference(index: 7, name: "layer", type: "tested"))
    #expect(model.layer("conv_0")?.outputShape == [4, 4, 4])
  }

  @Test func helpersGiveWayToNodes() throws {
    var graph = try OneInputGraph([3, 8, 8])
    let first = try graph.add(convolution(out: 3, in: 3, size: 3, stride: 2, pad: 1), "a")
    let second = try graph.add(Activation(.tanh), "a_pad", on: [first])
    let model = try graph.model(second)
    #expect(model.layer("a_pad")?.layerClass.className == "Activation")
    #expect(model.layer("a_pad_2")?.layerClass.className == "ZeroPadding2D")
  }

  @Test func namesThatKerasRefusesAreChanged() throws {
    #expect(KerasName.legal(from: "conv 1:ä/x") == "conv_1____x")
    #expect(KerasName.legal(from: "_a") == "layer_a")
    #expect(KerasName.legal(from: "") == "layer")
    #expect(KerasName.legal(from: "convolutional_12_bn") == "convolutional_12_bn")
  }

  @Test(arguments: [
    (3, 1, 1, 1, "same", 0), (3, 1, 2, 2, "same", 0), (3, 2, 1, 1, "valid", 1),
    (3, 1, 1, 0, "valid", 0), (1, 1, 1, 0, "valid", 0), (2, 1, 1, 1, "valid", 1),
  ])
  func convolutionPadding(
    size: Int, stride: Int, dilation: Int, pad: Int, padding: String, helpers: Int
  ) throws {
    let operation = convolution(
      out: 4, in: 3, size: size, stride: stride, dilation: dilation, pad: pad)
    let model = try raised(operation, on: [3, 9, 8])
    let layer = try #require(model.layer("op")?.layerClass as? KerasLayers.Conv2D)
    #expect(layer.padding.rawValue == padding)
    #expect(model.layers.count == 2 + helpers)
  }

  @Test func kernelsArePermuted() throws {
    let model = try raised(convolution(out: 4, in: 3, size: 3, pad: 1), on: [3, 8, 8])
    let variables = try #require(model.layer("op")?.variables)
    #expect(variables.map(\.name) == ["kernel", "bias"])
    #expect(variables[0].shape == [3, 3, 3, 4])
    #expect(variables[0].view.extents == [3, 3, 3, 4])
    #expect(variables[0].view.strides == [3, 1, 9, 27])
    #expect(variables[0].parameter.name == "p.weights")
    #expect(variables[1].view.isContiguous)
  }

  @Test func aTransposedMatrixNeedsNoPermutation() throws {
    let view = StridedView(contiguous: [6, 2]).permuted([1, 0])
    let weights = Parameter("w", of: "layer", role: .weights, shape: [2, 6], view: view)
    let model = try raised(FullyConnected(weights: weights, biases: nil), on: [6])
    let kernel = try #require(model.layer("op")?.variables.first)
    #expect(kernel.shape == [6, 2])
    #expect(kernel.view.isContiguous)
  }

  @Test func depthwiseConvolution() throws {
    let model = try raised(convolution(out: 8, in: 4, size: 3, pad: 1, groups: 4), on: [4, 5, 5])
    let variables = try #require(model.layer("op")?.variables)
    #expect(model.layer("op")?.layerClass.className == "DepthwiseConv2D")
    #expect(variables[0].name == "depthwise_kernel")
    #expect(variables[0].shape == [3, 3, 4, 2])
  }

  @Test func groupsStayGroups() throws {
    let model = try raised(convolution(out: 8, in: 4, size: 3, pad: 1, groups: 2), on: [4, 5, 5])
    let layer = try #require(model.layer("op")?.layerClass as? KerasLayers.Conv2D)
    #expect(layer.groups == 2)
    #expect(model.layer("op")?.variables[0].shape == [3, 3, 2, 8])
  }

  @Test func aStrideWithADilationIsThinnedOut() throws {
    let operation = convolution(out: 4, in: 3, size: 3, stride: 2, dilation: 2, pad: 2)
    let model = try raised(operation, on: [3, 9, 9])
    #expect(
      model.outline == ["input:InputLayer", "op_dense:Conv2D", "op:MaxPooling2D"])
    #expect(model.layer("op_dense")?.variables.count == 2)
  }

  @Test func transposedConvolutionsAreCut() throws {
    func transposed(
      strides: [Int], dilation: [Int]? = nil, _ crop: [Padding]
    ) throws -> KerasModel {
      let operation = TransposedConvolution(
        strides: strides, dilation: dilation, crop: crop,
        weights: parameter(.weights, [3, 4, 2, 3]), biases: nil)
      return try raised(operation, on: [3, 5, 6])
    }
    let none = Padding(before: 0, after: 0)
    let whole = try transposed(strides: [2, 1], [none, none])
    #expect(whole.outline == ["input:InputLayer", "op:Conv2DTranspose"])
    #expect(whole.layer("op")?.outputShape == [10, 8, 4])
    #expect(whole.layer("op")?.variables[0].shape == [2, 3, 4, 3])
    // Keras's own cells behind the last kernel are kept where the crop asks for them.
    let behind = Padding(before: 0, after: -1)
    let longer = try transposed(strides: [3, 2], [behind, Padding(before: 1, after: 0)])
    #expect(longer.outline == ["input:InputLayer", "op_whole:Conv2DTranspose", "op:Cropping2D"])
    #expect(longer.layer("op")?.outputShape == [15, 12, 4])
    for refused in [
      { try transposed(strides: [1, 1], dilation: [2, 1], [none, none]) },
      { try transposed(strides: [2, 1], [behind, none]) },
    ] {
      let error = #expect(throws: ModelFileError.self) { try refused() }
      #expect(error?.kind == .unsupported)
    }
  }

  @Test func imagesOfOtherAxesAreRefused() throws {
    let side = Padding(before: 1, after: 1)
    let window = Window(size: [3], strides: [1], padding: [side])
    let weights = parameter(.weights, [3, 3, 3])
    let operations: [any ModelGraph.Operation] = [
      Convolution(window: window, groups: 1, weights: weights, biases: nil),
      TransposedConvolution(strides: [1], crop: [side], weights: weights, biases: nil),
      Pooling(.maximum, window: window),
    ]
    for operation in operations {
      let error = #expect(throws: ModelFileError.self) { try raised(operation, on: [3, 8]) }
      #expect(error?.kind == .unsupported)
    }
  }

  @Test func flattenedImagesPermuteTheRowsOfDense() throws {
    var graph = try OneInputGraph([2, 3, 4])
    let flat = try graph.add(Reshaping(to: [24]), "flat")
    let matrix = FullyConnected(weights: parameter(.weights, [5, 24]), biases: nil)
    let dense = try graph.add(matrix, "dense", on: [flat])
    let model = try graph.model(dense)
    #expect(model.outline == ["input:InputLayer", "flat:Flatten", "dense:Dense"])
    #expect(model.layer("dense")?.variables[0].view.extents == [3, 4, 2, 5])
    #expect(model.layer("dense")?.variables[0].view.strides == [4, 1, 12, 24])
  }

  @Test func flattenedImagesForOthersHaveTheGraphsOrder() throws {
    var graph = try OneInputGraph([2, 3, 4])
    let flat = try graph.add(Reshaping(to: [24]), "flat")
    let matrix = FullyConnected(weights: parameter(.weights, [5, 24]), biases: nil)
    let dense = try graph.add(matrix, "dense", on: [flat])
    let model = try graph.model(dense, flat)
    #expect(
      Set(model.outline) == [
        "input:InputLayer", "flat_chw:Permute", "flat:Flatten", "dense:Dense",
      ])
    #expect(model.layer("dense")?.variables[0].view.extents == [24, 5])
  }

  @Test func varianceOfTheOtherDivisor() throws {
    let operation = BatchNormalization(
      divisor: .sumWithRoot(epsilon: 1e-6), scales: nil, biases: parameter(.biases, [3]),
      mean: parameter(.rollingMean, [3]), variance: parameter(.rollingVariance, [3]))
    let layer = try #require(try raised(operation, on: [3, 4, 4]).layer("op"))
    #expect(layer.variables.map(\.name) == ["beta", "moving_mean", "moving_variance"])
    let adjustment = try #require(layer.variables.last?.adjustment)
    #expect(adjustment == .variance(besideRoot: 1e-6, insideRoot: 1e-6 * 1e-6))
    #expect(adjustment.apply(to: 0) == 0)
    #expect(adjustment.apply(to: -1) == -1)
    #expect(adjustment.apply(to: .nan).isNaN)
    #expect(adjustment.apply(to: 1) == 1.000002)
    for exponent in -30...10 {
      let v = Float(sign: .plus, exponent: exponent, significand: 1.37)
      let wanted = Double(v).squareRoot() + 1e-6
      let made = (Double(adjustment.apply(to: v)) + 1e-12).squareRoot()
      #expect(abs(made / wanted - 1) < 3.1e-8)
    }
  }

  @Test func linearAndSingleConcatenationLeaveNothing() throws {
    var graph = try OneInputGraph([3, 4, 4])
    let one = try graph.add(Activation(.linear), "linear")
    let two = try graph.add(Concatenation(), "route", on: [one])
    #expect(try graph.model(two).outline == ["input:InputLayer"])
  }

  @Test(
    arguments: [
      (.exponential, "exponential"), (.softplus, "softplus"), (.softsign, "softsign"),
      (.gelu, "gelu"),
    ] as [(ActivationFunction, String)])
  func functionsOfBothKeras(_ function: ActivationFunction, _ name: String) throws {
    let model = try raised(Activation(function), on: [3, 8, 8])
    let layer = try #require(model.layer("op")?.layerClass as? KerasLayers.Activation)
    #expect(layer.function.name == name)
  }

  @Test func thresholds() throws {
    func layer(_ function: ActivationFunction) throws -> KerasLayers.ReLU {
      let model = try raised(Activation(function), on: [3, 8, 8])
      return try #require(model.layer("op")?.layerClass as? KerasLayers.ReLU)
    }
    let general = try layer(.thresholdedRelu(threshold: 1, slope: 0.5, maximum: 3))
    #expect((general.threshold, general.slope, general.maximum) == (1, 0.5, 3))
    let plain = try layer(.threshold(level: 2, value: 0))
    #expect((plain.threshold, plain.slope, plain.maximum) == (2, 0, nil))
    for function in [
      .threshold(level: 2, value: 1), .threshold(level: -1, value: 0), .celu(alpha: 1),
      .thresholdedRelu(threshold: -1, slope: 0, maximum: nil),
      .thresholdedRelu(threshold: 0, slope: -1, maximum: 6), .sparsemax,
    ] as [ActivationFunction] {
      #expect(!KerasRaising.canRaise(function))
    }
  }

  @Test func otherAxesAreNotJoined() throws {
    var graph = try OneInputGraph([3, 8, 8])
    let one = try graph.add(Activation(.tanh), "one")
    let channels = try graph.add(Concatenation(axis: 0), "channels", on: [one, one])
    #expect(try graph.model(channels).layer("channels")?.outputShape == [8, 8, 6])
    let rows = try graph.add(Concatenation(axis: 1), "rows", on: [one, one])
    let error = #expect(throws: ModelFileError.self) { try graph.model(rows) }
    #expect(error?.kind == .unsupported)
  }

  @Test func headsEndTheModel() throws {
    var graph = try OneInputGraph([18, 4, 4])
    let yolo = YoloHead(
      anchors: [1, 2], mask: [0], classes: 13, scaleXY: 1, usesNewCoordinates: false)
    let conv = try graph.add(convolution(out: 18, in: 18, size: 1), "conv")
    let head = try graph.add(yolo, "yolo", on: [conv])
    let model = try graph.model(head)
    #expect(model.outputs == [KerasTensorReference(layer: "conv")])
    #expect(model.layer("yolo") == nil)
  }

  @Test func sharedArraysKeepTheirName() throws {
    var graph = try OneInputGraph([3, 4, 4])
    let shared = convolution(out: 3, in: 3, size: 1, name: "first")
    let first = try graph.add(shared, "first")
    let second = try graph.add(shared, "second", on: [first])
    let model = try graph.model(second)
    #expect(model.layer("second")?.variables.first?.parameter.name == "first.weights")
  }

  @Test func layersStandInTheOrderOfKeras() throws {
    // b is nearer to an output than c, although it was added first.
    var graph = try OneInputGraph([3, 4, 4])
    let a = try graph.add(Activation(.tanh), "a")
    let b = try graph.add(Activation(.tanh), "b", on: [a])
    let c = try graph.add(Activation(.tanh), "c", on: [a])
    let d = try graph.add(Activation(.tanh), "d", on: [c])
    let model = try graph.model(d, b)
    #expect(model.layers.map(\.name) == ["input", "a", "c", "d", "b"])
  }

  @Test func whatKerasCannotHoldIsRefusedWithItsLayer() throws {
    let error = #expect(throws: ModelFileError.self) {
      try raised(Activation(.stair), on: [3, 4, 4])
    }
    #expect(error?.kind == .unsupported)
    #expect(error?.places == [.layer(index: 7, type: "tested")])
    #expect(error?.problem.contains("stair") == true)
  }
}
