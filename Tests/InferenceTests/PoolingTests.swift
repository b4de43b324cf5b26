import FileSupport
import Inference
import ModelGraph
import Testing

@Suite struct PoolingTests {
  /// A window and an image to try.
  struct Case: CustomStringConvertible, Sendable {
    let window: Window
    let image: [Int]

    var description: String { "\(window.size) \(window.strides) \(image)" }
  }

  private static let none = Padding(before: 0, after: 0)

  static let cases = [
    Case(window: Window(size: [], strides: [], padding: []), image: [4]),
    Case(
      window: Window(size: [3], strides: [2], padding: [Padding(before: 1, after: 1)]),
      image: [2, 8]),
    Case(
      window: Window(
        size: [3], strides: [1], dilation: [3], padding: [Padding(before: 4, after: 2)]),
      image: [2, 5]),
    Case(
      window: Window(
        size: [2, 3], strides: [1, 2], padding: [none, Padding(before: 0, after: 2)]),
      image: [3, 4, 5]),
    Case(
      window: Window(
        size: [2, 1, 3], strides: [1, 2, 2],
        padding: [Padding(before: 1, after: 0), none, Padding(before: 1, after: 1)]),
      image: [2, 3, 4, 5]),
  ]

  @Test(
    arguments: cases.flatMap { test in
      [ImageLayout.channelsFirst, .channelsLast].map { (test, $0) }
    }, [Pooling.Rule.maximum, .average])
  func equalsTheFormula(_ test: (Case, ImageLayout), _ rule: Pooling.Rule) throws {
    let (tried, layout) = test
    var noise = Noise()
    let image = noise.tensor(Shape([2] + tried.image))
    let cells = Array(tried.image.dropFirst())
    let outputs = try tried.window.outputExtents(of: cells)
    var expected: [Float] = []
    for plane in 0..<(2 * tried.image[0]) {
      for place in places(outputs) {
        let seen = places(tried.window.size).compactMap { k in
          tried.window.cell(at: place, k, in: cells).map {
            image.values[position([plane] + $0, in: [0] + cells)]
          }
        }
        let sum = seen.reduce(0) { $0 + Double($1) }
        expected.append(
          rule == .maximum ? seen.max() ?? .nan : Float(sum / Double(seen.count)))
      }
    }
    let naive = Tensor(shape: Shape([2, tried.image[0]] + outputs), values: expected)
    let operation = Pooling(rule, window: tried.window)
    for threads in [1, 3] {
      let result = try value(
        of: operation, on: [image.laid(layout)], layout: layout, threads: threads)
      #expect(result == naive.laid(layout))
    }
  }

  @Test func maximumLeavesOutWhatLiesOutside() throws {
    // Size 2, padding 1: the window begins at the cell itself and hangs over to the right.
    let side = Padding(before: 0, after: 1)
    let window = Window(size: [2, 2], strides: [1, 1], padding: [side, side])
    let result = try values(
      of: Pooling(.maximum, window: window), on: [1, 2, 2], [-4, -3, -2, -1])
    #expect(result == [-1, -1, -1, -1])
    let wide = Padding(before: 2, after: 0)
    let outside = Window(size: [1, 1], strides: [2, 2], padding: [wide, wide])
    #expect(
      try values(of: Pooling(.maximum, window: outside), on: [1, 1, 1], [5])
        == [-.greatestFiniteMagnitude, -.greatestFiniteMagnitude, -.greatestFiniteMagnitude, 5])
  }

  @Test func averageCountsTheCellsInside() throws {
    let side = Padding(before: 1, after: 1)
    let window = Window(size: [3, 3], strides: [2, 2], padding: [side, side])
    let result = try values(
      of: Pooling(.average, window: window), on: [1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(result == [3, 4, 6, 7])
    #expect(
      try values(of: Reduce(.mean, axes: [1, 2]), on: [2, 1, 2], [1, 2, 3, 5]) == [1.5, 4])
    #expect(
      try values(of: ChannelMaximum(outputs: 2), on: [5, 1, 1], [1, 9, 3, 4, 2]) == [3, 9])
  }

  // MARK: Numbers of Keras

  @Test func sameOfSequencesAndVolumes() throws {
    // MaxPooling1D(3, strides=2, padding="same")
    let side = Padding(before: 1, after: 1)
    let sequence = Pooling(.maximum, window: Window(size: [3], strides: [2], padding: [side]))
    #expect(try KerasNumbers.result(of: sequence, on: [5, 2]).values == [-2, 5, 4, 5, 4, 3])
    // AveragePooling3D(2, strides=2, padding="same")
    let behind = Padding(before: 0, after: 1)
    let volume = Pooling(
      .average,
      window: Window(size: [2, 2, 2], strides: [2, 2, 2], padding: [behind, Self.none, behind]))
    #expect(
      try KerasNumbers.result(of: volume, on: [3, 2, 3, 1]).values == [1.125, -3.5, -0.5, 4.5])
  }

  @Test func aWindowFarLargerThanTheImage() throws {
    // As a file may ask for: only the cells of the image are gone through.
    let wide = Padding(before: 1 << 40, after: 1 << 40)
    let window = Window(size: [1 << 41], strides: [1 << 40], padding: [wide])
    let result = try values(of: Pooling(.maximum, window: window), on: [1, 3], [1, 3, 2])
    #expect(result == [3])
  }
}
