import Inspection
import ModelGraph
import Testing

@testable import Validation

/// An operation and the same one with something changed.
struct OperationChange: Sendable, CustomTestStringConvertible {
  let first: any Operation
  let second: any Operation
  let inputs: [Shape]
  /// What differs, by the name of the property.
  let option: String

  init(_ option: String, _ first: any Operation, _ second: any Operation, _ inputs: [Shape]) {
    self.option = option
    self.first = first
    self.second = second
    self.inputs = inputs
  }

  var testDescription: String { "\(type(of: first)): \(option)" }

  /// Compares a model of the one with a model of the other.
  func outcome(_ layout: ImageLayout = .channelsFirst) throws -> ConfigurationComparison.Outcome {
    let (a, b) = (try model(first, layout), try model(second, layout))
    return ConfigurationComparison(a, b, pairs: Array(zip(a.layers, b.layers))).run()
  }

  /// A model of one layer, whose inputs are changed first so that none is an output.
  private func model(
    _ operation: any Operation, _ layout: ImageLayout
  ) throws -> ModelDescription {
    var builder = GraphBuilder(layout: layout)
    var values: [Int] = []
    for (position, shape) in inputs.enumerated() {
      let input = try builder.input(name: "input_\(position)", shape: shape)
      values.append(
        try builder.add(Activation(.mish), name: "before_\(position)", inputs: [input]))
    }
    builder.layer = LayerReference(index: 0, name: "layer", type: "layer")
    let node = try builder.add(operation, name: "layer/operation", inputs: values)
    builder.layer = nil
    builder.output(
      try builder.add(Activation(.mish), name: "after", inputs: [node]), named: "output")
    let layer = ModelDescription.Layer(
      name: "layer", reportedName: "layer", index: 0, node: node,
      settings: [LayerSettings.Entry(key: option, value: "\(operation)")])
    return ModelDescription(graph: builder.finish(), layers: [layer])
  }
}

/// One changed property of each operation that has any: what `ConfigurationComparison` must find.
extension OperationChange {
  static func parameter(_ shape: Shape) -> Parameter {
    Parameter("w", of: "layer", role: .weights, shape: shape)
  }

  static func window(
    _ size: Int, stride: Int = 1, dilation: Int = 1, before: Int = 0, after: Int = 0
  ) -> Window {
    let padding = Padding(before: before, after: after)
    return Window(
      size: [size, size], strides: [stride, stride], dilation: [dilation, dilation],
      padding: [padding, padding])
  }

  static func convolution(
    _ window: Window = window(3, stride: 2), _ kernel: Shape = [8, 4, 3, 3], groups: Int = 1,
    biases: Bool = true
  ) -> Convolution {
    Convolution(
      window: window, groups: groups, weights: parameter(kernel),
      biases: biases ? parameter([kernel.extents[0]]) : nil)
  }

  private static func transposed(
    stride: Int = 2, dilation: Int = 1, crop: Int = 0, biases: Bool = true
  ) -> TransposedConvolution {
    let side = Padding(before: crop, after: crop)
    return TransposedConvolution(
      strides: [stride, stride], dilation: [dilation, dilation], crop: [side, side],
      weights: parameter([4, 8, 3, 3]), biases: biases ? parameter([8]) : nil)
  }

  static func normalization(
    _ divisor: BatchNormalization.Divisor, scales: Bool = true
  ) -> BatchNormalization {
    let vector = parameter([4])
    return BatchNormalization(
      divisor: divisor, scales: scales ? vector : nil, biases: vector, mean: vector,
      variance: vector)
  }

  static let image: [Shape] = [[4, 9, 9]]
  static let images: [Shape] = [[4, 9, 9], [4, 9, 9]]

