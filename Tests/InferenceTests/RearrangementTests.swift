import Inference
import ModelGraph
import Testing

/// Operations that move numbers, held against their formulas read place by place.
@Suite struct RearrangementTests {
  private var noise = Noise()

  @Test(arguments: [[], [0], [1, 0], [2, 0, 1], [0, 2, 1], [3, 1, 4, 0, 5, 2]])
  func transposition(_ order: [Int]) throws {
    var noise = noise
    let extents = [3, 1, 20, 2, 3, 4]
    let x = noise.tensor(Shape([2] + extents.prefix(order.count)))
    let result = try value(of: Transposition(order: order), on: [x])
    #expect(
      result
        == Tensor(Shape([2] + order.map { extents[$0] })) { place in
          var source = place
          for (axis, from) in order.enumerated() { source[from + 1] = place[axis + 1] }
          return x[source]
        })
  }

  @Test(arguments: [
    [], [Slice.Axis(start: 5, count: 6, step: -1)],
    [Slice.Axis(start: 1, count: 2, step: 2), Slice.Axis(start: 4, count: 3, step: -2)],
    [
      Slice.Axis(start: 0, count: 4), Slice.Axis(start: 2, count: 1, step: 9),
      Slice.Axis(start: 2, count: 3, step: -1),
    ],
  ])
  func slicing(_ axes: [Slice.Axis]) throws {
    var noise = noise
    let x = noise.tensor(Shape([2] + [6, 5, 3].prefix(axes.count)))
    let result = try value(of: Slice(axes: axes), on: [x])
    #expect(
      result
        == Tensor(Shape([2] + axes.map(\.count))) { place in
          x[[place[0]] + zip(axes, place.dropFirst()).map { $0.start + $1 * $0.step }]
        })
  }

  @Test func bordering() throws {
    var noise = noise
    let x = noise.tensor([2, 2, 3])
    let margins = [Padding(before: 1, after: 0), Padding(before: 0, after: 2)]
    let result = try value(of: Pad(margins: margins, value: 7), on: [x])
    #expect(
      result
        == Tensor([2, 3, 5]) { place in
          place[1] < 1 || place[2] > 2 ? 7 : x[[place[0], place[1] - 1, place[2]]]
        })
    let number = Tensor(shape: [2], values: [3, 4])
    #expect(try value(of: Pad(margins: []), on: [number]) == number)
  }

  @Test(arguments: [[], [3], [1, 2], [2, 1, 3]])
  func repetition(_ counts: [Int]) throws {
    var noise = noise
    let extents = [2, 3, 2].prefix(counts.count)
    let x = noise.tensor(Shape([2] + extents))
    #expect(
      try value(of: Repeat(counts: counts), on: [x], threads: 3)
        == Tensor(Shape([2] + zip(extents, counts).map(*))) { place in
          x[[place[0]] + zip(place.dropFirst(), counts).map(/)]
        })
  }

  /// Values that are cut into parts, which threads share.
  @Test func largeValues() throws {
    var noise = noise
    let x = noise.tensor([1, 30, 40, 50])
    let turned = try value(of: Transposition(order: [2, 0, 1]), on: [x])
    #expect(turned == Tensor([1, 50, 30, 40]) { x[[0, $0[2], $0[3], $0[1]]] })
    #expect(
      try value(of: Transposition(order: [2, 0, 1]), on: [x], threads: 4) == turned)
    let mirrored = Slice(axes: [30, 40, 50].map { .init(start: $0 - 1, count: $0, step: -1) })
    #expect(
      try value(of: mirrored, on: [x], threads: 4).values == x.values.reversed())
  }

  @Test func concatenationAlongAnAxis() throws {
    var noise = noise
    let a = noise.tensor([2, 2, 3, 2])
    let b = noise.tensor([2, 2, 1, 2])
    for layout in [ImageLayout.channelsFirst, .channelsLast] {
      let joined = try value(of: Concatenation(axis: 1), on: [a, b], layout: layout)
      #expect(
        joined
          == Tensor([2, 2, 4, 2]) { place in
            place[2] < 3 ? a[place] : b[[place[0], place[1], 0, place[3]]]
          })
    }
  }
}
