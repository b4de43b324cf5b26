import FileSupport
import TestSupport
import Testing

@testable import ModelGraph

/// The shape rule of every operation: what it makes of which inputs, and what it refuses.
struct OperationShapeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let operation: any Operation
    let inputs: [Shape]
    /// `nil` where the inputs are refused.
    let output: Shape?

    init(_ operation: any Operation, _ inputs: [Shape], _ output: Shape?) {
      self.operation = operation
      self.inputs = inputs
      self.output = output
    }

    var testDescription: String {
      "\(type(of: operation)) \(inputs) → \(output.map(\.description) ?? "refused")"
    }
  }

  static func weights(_ shape: Shape) -> Parameter {
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

  static func convolution(_ window: Window, _ kernel: Shape, groups: Int = 1) -> Convolution {
    Convolution(window: window, groups: groups, weights: weights(kernel), biases: nil)
  }

  static func transposed(
    stride: Int, crop: Int, _ kernel: Shape
  ) -> TransposedConvolution {
    let side = Padding(before: crop, after: crop)
    return TransposedConvolution(
      strides: [stride, stride], crop: [side, side], weights: weights(kernel), biases: nil)
  }

  static func normalization(_ channels: Int) -> BatchNormalization {
    let vector = weights([channels])
    return BatchNormalization(
      divisor: .rootOfSum(epsilon: 1e-5), scales: vector, biases: vector, mean: vector,
      variance: vector)
  }

  static let convolutions: [Case] = [
    Case(convolution(window(3, before: 1, after: 1), [8, 3, 3, 3]), [[3, 10, 12]], [8, 10, 12]),
    Case(convolution(window(3, stride: 2), [8, 3, 3, 3]), [[3, 10, 12]], [8, 4, 5]),
    Case(convolution(window(3, dilation: 2), [8, 3, 3, 3]), [[3, 10, 12]], [8, 6, 8]),
    Case(convolution(window(2, after: 1), [8, 3, 2, 2]), [[3, 10, 12]], [8, 10, 12]),
    Case(convolution(window(1), [6, 1, 1, 1], groups: 3), [[3, 5, 5]], [6, 5, 5]),
    Case(convolution(window(11), [8, 3, 11, 11]), [[3, 10, 12]], nil),
    Case(convolution(window(3), [8, 4, 3, 3]), [[3, 10, 12]], nil),
    Case(convolution(window(1), [5, 1, 1, 1], groups: 3), [[3, 5, 5]], nil),
    Case(convolution(window(1), [5, 1, 1, 1], groups: 0), [[3, 5, 5]], nil),
    Case(convolution(window(3, stride: 0), [8, 3, 3, 3]), [[3, 10, 12]], nil),
    Case(convolution(window(0), [8, 3, 0, 0]), [[3, 10, 12]], nil),
    Case(convolution(window(3, dilation: .max), [8, 3, 3, 3]), [[3, 10, 12]], nil),
    Case(convolution(window(3), [8, 3, 3, 3]), [[300]], nil),
    Case(convolution(window(3), [8, 3, 3, 3]), [[3, 9, 9], [3, 9, 9]], nil),
    Case(convolution(window(3), [8, 3]), [[3, 10, 12]], nil),
    Case(
      transposed(stride: 2, crop: 1, [3, 8, 4, 4]),
      [[3, 5, 6]], [8, 10, 12]),
    Case(
      transposed(stride: 1, crop: 3, [3, 8, 2, 2]),
      [[3, 5, 5]], nil),
    Case(
      transposed(stride: 1, crop: 0, [4, 8, 2, 2]),
      [[3, 5, 5]], nil),
    Case(FullyConnected(weights: weights([10, 12]), biases: nil), [[12]], [10]),
    Case(FullyConnected(weights: weights([10, 12]), biases: nil), [[3, 2, 2]], [10]),
    Case(FullyConnected(weights: weights([10, 12]), biases: nil), [[13]], nil),
    Case(FullyConnected(weights: weights([12]), biases: nil), [[12]], nil),
    Case(normalization(3), [[3, 4, 5]], [3, 4, 5]),
    Case(normalization(7), [[7]], [7]),
    Case(normalization(4), [[3, 4, 5]], nil),
  ]

  private static let none = Padding(before: 0, after: 0)

  /// The window of one axis.
  static func row(
    _ size: Int, stride: Int = 1, dilation: Int = 1, _ padding: Padding
  ) -> Window {
    Window(size: [size], strides: [stride], dilation: [dilation], padding: [padding])
  }

  static let axes: [Case] = [
    Case(convolution(row(3, stride: 2, none), [8, 3, 3]), [[3, 10]], [8, 4]),
    Case(
      convolution(row(3, dilation: 2, Padding(before: 4, after: 0)), [8, 3, 3]), [[3, 10]],
      [8, 10]),
    Case(convolution(row(3, none), [8, 3, 4]), [[3, 10]], nil),
    Case(convolution(row(3, none), [8, 3, 3]), [[3, 10, 10]], nil),
    Case(convolution(row(3, Padding(before: -1, after: 0)), [8, 3, 3]), [[3, 10]], nil),
    Case(
      convolution(
        row(3, dilation: .max, Padding(before: .max, after: .max)), [8, 3, 3]), [[3, 10]], nil),
    Case(
      convolution(
        Window(size: [2, 2, 3], strides: [2, 1, 2], padding: [none, none, none]),
        [4, 1, 2, 2, 3], groups: 2), [[2, 4, 3, 5]], [4, 2, 2, 2]),
    Case(convolution(Window(size: [], strides: [], padding: []), [5, 3]), [[3]], [5]),
    Case(
      convolution(
        Window(size: [1, 1, 1, 1], strides: [1, 1, 1, 1], padding: [none, none, none, none]),
        [5, 3, 1, 1, 1, 1]), [[3, 2, 2, 2, 2]], nil),
    Case(convolution(Window(size: [], strides: [], padding: []), [5, 1]), [[]], nil),
    Case(
      TransposedConvolution(
        strides: [3], dilation: [2], crop: [Padding(before: 1, after: -2)],
        weights: weights([2, 7, 3]), biases: nil), [[2, 4]], [7, 15]),
    Case(
      TransposedConvolution(
        strides: [1], crop: [Padding(before: -1, after: 0)], weights: weights([2, 7, 3]),
        biases: nil), [[2, 4]], nil),
    Case(
      TransposedConvolution(
        strides: [.max], crop: [Padding(before: .max, after: 0)], weights: weights([2, 7, 3]),
        biases: nil), [[2, 4]], nil),
    Case(
      TransposedConvolution(
        strides: [0], crop: [none], weights: weights([2, 7, 3]), biases: nil), [[2, 4]], nil),
    Case(
      TransposedConvolution(
        strides: [1, 1], crop: [none], weights: weights([2, 7, 3]), biases: nil), [[2, 4]], nil),
    Case(
      TransposedConvolution(
        strides: [1, 1], crop: [none, none], weights: weights([2, 7, 3, 3]), biases: nil),
      [[2, 4]], nil),
    Case(
      TransposedConvolution(strides: [], crop: [], weights: weights([2, 7]), biases: nil), [[2]],
      [7]),
    Case(
      TransposedConvolution(
        strides: [1], crop: [Padding(before: 0, after: .min)], weights: weights([2, 7, 3]),
        biases: nil), [[2, 4]], [7, .max]),
    Case(Pooling(.maximum, window: row(2, stride: 2, none)), [[3, 9]], [3, 4]),
    Case(
      Pooling(
        .average,
        window: Window(size: [2, 2, 2], strides: [2, 2, 2], padding: [none, none, none])),
      [[3, 4, 5, 6]], [3, 2, 2, 3]),
    Case(Pooling(.maximum, window: row(2, none)), [[3, 9, 9]], nil),
  ]

  static let imageOperations: [Case] = [
    Case(Pooling(.maximum, window: window(2, stride: 2)), [[3, 9, 8]], [3, 4, 4]),
    Case(Pooling(.maximum, window: window(2, after: 1)), [[3, 9, 8]], [3, 9, 8]),
    Case(Pooling(.average, window: window(9)), [[3, 9, 8]], nil),
    Case(
      Pooling(.average, window: Window(size: [2], strides: [2], padding: [])), [[3, 9, 8]], nil),
    Case(ChannelMaximum(outputs: 2), [[6, 4, 4]], [2, 4, 4]),
    Case(ChannelMaximum(outputs: 7), [[6, 4, 4]], nil),
    Case(ChannelMaximum(outputs: 0), [[6, 4, 4]], nil),
    Case(BlockSum(factor: 2, scale: 1), [[3, 5, 6]], [3, 2, 3]),
    Case(BlockSum(factor: 0, scale: 1), [[3, 5, 6]], nil),
    Case(SpaceToDepth(block: 2, order: .blocks), [[4, 6, 8]], [16, 3, 4]),
    Case(SpaceToDepth(block: 2, order: .reorg), [[4, 6, 8]], [16, 3, 4]),
    Case(SpaceToDepth(block: 2, order: .reverseReorg), [[4, 6, 8]], [1, 12, 16]),
    Case(SpaceToDepth(block: 0, order: .reverseReorg), [[4, 6, 8]], nil),
  ]

  static let otherOperations: [Case] = [
    Case(Input(shape: [3, 4, 5]), [], [3, 4, 5]),
    Case(Reshaping(to: [60]), [[3, 4, 5]], [60]),
    Case(Reshaping(to: [59]), [[3, 4, 5]], nil),
    Case(Concatenation(), [[3, 4, 5], [2, 4, 5]], [5, 4, 5]),
    Case(Concatenation(), [[3], [2]], [5]),
    Case(Concatenation(), [[.max, 1, 1], [.max, 1, 1]], [.max, 1, 1]),
    Case(Concatenation(), [[3, 4, 5], [2, 4, 4]], nil),
    Case(Concatenation(), [[3, 4, 5], [3]], nil),
    Case(Concatenation(), [], nil),
    Case(Activation(.mish), [[5, 4, 4]], [5, 4, 4]),
    Case(Activation(.mish), [[5], [5]], nil),
    Case(Softmax(groups: 1, temperature: 1), [[10]], [10]),
    Case(Affine(scale: 2, offset: -1), [[3, 4, 5]], [3, 4, 5]),
    Case(Dropout(probability: 0.5), [[3, 4, 5]], [3, 4, 5]),
    Case(
      YoloHead(
        anchors: [1, 1], mask: [0], classes: 2, scaleXY: 1, usesNewCoordinates: false),
      [[7, 4, 4]], [7, 4, 4]),
    Case(
      RegionHead(anchors: [1, 1], boxes: 1, coordinates: 4, classes: 2, usesSoftmax: true),
      [[7, 4, 4]], [7, 4, 4]),
    Case(
      GridHead(side: 7, boxes: 1, coordinates: 4, classes: 2, usesSoftmax: true), [[343]], [343]),
  ]

  @Test(arguments: convolutions + axes + imageOperations + otherOperations)
  func rule(_ tried: Case) throws {
    guard let output = tried.output else {
      let error = try failure {
        try tried.operation.outputShape(of: tried.inputs, layout: .channelsFirst)
      }
      #expect(error.kind == .damaged)
      return
    }
    #expect(
      try tried.operation.outputShape(of: tried.inputs, layout: .channelsFirst) == output)
  }

  /// The same rules where the channels stand last.
  @Test(arguments: convolutions + axes + imageOperations)
  func ruleWithChannelsLast(_ tried: Case) throws {
    func last(_ shape: Shape) -> Shape {
      Shape(Array(shape.extents.dropFirst() + shape.extents.prefix(1)))
    }
    let inputs = tried.inputs.map(last)
    guard let output = tried.output else {
      _ = try failure { try tried.operation.outputShape(of: inputs, layout: .channelsLast) }
      return
    }
    // A flattened image keeps its number of values, whatever their order.
    #expect(
      try tried.operation.outputShape(of: inputs, layout: .channelsLast) == last(output))
  }

  @Test func costs() {
    let dense = Self.convolution(Self.window(3, before: 1, after: 1), [8, 3, 3, 3])
    #expect(dense.multiplyAdds(inputs: [[3, 10, 12]], output: [8, 10, 12]) == 8 * 120 * 27)
    let grouped = Self.convolution(Self.window(3, before: 1, after: 1), [6, 1, 3, 3], groups: 3)
    #expect(grouped.multiplyAdds(inputs: [[3, 10, 12]], output: [6, 10, 12]) == 6 * 120 * 9)
    let transposed = Self.transposed(stride: 2, crop: 0, [3, 8, 2, 2])
    #expect(transposed.multiplyAdds(inputs: [[3, 5, 5]], output: [8, 10, 10]) == 75 * 32)
    let matrix = FullyConnected(weights: Self.weights([10, 12]), biases: nil)
    #expect(matrix.multiplyAdds(inputs: [[12]], output: [10]) == 120)
    #expect(Elementwise(.sum).multiplyAdds(inputs: [[5], [5]], output: [5]) == 0)
    let huge = Self.convolution(Self.window(1), [1 << 40, 1 << 40, 1, 1])
    #expect(huge.multiplyAdds(inputs: [], output: [1 << 40, 1, 1]) == .max)
  }
}