  /// Of products, poolings and what moves as they do.
  static let ofWindows: [OperationChange] = [
    OperationChange(
      "window.strides", convolution(), convolution(window(3, stride: 3)), image),
    OperationChange(
      "window.dilation", convolution(), convolution(window(3, stride: 2, dilation: 2)), image),
    OperationChange(
      "window.padding", convolution(), convolution(window(3, stride: 2, before: 1, after: 1)),
      image),
    OperationChange(
      "window.size", convolution(), convolution(window(2, stride: 2), [8, 4, 2, 2]), image),
    OperationChange(
      "groups", convolution(), convolution(window(3), [8, 2, 3, 3], groups: 2), image),
    OperationChange("biases", convolution(), convolution(biases: false), image),
    OperationChange(
      "binarizesInput", BinaryConvolution(convolution(), binarizesInput: true),
      BinaryConvolution(convolution(), binarizesInput: false), image),
    OperationChange(
      "operation", convolution(), BinaryConvolution(convolution(), binarizesInput: false), image),
    OperationChange("strides", transposed(), transposed(stride: 3), image),
    OperationChange("dilation", transposed(), transposed(dilation: 2), image),
    OperationChange("crop", transposed(), transposed(crop: 1), image),
    OperationChange("biases", transposed(), transposed(biases: false), image),
    OperationChange(
      "rule", Pooling(.maximum, window: window(2)), Pooling(.average, window: window(2)), image),
    OperationChange(
      "window.strides", Pooling(.maximum, window: window(2)),
      Pooling(.maximum, window: window(2, stride: 2)), image),
    OperationChange(
      "window.padding", Pooling(.average, window: window(3, stride: 2, before: 1)),
      Pooling(.average, window: window(3, stride: 2, after: 1)), image),
    OperationChange("outputs", ChannelMaximum(outputs: 1), ChannelMaximum(outputs: 2), image),
    OperationChange(
      "kernel", Blur(.binomial, strides: [2, 2]), Blur(.mean, strides: [2, 2]), image),
    OperationChange(
      "window.strides", Blur(.mean, strides: [1, 1]), Blur(.mean, strides: [2, 2]), image),
  ]

  /// Of functions of a number, and of numbers brought to the same size.
  static let ofFunctions: [OperationChange] = [
    OperationChange(
      "function", Activation(.relu(maximum: nil)), Activation(.relu(maximum: 6)), image),
    OperationChange("function", Activation(.elu(alpha: 1)), Activation(.elu(alpha: 1.5)), image),
    OperationChange(
      "function", Activation(.leakyRelu(slope: 0.1)), Activation(.leakyRelu(slope: 0.2)), image),
    OperationChange(
      "function", Activation(.thresholdedRelu(threshold: 0, slope: 0.1, maximum: 6)),
      Activation(.thresholdedRelu(threshold: 0, slope: 0.1, maximum: 7)), image),
    OperationChange(
      "function", Activation(.channelSoftmax(subtractsMaximum: true)),
      Activation(.channelSoftmax(subtractsMaximum: false)), image),
    OperationChange(
      "operation", Activation(.relu(maximum: nil)), ParametricRelu(slopes: parameter([4])), [[4]]),
    OperationChange(
      "temperature", Softmax(groups: 1, temperature: 1), Softmax(groups: 1, temperature: 2), image),
    OperationChange(
      "groups", Softmax(groups: 1, temperature: 1), Softmax(groups: 2, temperature: 1), image),
    OperationChange(
      "sizes", GroupedSoftmax(sizes: [1, 3], temperature: 1),
      GroupedSoftmax(sizes: [2, 2], temperature: 1), [[4]]),
    OperationChange(
      "scale", Affine(scale: 2, offset: 0), Affine(scale: 3, offset: 0), image),
    OperationChange("offset", Affine(scale: 2, offset: 0), Affine(scale: 2, offset: 1), image),
    OperationChange("function", ElementFunction(.floor), ElementFunction(.ceil), image),
    OperationChange(
      "number", Comparison(.equal, with: 0), Comparison(.equal, with: 1), image),
    OperationChange("rule", Comparison(.equal, with: 0), Comparison(.unequal, with: 0), image),
    OperationChange(
      "divisor", normalization(.rootOfSum(epsilon: 1e-3)), normalization(.rootOfSum(epsilon: 1e-5)),
      image),
    OperationChange(
      "divisor", normalization(.rootOfSum(epsilon: 1e-5)),
      normalization(.sumWithRoot(epsilon: 1e-5)), image),
    OperationChange(
      "scales", normalization(.rootOfSum(epsilon: 1e-5)),
      normalization(.rootOfSum(epsilon: 1e-5), scales: false), image),
    OperationChange(
      "rule", Normalization(.meanVariance, axes: [0], epsilon: 1e-3),
      Normalization(.rootMeanSquare, axes: [0], epsilon: 1e-3), image),
    OperationChange(
      "axes", Normalization(.meanVariance, axes: [0], epsilon: 1e-3),
      Normalization(.meanVariance, axes: [0, 1], epsilon: 1e-3), image),
    OperationChange(
      "epsilon", Normalization(.meanVariance, axes: [0], epsilon: 1e-3),
      Normalization(.meanVariance, axes: [0], epsilon: 1e-4), image),
    OperationChange(
      "includesBatch", Normalization(.meanVariance, axes: [1, 2], epsilon: 1e-3),
      Normalization(.meanVariance, axes: [1, 2], epsilon: 1e-3, includesBatch: true), image),
    OperationChange(
      "size", LocalResponseNormalization(size: 3, alpha: 1, beta: 0.5, kappa: 1),
      LocalResponseNormalization(size: 5, alpha: 1, beta: 0.5, kappa: 1), image),
    OperationChange(
      "kappa", LocalResponseNormalization(size: 3, alpha: 1, beta: 0.5, kappa: 1),
      LocalResponseNormalization(size: 3, alpha: 1, beta: 0.5, kappa: 2), image),
  ]

