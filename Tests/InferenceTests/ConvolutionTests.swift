import FileSupport
import Inference
import ModelGraph
import Testing

@Suite struct ConvolutionTests {
  /// A window, groups and extents to try.
  struct Case: CustomStringConvertible, Sendable {
    var size = [3, 3]
    var strides = [1, 1]
    var dilation = [1, 1]
    var padding = [Padding(before: 1, after: 1), Padding(before: 1, after: 1)]
    var groups = 1
    var image = [4, 7, 9]
    var filters = 6

    var description: String { "\(size) \(strides) \(dilation) \(groups) \(image)" }
    var window: Window {
      Window(size: size, strides: strides, dilation: dilation, padding: padding)
    }
  }

  private static let none = Padding(before: 0, after: 0)

  static let cases = [
    Case(), Case(strides: [2, 2]), Case(strides: [2, 1]), Case(strides: [1, 3]),
    Case(groups: 2), Case(groups: 4, filters: 8), Case(size: [1, 1], padding: [none, none]),
    Case(size: [1, 1], padding: [none, none], groups: 2),
    Case(size: [1, 1], strides: [2, 2], padding: [none, none]),
    Case(
      size: [2, 3], padding: [Padding(before: 0, after: 1), Padding(before: 2, after: 0)]),
    Case(
      dilation: [2, 3], padding: [Padding(before: 2, after: 2), Padding(before: 3, after: 3)]),
    Case(
      size: [5, 5], strides: [3, 2], padding: [Padding(before: 4, after: 4), none],
      image: [2, 1, 6], filters: 1),
    // Longer than a piece of a row.
    Case(size: [1, 1], padding: [none, none], image: [2, 40, 40], filters: 2),
    Case(image: [1, 2, 1100], filters: 1),
  ]

  @Test(arguments: cases, [ImageLayout.channelsFirst, .channelsLast])
  func equalsTheFormula(_ test: Case, _ layout: ImageLayout) throws {
    var noise = Noise()
    let kernel = Shape([test.filters, test.image[0] / test.groups] + test.size)
    let weights = noise.numbers(kernel.elementCount)
    let biases = noise.numbers(test.filters)
    let first = noise.tensor(Shape([2] + test.image))
    let operation = Convolution(
      window: test.window, groups: test.groups, weights: Parameter(.weights, kernel, weights),
      biases: Parameter(.biases, [test.filters], biases))
    let input = layout == .channelsFirst ? first : first.channelsLast
    let result = try value(of: operation, on: [input], layout: layout, threads: 1)
    let naive = naive(test, first, weights, biases, result.shape, layout)
    #expect(agree(result.values, naive))
    let threaded = try value(of: operation, on: [input], layout: layout, threads: 3)
    #expect(threaded == result)
  }

  /// The formula, cell by cell.
  private func naive(
    _ test: Case, _ x: Tensor, _ w: [Float], _ b: [Float], _ shape: Shape, _ layout: ImageLayout
  ) -> [Double] {
    let sample = Shape(Array(shape.extents.dropFirst()))
    let (rows, columns) = (layout.spatial(of: sample)[0], layout.spatial(of: sample)[1])
    var result = [Double](repeating: 0, count: shape.elementCount)
    let (channels, height, width) = (test.image[0], test.image[1], test.image[2])
    let part = channels / test.groups
    for n in 0..<2 {
      for o in 0..<test.filters {
        for row in 0..<rows {
          for column in 0..<columns {
            var sum = Double(b[o])
            for i in 0..<part {
              for ky in 0..<test.size[0] {
                for kx in 0..<test.size[1] {
                  let y =
                    row * test.strides[0] + ky * test.dilation[0] - test.padding[0].before
                  let x0 =
                    column * test.strides[1] + kx * test.dilation[1] - test.padding[1].before
                  guard (0..<height).contains(y), (0..<width).contains(x0) else { continue }
                  let channel = o / (test.filters / test.groups) * part + i
                  let cell = ((n * channels + channel) * height + y) * width + x0
                  let weight = ((o * part + i) * test.size[0] + ky) * test.size[1] + kx
                  sum += Double(x.values[cell]) * Double(w[weight])
                }
              }
            }
            let position =
              layout == .channelsFirst
              ? ((n * test.filters + o) * rows + row) * columns + column
              : ((n * rows + row) * columns + column) * test.filters + o
            result[position] = sum
          }
        }
      }
    }
    return result
  }

  @Test func transposedSpreadsItsKernel() throws {
    // Each cell of a 2 × 2 image puts its kernel 2 cells further; a border of 1 is cut off.
    let operation = TransposedConvolution(
      strides: [2, 2], crop: [Padding(before: 1, after: 1), Padding(before: 1, after: 1)],
      weights: Parameter(.weights, [1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      biases: Parameter(.biases, [1], [0.5]))
    let result = try values(of: operation, on: [1, 2, 2], [1, 10, 100, 1000])
    // Where the kernels of two or four cells meet, their products add up.
    let expected: [Float] = [5, 46, 50, 208, 1379, 2080, 500, 4600, 5000]
    #expect(result == expected.map { $0 + 0.5 })
  }

  @Test func localHasKernelsForEachPlace() throws {
    let window = Window(size: [1, 2], strides: [1, 1], padding: [Self.none, Self.none])
    let operation = LocallyConnected(
      window: window, weights: Parameter(.weights, [2, 1, 1, 1, 2], [1, 10, 100, 1000]),
      biases: Parameter(.biases, [1, 1, 2], [0.5, 0.25]))
    #expect(try values(of: operation, on: [1, 1, 3], [1, 2, 3]) == [21.5, 3200.25])
  }

  @Test func blurTakesOverTheStride() throws {
    let mean = try values(of: Blur(.mean, strides: [1, 1]), on: [1, 2, 3], [1, 2, 3, 4, 5, 6])
    #expect(mean == [3, 4])
    let binomial = try values(
      of: Blur(.binomial, strides: [2, 2]), on: [1, 2, 2], [16, 0, 0, 0])
    #expect(binomial == [4])
  }

  @Test func binaryWeightsAreTheMeanOfTheFilter() throws {
    let convolution = Convolution(
      window: Window(size: [1, 1], strides: [1, 1], padding: [Self.none, Self.none]), groups: 1,
      weights: Parameter(.weights, [1, 2, 1, 1], [3, -1]), biases: Parameter(.biases, [1], [1]))
    let binary = BinaryConvolution(convolution, binarizesInput: false)
    #expect(try values(of: binary, on: [2, 1, 2], [5, 0, 2, 4]) == [7, -7])
    let xnor = BinaryConvolution(convolution, binarizesInput: true)
    #expect(try values(of: xnor, on: [2, 1, 2], [5, -3, 2, 4]) == [1, -3])
  }
}

extension Tensor {
  /// `[N, C, H, W]` as `[N, H, W, C]`.
  var channelsLast: Tensor {
    let e = shape.extents
    var result: [Float] = []
    for n in 0..<e[0] {
      for pixel in 0..<(e[2] * e[3]) {
        for c in 0..<e[1] { result.append(values[(n * e[1] + c) * e[2] * e[3] + pixel]) }
      }
    }
    return Tensor(shape: [e[0], e[2], e[3], e[1]], values: result)
  }
}
