import Testing

@testable import ModelGraph

struct StridedViewTests {
  /// A kernel of 2 filters, 1 channel, 1 × 3 cells: `[out, in, h, w]` to `[h, w, in, out]`.
  @Test func kernelToChannelsLast() {
    let view = StridedView(contiguous: [2, 1, 1, 3]).permuted([2, 3, 1, 0])
    #expect(view.extents == [1, 3, 1, 2])
    #expect(positions(view) == [0, 3, 1, 4, 2, 5])
    #expect(positions(view.inverse) == [0, 2, 4, 1, 3, 5])
  }

  @Test func splittingKeepsTheWalk() {
    let view = StridedView(contiguous: [4, 27]).splitting(axis: 1, into: [3, 3, 3])
    #expect(view.extents == [4, 3, 3, 3])
    #expect(view.strides == [27, 9, 3, 1])
    #expect(view.isContiguous)
    #expect(positions(view) == Array(0..<108))
  }

  @Test(arguments: [
    ([2, 3], [0, 1], true), ([2, 3], [1, 0], false), ([1, 3], [1, 0], true),
    ([3, 1, 1], [2, 0, 1], true), ([2, 2, 2], [0, 2, 1], false), ([], [], true),
  ])
  func contiguity(extents: [Int], order: [Int], isContiguous: Bool) {
    let view = StridedView(contiguous: Shape(extents)).permuted(order)
    #expect(view.isContiguous == isContiguous)
  }

  /// Whatever is split and permuted: each element is visited once, and the inverse brings it back.
  @Test func inverseOfRandomViews() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<500 {
      let view = randomView(&random)
      let walk = positions(view)
      #expect(walk.sorted() == Array(0..<view.elementCount))
      let back = positions(view.inverse).map { walk[$0] }
      #expect(back == Array(0..<view.elementCount), "\(view)")
      #expect(view.isContiguous == (walk == Array(0..<walk.count)), "\(view)")
      #expect(positions(view.coalesced) == walk, "\(view)")
      #expect(view.coalesced.extents.count <= max(view.extents.count, 1))
    }
  }

  /// Shapes out of hostile files are refused by their size, not by a crash.
  @Test func hugeShapesDoNotTrap() {
    let view = StridedView(contiguous: [1 << 40, 1 << 40, 3])
    #expect(view.elementCount == .max)
  }
}
