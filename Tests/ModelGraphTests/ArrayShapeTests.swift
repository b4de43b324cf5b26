import FileSupport
import TestSupport
import Testing

@testable import ModelGraph

/// The shape rules of the operations on arrays of any rank.
struct ArrayShapeTests {
  typealias Case = OperationShapeTests.Case

  static func slicing(_ axes: (Int, Int, Int)...) -> Slice {
    Slice(axes: axes.map { .init(start: $0.0, count: $0.1, step: $0.2) })
  }

  static func bordering(_ margins: (Int, Int)...) -> Pad {
    Pad(margins: margins.map { Padding(before: $0.0, after: $0.1) })
  }

  static let rearrangements: [Case] = [
    Case(Concatenation(axis: 1), [[3, 4, 5], [3, 1, 5]], [3, 5, 5]),
    Case(Concatenation(axis: 0), [[3], [4], [5]], [12]),
    Case(Concatenation(axis: 1), [[3, 4, 5], [3, 1, 4]], nil),
    Case(Concatenation(axis: 3), [[3, 4, 5], [3, 4, 5]], nil),
    Case(Concatenation(axis: -1), [[3], [4]], nil),
    Case(Concatenation(axis: 1), [[3, 4], [3]], nil),
    Case(Concatenation(), [[], []], nil),
    Case(Transposition(order: [2, 0, 1]), [[3, 4, 5]], [5, 3, 4]),
    Case(Transposition(order: []), [[]], []),
    Case(Transposition(order: [0, 0, 1]), [[3, 4, 5]], nil),
    Case(Transposition(order: [1, 0]), [[3, 4, 5]], nil),
    Case(Transposition(order: [1, 2]), [[3, 4]], nil),
    Case(
      Slice(
        cutting: [.none, Padding(before: 1, after: 1), Padding(before: 2, after: 0)], of: [3, 5, 6]),
      [[3, 5, 6]], [3, 3, 4]),
    Case(Slice(cutting: [Padding(before: 3, after: 0)], of: [3, 5, 6]), [[3, 5, 6]], nil),
    Case(Slice(cutting: [Padding(before: .max, after: .max)], of: [3]), [[3]], nil),
    Case(Slice(cutting: [Padding(before: -1, after: 0)], of: [3, 5, 6]), [[3, 5, 6]], nil),
    Case(slicing((1, 2, 1), (4, 5, -1)), [[3, 5]], [2, 5]),
    Case(slicing(), [[]], []),
    Case(slicing((1, 3, 1)), [[3]], nil),
    Case(slicing((0, 2, -1)), [[3]], nil),
    Case(slicing((0, 2, 0)), [[3]], nil),
    Case(slicing((0, 0, 1)), [[3]], nil),
    Case(slicing((3, 1, 1)), [[3]], nil),
    Case(slicing((1, .max, .max)), [[3]], nil),
    Case(slicing((2, .min, .min)), [[3]], nil),
    Case(slicing((0, 1, 1)), [[3, 3]], nil),
    Case(bordering((1, 2), (0, 0)), [[3, 4]], [6, 4]),
    Case(bordering((.max, .max)), [[3]], [.max]),
    Case(bordering((-1, 2)), [[3]], nil),
    Case(bordering((1, 2)), [[3, 4]], nil),
    Case(Repeat(counts: [2, 1]), [[3, 4]], [6, 4]),
    Case(Repeat(counts: [.max]), [[3]], [.max]),
    Case(Repeat(counts: [0]), [[3]], nil),
    Case(Repeat(counts: [2]), [[3, 4]], nil),
    Case(Repeat(counts: [2]), [[3], [3]], nil),
  ]

