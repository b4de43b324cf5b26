import FileSupport
import Inference
import ModelGraph
import Testing

@Suite struct MergingTests {
  private func tensor(_ shape: Shape, _ values: Float...) -> Tensor {
    Tensor(shape: shape, values: values)
  }

  @Test func concatenationJoinsEachSample() throws {
    let a = tensor([2, 1, 1, 2], 1, 2, 3, 4)
    let b = tensor([2, 2, 1, 2], 5, 6, 7, 8, 9, 10, 11, 12)
    #expect(
      try value(of: Concatenation(), on: [a, b]).values
        == [1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12])
    let last = try value(
      of: Concatenation(), on: [tensor([1, 1, 2, 1], 1, 2), tensor([1, 1, 2, 2], 5, 6, 7, 8)],
      layout: .channelsLast)
    #expect(last.shape == [1, 1, 2, 3])
    #expect(last.values == [1, 5, 6, 2, 7, 8])
  }

  @Test func productsRepeatAxes() throws {
    let image = tensor([1, 2, 1, 2], 1, 2, 3, 4)
    #expect(
      try value(of: Elementwise(.product), on: [image, tensor([1, 2, 1, 1], 10, 100)]).values
        == [10, 20, 300, 400])
    #expect(
      try value(of: Elementwise(.product), on: [image, tensor([1, 1, 1, 2], 10, 100)]).values
        == [10, 200, 30, 400])
  }

  @Test func weightedAdditionNormalizesItsWeights() throws {
    let a = tensor([1, 2, 1, 1], 1, 2)
    let b = tensor([1, 2, 1, 1], 10, 20)
    let rectified = WeightedAddition(
      weights: Parameter(.weights, [2], [3, -1]), normalization: .rectified)
    #expect(agree(try value(of: rectified, on: [a, b]).values, [3 / 3.0001, 6 / 3.0001]))
    let softmax = WeightedAddition(
      weights: Parameter(.weights, [2, 2], [0, 5, 0, 5]), normalization: .softmax)
    #expect(agree(try value(of: softmax, on: [a, b]).values, [11 / 2.0001, 22 / 2.0001]))
  }

  @Test func sampledAdditionTouchesSharedCells() throws {
    let small = tensor([1, 1, 1, 2], 1, 2)
    let large = tensor([1, 1, 2, 4], 10, 20, 30, 40, 50, 60, 70, 80)
    #expect(
      try value(of: SampledAddition(alpha: 2, beta: 1), on: [small, large]).values == [12, 34])
    #expect(
      try value(of: SampledAddition(alpha: 2, beta: 1), on: [large, small]).values
        == [21, 20, 62, 40, 50, 60, 70, 80])
  }

  @Test func fullyConnectedIsWaPlusB() throws {
    let operation = FullyConnected(
      weights: Parameter(.weights, [2, 3], [1, 2, 3, 4, 5, 6]),
      biases: Parameter(.biases, [2], [0.5, -0.5]))
    let result = try value(of: operation, on: [tensor([2, 3], 1, 1, 1, 1, 0, 2)])
    #expect(result.values == [6.5, 14.5, 7.5, 15.5])
    #expect(
      try value(
        of: LearnedConstant(values: Parameter(.weights, [2], [7, 8])),
        on: [tensor([2, 1], 0, 0)]
      ).values == [7, 8, 7, 8])
  }
}
