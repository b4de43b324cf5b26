import FileSupport
import Inference
import ModelGraph
import Testing

@Suite struct TransposedConvolutionTests {
  /// What is spread how.
  struct Case: CustomStringConvertible, Sendable {
    let size: [Int]
    let strides: [Int]
    let dilation: [Int]
    let crop: [Padding]
    let image: [Int]
    var filters = 3

    var description: String { "\(size) \(strides) \(dilation) \(image)" }
  }

  private static let none = Padding(before: 0, after: 0)

  static let cases = [
    Case(size: [], strides: [], dilation: [], crop: [], image: [4]),
    Case(
      size: [3], strides: [2], dilation: [2], crop: [Padding(before: 2, after: 1)], image: [2, 4]),
    Case(
      size: [2], strides: [5], dilation: [1], crop: [Padding(before: 1, after: -4)],
      image: [3, 3]),
    Case(
      size: [3, 3], strides: [2, 2], dilation: [1, 1],
      crop: [Padding(before: 1, after: 1), Padding(before: 1, after: 1)], image: [4, 5, 6]),
    Case(
      size: [4, 1], strides: [1, 3], dilation: [1, 1],
      crop: [Padding(before: 0, after: 3), Padding(before: 0, after: -2)], image: [2, 3, 2]),
    Case(
      size: [2, 3, 2], strides: [1, 2, 3], dilation: [3, 1, 1],
      crop: [none, Padding(before: 1, after: 0), Padding(before: 0, after: -1)],
      image: [2, 2, 3, 2]),
  ]

  @Test(arguments: cases, [ImageLayout.channelsFirst, .channelsLast])
  func equalsTheFormula(_ test: Case, _ layout: ImageLayout) throws {
    var noise = Noise()
    let kernel = Shape([test.image[0], test.filters] + test.size)
    let weights = noise.numbers(kernel.elementCount)
    let biases = noise.numbers(test.filters)
    let first = noise.tensor(Shape([2] + test.image))
    let operation = TransposedConvolution(
      strides: test.strides, dilation: test.dilation, crop: test.crop,
      weights: Parameter(.weights, kernel, weights),
      biases: Parameter(.biases, [test.filters], biases))
    let result = try value(of: operation, on: [first.laid(layout)], layout: layout)
    let naive = naive(test, first, weights, biases).laid(layout)
    #expect(result.shape == naive.shape)
    #expect(result.values == naive.values)
    let threaded = try value(of: operation, on: [first.laid(layout)], layout: layout, threads: 3)
    #expect(threaded == result)
  }

  /// The formula, cell by cell; products come in the same order, so every bit agrees.
  private func naive(_ test: Case, _ x: Tensor, _ w: [Float], _ b: [Float]) -> Tensor {
    let cells = Array(test.image.dropFirst())
    let outputs = cells.indices.map {
      (cells[$0] - 1) * test.strides[$0] + (test.size[$0] - 1) * test.dilation[$0] + 1
        - test.crop[$0].before - test.crop[$0].after
    }
    let shape = Shape([2, test.filters] + outputs)
    let count = outputs.reduce(1, *)
    var sums = (0..<shape.elementCount).map { Double(b[$0 / count % test.filters]) }
    let window = Window(
      size: test.size, strides: test.strides, dilation: test.dilation, padding: test.crop)
    for n in 0..<2 {
      for i in 0..<test.image[0] {
        for place in places(cells) {
          let value = Double(x.values[position([n, i] + place, in: [2] + test.image)])
          for o in 0..<test.filters {
            for k in places(test.size) {
              guard let target = window.cell(at: place, k, in: outputs) else { continue }
              let weight = position([i, o] + k, in: [test.image[0], test.filters] + test.size)
              sums[position([n, o] + target, in: shape.extents)] += value * Double(w[weight])
            }
          }
        }
      }
    }
    return Tensor(shape: shape, values: sums.map { Float($0) })
  }

