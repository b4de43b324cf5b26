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
    // Channels alone: a matrix, in groups or not.
    Case(size: [], strides: [], dilation: [], padding: [], image: [5]),
    Case(size: [], strides: [], dilation: [], padding: [], groups: 3, image: [6]),
    Case(size: [], strides: [], dilation: [], padding: [], image: [3], filters: 1030),
    // Sequences.
    Case(size: [1], strides: [1], dilation: [1], padding: [none], image: [5, 7]),
    Case(size: [1], strides: [1], dilation: [1], padding: [none], groups: 2, image: [4, 7]),
    Case(size: [1], strides: [2], dilation: [1], padding: [none], image: [5, 8]),
    Case(
      size: [3], strides: [2], dilation: [2], padding: [Padding(before: 4, after: 0)],
      image: [2, 9]),
    Case(
      size: [4], strides: [1], dilation: [1], padding: [Padding(before: 1, after: 2)], groups: 6,
      image: [6, 5], filters: 12),
    // Volumes.
    Case(
      size: [2, 3, 2], strides: [1, 2, 1], dilation: [1, 1, 2],
      padding: [none, Padding(before: 1, after: 0), Padding(before: 2, after: 1)],
      image: [2, 3, 4, 5], filters: 4),
    Case(
      size: [2, 2, 2], strides: [2, 1, 3], dilation: [2, 1, 1],
      padding: [Padding(before: 1, after: 1), none, none], groups: 2, image: [4, 4, 3, 7]),
    Case(
      size: [1, 1, 1], strides: [1, 1, 1], dilation: [1, 1, 1], padding: [none, none, none],
      image: [3, 2, 3, 2]),
    // The window lies outside for the most part.
    Case(
      size: [2], strides: [4], dilation: [6], padding: [Padding(before: 9, after: 3)],
      image: [1, 2], filters: 1),
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
    let input = first.laid(layout)
    let result = try value(of: operation, on: [input], layout: layout, threads: 1)
    let naive = try naive(test, first, weights, biases).laid(layout)
    #expect(result.shape == naive.shape)
    #expect(agree(result.values, naive.values.map(Double.init)))
    let threaded = try value(of: operation, on: [input], layout: layout, threads: 3)
    #expect(threaded == result)
  }

  /// The formula, cell by cell.
  private func naive(_ test: Case, _ x: Tensor, _ w: [Float], _ b: [Float]) throws -> Tensor {
    let (channels, cells) = (test.image[0], Array(test.image.dropFirst()))
    let outputs = try test.window.outputExtents(of: cells)
    let part = channels / test.groups
    var result: [Float] = []
    for n in 0..<2 {
      for o in 0..<test.filters {
        for place in places(outputs) {
          var sum = Double(b[o])
          for i in 0..<part {
            for k in places(test.size) {
              guard let cell = test.window.cell(at: place, k, in: cells) else { continue }
              let channel = o / (test.filters / test.groups) * part + i
              let from = position([n, channel] + cell, in: [2] + test.image)
              let weight = position([o, i] + k, in: [test.filters, part] + test.size)
              sum += Double(x.values[from]) * Double(w[weight])
            }
          }
          result.append(Float(sum))
        }
      }
    }
    return Tensor(shape: Shape([2, test.filters] + outputs), values: result)
  }

  // MARK: Numbers of Keras

  @Test func causalSequence() throws {
    // Conv1D(2, 3, padding="causal", dilation_rate=2)
    let operation = Convolution(
      window: Window(
        size: [3], strides: [1], dilation: [2], padding: [Padding(before: 4, after: 0)]),
      groups: 1, weights: KerasNumbers.kernel([3, 2, 2], [2, 1, 0]),
      biases: KerasNumbers.biases(2))
    let result = try KerasNumbers.result(of: operation, on: [6, 2])
    #expect(result.shape == [1, 6, 2])
    #expect(result.values == [-13, 8, -13, 17, -8, -18, -2, -15, 8, 7, 27, -23])
  }

  @Test func sequenceInGroups() throws {
    // Conv1D(4, 2, groups=2)
    let grouped = Convolution(
      window: Window(size: [2], strides: [1], padding: [Self.none]), groups: 2,
      weights: KerasNumbers.kernel([2, 2, 4], [2, 1, 0]), biases: KerasNumbers.biases(4))
    #expect(
      try KerasNumbers.result(of: grouped, on: [4, 4]).values
        == [21, -3, -10, 5, -16, -2, 20, -17, 24, -1, -5, 38])
    // DepthwiseConv1D(3, depth_multiplier=2)
    let depthwise = Convolution(
      window: Window(size: [3], strides: [1], padding: [Self.none]), groups: 2,
      weights: KerasNumbers.kernel([3, 2, 2], [1, 2, 0], shape: [4, 1, 3]),
      biases: KerasNumbers.biases(4))
    #expect(
      try KerasNumbers.result(of: depthwise, on: [5, 2]).values
        == [12, -10, 4, -24, 18, -1, 6, 3, 2, 8, -3, 19])
  }

  @Test func volumeWithStrides() throws {
    // Conv3D(2, (2, 2, 3), strides=(2, 1, 2))
    let valid = Convolution(
      window: Window(
        size: [2, 2, 3], strides: [2, 1, 2], padding: [Self.none, Self.none, Self.none]),
      groups: 1, weights: KerasNumbers.kernel([2, 2, 3, 2, 2], [4, 3, 0, 1, 2]),
      biases: KerasNumbers.biases(2))
    let result = try KerasNumbers.result(of: valid, on: [4, 3, 5, 2])
    #expect(result.shape == [1, 2, 2, 2, 2])
    #expect(
      result.values == [60, -72, -72, 44, -6, 42, -6, -73, 82, -4, -72, 24, -72, 44, 82, -5])
    // Conv3D(1, 3, strides=2, padding="same")
    let behind = Padding(before: 0, after: 1)
    let same = Convolution(
      window: Window(
        size: [3, 3, 3], strides: [2, 2, 2],
        padding: [behind, Padding(before: 1, after: 1), behind]),
      groups: 1, weights: KerasNumbers.kernel([3, 3, 3, 1, 1], [4, 3, 0, 1, 2]),
      biases: KerasNumbers.biases(1))
    #expect(try KerasNumbers.result(of: same, on: [2, 3, 4, 1]).values == [14, 20, 19, -23])
  }

  @Test func denseAlongTheLastAxis() throws {
    // Dense(3)
    let operation = Convolution(
      window: Window(size: [1], strides: [1], padding: [Self.none]), groups: 1,
      weights: KerasNumbers.kernel([4, 3], [1, 0], shape: [3, 4, 1]),
      biases: KerasNumbers.biases(3))
    #expect(
      try KerasNumbers.result(of: operation, on: [2, 4]).values == [14, -6, 16, 0, -17, 8])
  }

  // MARK: Relatives

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
    // What a ReLU cut off counts as −1, as in darknet's `binarize_cpu` and in its packed bits.
    #expect(try values(of: xnor, on: [2, 1, 2], [5, 0, 2, 4]) == [1, -3])
  }
}
