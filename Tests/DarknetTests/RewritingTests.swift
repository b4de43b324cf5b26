import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// What the rules put together; that the numbers are the same is proved by `RaisingPropertyTests` and by real darknet
/// (`Tests/Interop/test_rewriting.py`).
struct RewritingTests {
  private static func side(_ before: Int, _ after: Int) -> Padding {
    Padding(before: before, after: after)
  }

  // MARK: Kernels

  /// Every window stands where it shall, and sees what it shall at each cell of the kernel.
  @Test(arguments: [Dialect.alexeyab, .pjreddie], [1, 2, 3])
  func kernelsArePlaced(dialect: Dialect, stride: Int) throws {
    var count = 0
    for (height, width) in [(7, 7), (8, 8), (7, 9), (8, 11)] {
      for (rows, columns) in [(1, 1), (1, 3), (2, 2), (3, 3), (5, 2), (4, 4)] {
        for sides in [
          [Self.side(0, 0), Self.side(0, 0)], [Self.side(0, 1), Self.side(0, 1)],
          [Self.side(1, 1), Self.side(0, 1)], [Self.side(2, 0), Self.side(1, 3)],
          [Self.side(-1, 0), Self.side(-1, 1)], [Self.side(3, 3), Self.side(3, 3)],
        ] {
          for dilation in [[1, 1], [2, 2], [1, 3]] {
            let window = Window(
              size: [rows, columns], strides: [stride, stride], dilation: dilation,
              padding: [.none, .none])
            let spatial = [height, width]
            let whole = zip(spatial, sides).map { $0 + $1.total }
            guard let result = try? window.outputExtents(of: whole) else { continue }
            let placed = try #require(
              KernelPlacement(window, sides: sides, over: spatial, to: result, in: dialect))
            check(placed, window, sides, spatial, result)
            count += 1
          }
        }
      }
    }
    #expect(count > 300)
  }

  private func check(
    _ placed: KernelPlacement, _ window: Window, _ sides: [Padding], _ spatial: [Int],
    _ result: [Int]
  ) {
    let margin = placed.padding * placed.dilation
    for axis in 0..<2 {
      let stated = (spatial[axis] + 2 * placed.padding - placed.size) / placed.strides[axis] + 1
      let covered = (placed.size - 1) * placed.dilation + 1
      let computed = (spatial[axis] + 2 * margin - covered) / placed.strides[axis] + 1
      #expect(stated == placed.windows[axis] && computed == placed.windows[axis])
      let front = (placed.windows[axis] - result[axis]) / 2
      for position in 0..<result[axis] {
        for cell in 0..<window.size[axis] {
          let wanted =
            position * window.strides[axis] + cell * window.dilation[axis] - sides[axis].before
          let inSquare = placed.leading[axis] + cell * placed.steps[axis]
          #expect(inSquare < placed.size)
          let found =
            (position + front) * placed.strides[axis] + inSquare * placed.dilation - margin
          #expect(found == wanted)
        }
      }
    }
    #expect(placed.size > 1 || placed.padding == 0)
  }

  @Test func zerosStandAroundTheKernel() throws {
    var model = try KerasLikeModel([4, 4, 1])
    try model.add(convolution(window(2, stride: [2, 2], 0, 1), from: 1, to: 2))
    var other = try KerasLikeModel([4, 4, 1])
    try other.add(
      Convolution(
        window: Window(
          size: [1, 3], strides: [1, 1], padding: [Self.side(0, 0), Self.side(1, 1)]), groups: 1,
        weights: parameter([2, 1, 1, 3]), biases: nil))
    #expect(
      try other.sections() == [
        "convolutional filters=2 size=3 stride=1 padding=1 activation=linear"
      ])
    #expect(
      try values(try other.raised(), "convolutional_0.weights")
        == [0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 3, 4, 5, 0, 0, 0])
  }

  /// Keras's order, in which the channels lie innermost, and darknet's.
  @Test(arguments: [true, false])
  func kernelsOfEitherOrder(isCellByCell: Bool) throws {
    let shape: Shape = [2, 3, 1, 2]
    let stored: Shape = isCellByCell ? [1, 2, 3, 2] : shape
    let view = StridedView(contiguous: stored)
    let kernels = Parameter(
      "w", of: "layer", role: .weights, shape: shape,
      view: isCellByCell ? view.permuted([3, 2, 0, 1]) : view,
      source: MemorySource((0..<12).map(Float.init)))
    let placement = try #require(
      KernelPlacement(
        Window(size: [1, 2], strides: [1, 1], padding: [.none, .none]),
        sides: [Self.side(0, 0), Self.side(0, 1)], over: [4, 4], to: [4, 4], in: .alexeyab))
    let square = try kernels.embedded(by: placement)
    let own = try OrderedTensor(kernels).values()
    let made = try OrderedTensor(square).values()
    let cells = placement.size * placement.size
    #expect(made.count == 6 * cells)
    for channel in 0..<6 {
      let part = Array(made[channel * cells..<(channel + 1) * cells])
      let start = placement.leading[0] * placement.size + placement.leading[1]
      #expect(Array(part[start..<start + 2]) == Array(own[channel * 2..<channel * 2 + 2]))
      #expect(part.reduce(0, +) == own[channel * 2..<channel * 2 + 2].reduce(0, +))
    }
  }

  // MARK: Borders

  @Test func zerosInFrontOfMaxima() throws {
    let margin = Self.side(1, 1)
    let zeros = Pad(margins: [margin, margin, .none])
    let pool = Pooling(.maximum, window: window(3, stride: [2, 2]))
    var positive = try KerasLikeModel([8, 8, 3])
    try positive.add(Activation(.relu(maximum: nil)))
    try positive.add(zeros)
    try positive.add(pool)
    #expect(
      try positive.sections() == ["activation activation=relu", "maxpool size=3 stride=2"])
    var any = try KerasLikeModel([8, 8, 3])
    try any.add(zeros)
    try any.add(pool)
    #expect(
      try any.sections()
        == [
          "convolutional filters=3 size=2 stride=1 padding=1 groups=3 activation=linear",
          "maxpool size=3 stride=2 padding=0",
        ].map {
          $0.replacing("size=2 stride=1", with: "size=3 stride=1").replacing(
            "padding=1", with: "padding=2")
        })
  }

  @Test func cuts() throws {
    var model = try KerasLikeModel([8, 8, 3])
    try model.add(Slice(cutting: [Self.side(1, 1), Self.side(0, 1)], of: [8, 8, 3]))
    #expect(try model.sections() == ["crop crop_height=6 crop_width=7 noadjust=1"])
    // Zeros that are cut off again are not put there at all.
    var both = try KerasLikeModel([8, 8, 3])
    try both.add(Pad(margins: [Self.side(0, 1), Self.side(0, 1), .none]))
    try both.add(Slice(cutting: [Self.side(0, 1), Self.side(0, 1)], of: [9, 9, 3]))
    try both.add(Activation(.tanh))
    #expect(try both.sections() == ["activation activation=tanh"])
  }

  @Test func means() throws {
    var model = try KerasLikeModel([8, 8, 3])
    try model.add(Pooling(.average, window: window(2, stride: [2, 2])))
    #expect(try model.sections() == ["local_avgpool size=2 stride=2 padding=0"])
    #expect(
      try model.sections(.pjreddie) == [
        "convolutional filters=3 size=2 stride=2 groups=3 activation=linear"
      ])
    #expect(
      try values(try model.raised(.pjreddie), "convolutional_0.weights")
        == [Float](repeating: 0.25, count: 12))
    var oblong = try KerasLikeModel([7, 5, 2])
    try oblong.add(Reduce(.maximum, axes: [0, 1]))
    #expect(try oblong.sections() == ["maxpool size=9 stride=9 padding=4"])
  }

  // MARK: Functions and products

  @Test func clippedFunctions() throws {
    var model = try KerasLikeModel([4, 4, 2])
    try model.add(convolution(window(1), from: 2, to: 2))
    try model.add(Activation(.relu(maximum: 6)))
    #expect(
      try model.sections() == [
        "convolutional filters=2 size=1 stride=1 activation=relu",
        "convolutional filters=2 size=1 groups=2 activation=hardtan",
        "convolutional filters=4 size=1 stride=1 groups=2 activation=relu",
        "convolutional filters=2 size=1 stride=1 groups=2 activation=linear",
      ])
    let raised = try model.raised()
    #expect(try values(raised, "convolutional_1.weights") == [0.125, 0.125])
    #expect(try values(raised, "convolutional_2.weights") == [8, 8, 8, 8])
    #expect(try values(raised, "convolutional_2.biases") == [0, -6, 0, -6])
    #expect(try values(raised, "convolutional_3.weights") == [1, -1, 1, -1])
    // What the first puts out, a ReLU, is no value of the model.
    #expect(raised.nodes == [nil, nil, nil, 2])
  }

  @Test func productsOfOneFork() throws {
    var model = try KerasLikeModel([4, 4, 4])
    let gate = try model.add(Activation(.logistic))
    try model.add(Elementwise(.product), on: [0, gate])
    #expect(try model.sections().last == "sam from=0")
    let sections = try model.sections(.pjreddie)
    #expect(sections.contains("normalization size=4 alpha=1.0 beta=-0.5 kappa=0.0"))
    #expect(sections.last?.hasPrefix("shortcut from=") == true)
  }

  @Test func costsAreTold() throws {
    var model = try KerasLikeModel([16, 16, 3])
    try model.add(
      Convolution(
        window: Window(
          size: [7, 1], strides: [1, 1], padding: [Self.side(3, 3), Self.side(0, 0)]), groups: 1,
        weights: parameter([4, 3, 7, 1]), biases: nil))
    let raised = try model.raised()
    #expect(
      raised.warnings.map(\.message) == [
        "the network makes 150528 multiply-adds, 7.0 times as many as the model, because layers that darknet lacks "
          + "were put together: kernels in larger ones (1)"
      ])
    var products = try KerasLikeModel([4, 4, 4])
    let gate = try products.add(Activation(.logistic))
    try products.add(Elementwise(.product), on: [0, gate])
    #expect(
      try products.raised(.pjreddie).warnings.map(\.message).contains { $0.contains("keeps") })
  }
}