  @Test func spreadsItsKernel() throws {
    // Each cell of a 2 × 2 image puts its kernel 2 cells further; a border of 1 is cut off.
    let side = Padding(before: 1, after: 1)
    let operation = TransposedConvolution(
      strides: [2, 2], crop: [side, side],
      weights: Parameter(.weights, [1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      biases: Parameter(.biases, [1], [0.5]))
    let result = try values(of: operation, on: [1, 2, 2], [1, 10, 100, 1000])
    // Where the kernels of two or four cells meet, their products add up.
    let expected: [Float] = [5, 46, 50, 208, 1379, 2080, 500, 4600, 5000]
    #expect(result == expected.map { $0 + 0.5 })
  }

  // MARK: Numbers of Keras

  /// What Keras gives for `kernel [k…, out, in]` on an image.
  private func keras(
    _ kernel: Shape, strides: [Int]? = nil, dilation: [Int]? = nil, crop: [Padding], on image: Shape
  ) throws -> [Float] {
    let axes = kernel.rank - 2
    let operation = TransposedConvolution(
      strides: strides ?? [Int](repeating: 1, count: axes), dilation: dilation, crop: crop,
      weights: KerasNumbers.kernel(kernel, [axes + 1, axes] + Array(0..<axes)),
      biases: KerasNumbers.biases(kernel.extents[axes]))
    return try KerasNumbers.result(of: operation, on: image).values
  }

  @Test func stridesBeyondTheKernel() throws {
    // Conv2DTranspose(2, (2, 1), strides=(3, 2)): the result ends a whole stride behind the last cell.
    let behind = Padding(before: 0, after: -1)
    #expect(
      try keras([2, 1, 2, 2], strides: [3, 2], crop: [behind, behind], on: [2, 2, 2])
        == [
          20, -2, 1, 2, 17, -8, 1, 2, -12, 1, 1, 2, 0, -11, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, -8, 8,
          1, 2, -11, 2, 1, 2, 1, 10, 1, 2, 13, -2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2,
        ])
    // Conv1DTranspose(2, 3, strides=2)
    #expect(
      try keras([3, 2, 2], strides: [2], crop: [Self.none], on: [3, 2])
        == [20, -2, -12, 1, 7, 8, 0, -11, -12, 27, 1, 10, 3, -9])
  }

  @Test func dilation() throws {
    // Conv2DTranspose(1, (2, 3), dilation_rate=(2, 1))
    #expect(
      try keras([2, 3, 1, 2], dilation: [2, 1], crop: [Self.none, Self.none], on: [2, 2, 2])
        == [20, 13, -22, 0, -8, -5, 1, 13, 0, -22, 13, 20, 9, -1, -2, -7])
    // Conv2DTranspose(1, 3, dilation_rate=2, padding="same")
    let side = Padding(before: 2, after: 2)
    #expect(
      try keras([3, 3, 1, 1], dilation: [2, 2], crop: [side, side], on: [2, 3, 1])
        == [-10, 7, -10, 22, 4, -3])
  }

  @Test func outputPadding() throws {
    // Conv2DTranspose(1, 3, strides=2, padding="same", output_padding=1)
    let behind = Padding(before: 0, after: 1)
    #expect(
      try keras([3, 3, 1, 1], strides: [2, 2], crop: [behind, behind], on: [2, 3, 1])
        == [
          16, -9, -5, 5, 7, -3, 11, -14, -8, 7, 7, -5, -9, 26, -14, -3, 16, 1, -9, 16, 4, 4, 8,
          -8,
        ])
    // Conv2DTranspose(1, 4, strides=2, padding="same", output_padding=1)
    let uneven = Padding(before: 1, after: 2)
    #expect(
      try keras([4, 4, 1, 1], strides: [2, 2], crop: [uneven, uneven], on: [2, 2, 1])
        == [-4, 12, 18, -3, 0, 0, 4, 35, 0])
    // Conv2DTranspose(1, 2, strides=3, output_padding=1)
    let added = Padding(before: 0, after: -1)
    #expect(
      try keras([2, 2, 1, 1], strides: [3, 3], crop: [added, added], on: [2, 2, 1])
        == [
          16, -9, 1, -5, 5, 1, 1, 11, 1, 1, -3, 1, 1, 1, 1, 1, 1, 1, 7, -3, 1, -14, 11, 1, 1, 5,
          1, 1, -9, 1, 1, 1, 1, 1, 1, 1,
        ])
  }

  @Test func volume() throws {
    // Conv3DTranspose(1, 2, strides=(1, 2, 1))
    #expect(
      try keras(
        [2, 2, 2, 1, 2], strides: [1, 2, 1], crop: [Self.none, Self.none, Self.none],
        on: [2, 1, 2, 2])
        == [20, 13, -9, -12, -1, -12, -18, 7, 20, -6, 33, 13, 3, -2, -7, 5, -4, -11])
  }
}