  static let combinations: [Case] = [
    Case(Elementwise(.sum), [[3, 4], [4], []], [3, 4]),
    Case(Elementwise(.sum), [[3, 1], [1, 4]], [3, 4]),
    Case(Elementwise(.maximum), [[4], [2, 3, 1]], [2, 3, 4]),
    Case(Elementwise(.mean), [[5]], [5]),
    Case(Elementwise(.product), [[0], [1]], [0]),
    Case(Elementwise(.sum), [], nil),
    Case(Elementwise(.sum), [[3, 4], [3]], nil),
    Case(Elementwise(.product), [[0], [2]], nil),
    Case(Elementwise(.quotient), [[3], [3]], [3]),
    Case(Elementwise(.difference), [[3], [3], [3]], nil),
    Case(Elementwise(.power), [[3]], nil),
    Case(Reduce(.mean, axes: [2, 0]), [[3, 4, 5]], [4]),
    Case(Reduce(.mean, axes: [2, 0], keepsAxes: true), [[3, 4, 5]], [1, 4, 1]),
    Case(Reduce(.sum, axes: [0]), [[3]], []),
    Case(Reduce(.sum, axes: []), [[3]], [3]),
    Case(Reduce(.sum, axes: [1]), [[3]], nil),
    Case(Reduce(.sum, axes: [-1]), [[3]], nil),
    Case(Reduce(.sum, axes: [0, 0]), [[3]], nil),
    Case(Reduce(.maximum, axes: [0]), [[0]], nil),
    Case(Normalization(.meanVariance, axes: [1], epsilon: 0), [[3, 4]], [3, 4]),
    Case(Normalization(.length, axes: [2], epsilon: 0), [[3, 4]], nil),
    Case(Normalization(.length, axes: [0, 0], epsilon: 0), [[3, 4]], nil),
    Case(MatrixProduct(), [[2, 3], [3, 4]], [2, 4]),
    Case(MatrixProduct(transposesFirst: true), [[3, 2], [3, 4]], [2, 4]),
    Case(MatrixProduct(transposesSecond: true), [[5, 2, 3], [4, 3]], [5, 2, 4]),
    Case(MatrixProduct(), [[7, 1, 2, 3], [6, 3, 4]], [7, 6, 2, 4]),
    Case(MatrixProduct(), [[7, 2, 3], [6, 3, 4]], nil),
    Case(MatrixProduct(), [[2, 3], [4, 3]], nil),
    Case(MatrixProduct(), [[2, 3], [3]], nil),
    Case(MatrixProduct(), [[2, 3]], nil),
    Case(Comparison(.unequal, with: 0), [[3, 4]], [3, 4]),
    Case(Comparison(.unequal, with: 0), [[3], [3]], nil),
    Case(Embedding(table: weights([10, 4])), [[3, 2]], [3, 2, 4]),
    Case(Embedding(table: weights([10, 4])), [[]], [4]),
    Case(Embedding(table: weights([10])), [[3]], nil),
    Case(ParametricRelu(slopes: weights([3, 1])), [[3, 4]], [3, 4]),
    Case(ParametricRelu(slopes: weights([3])), [[3, 4]], nil),
    Case(ParametricRelu(slopes: weights([3, 2])), [[3, 4]], nil),
  ]

  static let others: [Case] = [
    Case(FoldIntoBatch(), [[3, 4, 5]], [4, 5]),
    Case(FoldIntoBatch(), [[3]], []),
    Case(FoldIntoBatch(), [[]], nil),
    Case(FoldIntoBatch(), [[0, 4]], nil),
    Case(FoldIntoBatch(), [[3], [3]], nil),
    Case(UnfoldFromBatch(count: 3), [[4, 5]], [3, 4, 5]),
    Case(UnfoldFromBatch(count: 3), [[]], [3]),
    Case(Cast(to: .float16), [[3]], [3]),
    Case(Cast(to: .bfloat16), [[3, 4]], [3, 4]),
    Case(Cast(to: .int8), [[3]], nil),
    Case(quantized([2, 4]), [[3, 4]], [3, 2]),
    Case(quantized([2, 4]), [[4]], [2]),
    Case(quantized([2, 4]), [[3, 5]], nil),
    Case(quantized([2, 4]), [[]], nil),
    Case(quantized([4]), [[4]], nil),
  ]

  static func quantized(_ shape: Shape) -> QuantizedProduct {
    QuantizedProduct(weights: weights(shape), scales: weights([2]), biases: nil)
  }

  @Test(
    arguments: [
      Case(Resizing(size: [5, 6], interpolation: .bicubic), [[2, 3, 4]], [2, 5, 6]),
      Case(Resizing(size: [5, 0], interpolation: .nearest), [[2, 3, 4]], nil),
      Case(Resizing(size: [5], interpolation: .nearest), [[2, 3, 4]], nil),
      Case(Resizing(size: [5, 6], interpolation: .nearest), [[2, 0, 4]], nil),
      Case(Resizing(size: [5, 6], interpolation: .nearest), [[3, 4]], nil),
    ])
  func resizing(_ tried: Case) throws {
    try OperationShapeTests().rule(tried)
    try OperationShapeTests().ruleWithChannelsLast(tried)
  }

  static func weights(_ shape: Shape) -> Parameter { OperationShapeTests.weights(shape) }

  @Test func costs() {
    #expect(MatrixProduct().multiplyAdds(inputs: [[6, 2, 3], [3, 4]], output: [6, 2, 4]) == 144)
    #expect(
      MatrixProduct(transposesFirst: true)
        .multiplyAdds(inputs: [[3, 2], [3, 4]], output: [2, 4]) == 24)
    #expect(Self.quantized([2, 4]).multiplyAdds(inputs: [[3, 4]], output: [3, 2]) == 24)
  }

  @Test(arguments: rearrangements + combinations + others)
  func rule(_ tried: Case) throws {
    for layout in [ImageLayout.channelsFirst, .channelsLast] {
      guard let output = tried.output else {
        let error = try failure {
          try tried.operation.outputShape(of: tried.inputs, layout: layout)
        }
        #expect(error.kind == .damaged)
        continue
      }
      #expect(try tried.operation.outputShape(of: tried.inputs, layout: layout) == output)
    }
  }
}
