import Inference
import ModelGraph
import Testing

/// The numbers are those of `tf.image.resize` of TensorFlow 2.21.
@Suite struct ResizingTests {
  private static let image: [Float] = [1, -2, 4, 0.5, 3, 7, -1, 2, 0, 5, -6, 8]

  struct Case: Sendable {
    let rule: Resizing.Interpolation
    let size: [Int]
    let expected: [Double]

    init(_ rule: Resizing.Interpolation, _ size: [Int], _ expected: [Double]) {
      self.rule = rule
      self.size = size
      self.expected = expected
    }
  }

  static let cases: [Case] = [
    Case(
      .nearest, [2, 7],
      [
        1, 1, -2, 4, 4, 0.5, 0.5, 0, 0, 5, -6, -6, 8, 8,
      ]),
    Case(
      .nearest, [6, 3],
      [
        1, 4, 0.5, 1, 4, 0.5, 3, -1, 2, 3, -1, 2, 0, -6, 8, 0, -6, 8,
      ]),
    Case(
      .bilinear, [2, 7],
      [
        1.5, 1.0535713, 0.33928561, 1.5, 2.616071, 1.5446427, 0.875, 0.75, 2.4464288,
        5.1607146, 0.375, -3.9464264, 2.4821444, 6.5,
      ]),
    Case(
      .bilinear, [6, 3],
      [
        0.49999994, 1, 1.0833328, 1.2916666, 1.5, 1.1874998, 2.875, 2.5, 1.3958335,
        2.9583335, 2.125, 2.5416675, 1.5416667, 0.375, 4.6250019, 0.83333343, -0.5,
        5.6666689,
      ]),
    Case(
      .bicubic, [2, 7],
      [
        1.5794029, 0.80292588, -0.27625263, 1.5070711, 3.1519077, 1.5416989, 0.45466542,
        0.21994779, 2.5243456, 5.6818204, -0.23517343, -4.9455295, 2.8388176, 7.8490939,
      ]),
    Case(
      .bicubic, [6, 3],
      [
        0.33146489, 0.85202217, 0.91170979, 1.2146783, 1.5070711, 0.97669202, 3.0865552,
        2.8962309, 1.1123261, 3.115308, 2.2888837, 2.6547503, 1.2971588, -0.23517343,
        5.4013104, 0.43933237, -1.4264708, 6.6981878,
      ]),
    Case(
      .lanczos3, [2, 7],
      [
        1.8826683, 0.72081155, -0.27574378, 1.7610322, 3.3581953, 1.5828929, -0.059517115,
        -0.31110513, 3.2595549, 6.1988921, -0.74406981, -5.1083155, 2.3990536, 8.7885809,
      ]),
    Case(
      .lanczos3, [6, 3],
      [
        -0.12976532, 0.61284161, 1.2930835, 1.2068141, 1.7610322, 0.89624584, 3.2461998,
        3.2355049, 0.69622517, 3.4910166, 2.114599, 2.5689621, 1.7539529, -0.74406981,
        5.0816102, 0.55199391, -2.5086281, 6.508235,
      ]),
    Case(
      .lanczos5, [2, 7],
      [
        2.1830118, 0.58003938, -0.35657454, 1.996956, 3.5682046, 1.6183161, -0.53541064,
        -1.0114095, 3.9446449, 6.551187, -1.1943582, -5.2827692, 2.060786, 9.5915909,
      ]),
    Case(
      .lanczos5, [6, 3],
      [
        -0.32544726, 0.37919039, 1.6407381, 1.1493205, 1.996956, 0.82018679, 3.2628226,
        3.4903927, 0.52613902, 3.7622139, 1.9701965, 2.4589067, 2.1976826, -1.1943582,
        4.8776035, 0.83887845, -3.1651287, 6.1469622,
      ]),
  ]

  @Test(arguments: cases, [ImageLayout.channelsFirst, .channelsLast])
  func numbers(_ tried: Case, _ layout: ImageLayout) throws {
    let result = try values(
      of: Resizing(size: tried.size, interpolation: tried.rule),
      on: layout == .channelsFirst ? [1, 3, 4] : [3, 4, 1], Self.image, layout: layout)
    #expect(agree(result, tried.expected))
  }

  @Test(arguments: Resizing.Interpolation.allCases)
  func channelsAndSamplesAreApart(_ rule: Resizing.Interpolation) throws {
    var noise = Noise()
    let x = noise.tensor([2, 3, 5, 4])
    let operation = Resizing(size: [4, 9], interpolation: rule)
    let result = try value(of: operation, on: [x], threads: 3)
    #expect(result.shape == [2, 3, 4, 9])
    let planes = try value(
      of: operation, on: [Tensor(shape: [6, 1, 5, 4], values: x.values)])
    #expect(result.values == planes.values)
    // A place of its own for each cell leaves the image as it is.
    let same = try value(of: Resizing(size: [5, 4], interpolation: rule), on: [x])
    #expect(agree(same.values, x.values.map(Double.init)))
    // A single cell is repeated.
    let single = Resizing(size: [3, 2], interpolation: rule)
    #expect(try agree(values(of: single, on: [1, 1, 1], [7]), [7, 7, 7, 7, 7, 7]))
  }
}