  /// Of what joins values, cuts them and moves them about.
  static let ofArrangement: [OperationChange] = [
    OperationChange("rule", Elementwise(.maximum), Elementwise(.minimum), images),
    OperationChange("rule", Elementwise(.sum), Elementwise(.product), images),
    OperationChange(
      "axis", Concatenation(), Concatenation(axis: 1), images),
    OperationChange(
      "margins", Pad(margins: [1, 0, 0].map { Padding(before: $0, after: 0) }),
      Pad(margins: [1, 0, 0].map { Padding(before: 0, after: $0) }), image),
    OperationChange(
      "value", Pad(margins: [1, 0, 0].map { Padding(before: $0, after: 0) }),
      Pad(margins: [1, 0, 0].map { Padding(before: $0, after: 0) }, value: 1), image),
    OperationChange(
      "factor", BlockSum(factor: 3, scale: 1), BlockSum(factor: 1, scale: 2), image),
    OperationChange(
      "order", SpaceToDepth(block: 3, order: .blocks), SpaceToDepth(block: 3, order: .reverseReorg),
      [[9, 9, 9]]),
    OperationChange(
      "counts", Repeat(counts: [2, 1, 1]), Repeat(counts: [1, 2, 1]), image),
    OperationChange(
      "interpolation", Resizing(size: [4, 4], interpolation: .nearest),
      Resizing(size: [4, 4], interpolation: .bilinear), image),
    OperationChange(
      "axes.0.step", Slice(axes: [.init(start: 0, count: 2)]),
      Slice(axes: [.init(start: 0, count: 2, step: 2)]), [[4]]),
    OperationChange(
      "order", Transposition(order: [1, 0, 2]), Transposition(order: [2, 1, 0]), image),
    OperationChange(
      "transposesSecond", MatrixProduct(), MatrixProduct(transposesSecond: true),
      [[3, 3], [3, 3]]),
    OperationChange(
      "isReverse", Interleaving(isReverse: false), Interleaving(isReverse: true), image),
    OperationChange("rule", Reduce(.mean, axes: [1]), Reduce(.maximum, axes: [1]), image),
    OperationChange(
      "keepsAxes", Reduce(.mean, axes: [1]), Reduce(.mean, axes: [1], keepsAxes: true), image),
    OperationChange("axes", Reduce(.mean, axes: [1]), Reduce(.mean, axes: [2]), image),
    OperationChange(
      "alpha", SampledAddition(alpha: 1, beta: 1), SampledAddition(alpha: 2, beta: 1), images),
    OperationChange(
      "normalization", WeightedAddition(weights: parameter([2]), normalization: .rectified),
      WeightedAddition(weights: parameter([2]), normalization: .softmax), images),
    OperationChange(
      "frames", History(frames: 2, timeSteps: 1), History(frames: 3, timeSteps: 1), image),
  ]
}
