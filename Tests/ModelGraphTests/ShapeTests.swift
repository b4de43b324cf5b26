import Testing

@testable import ModelGraph

struct ShapeTests {
  @Test(arguments: [
    ([], 1), ([7], 7), ([2, 3, 4], 24), ([2, 0, 4], 0), ([1 << 40, 1 << 40], .max),
    ([.max, .max, .max], .max), ([.max, .max, 0], 0),
  ])
  func elementCount(extents: [Int], count: Int) {
    #expect(Shape(extents).elementCount == count)
  }

  @Test func description() {
    #expect("\(Shape([3, 416, 416]))" == "[3, 416, 416]")
    #expect("\([] as Shape)" == "[]")
  }

  @Test func layouts() {
    let first = ImageLayout.channelsFirst
    #expect(first.channels(of: [3, 8, 9]) == 3)
    #expect(first.spatial(of: [3, 8, 9]) == [8, 9])
    #expect(first.shape(channels: 3, spatial: [8, 9]) == [3, 8, 9])
    let last = ImageLayout.channelsLast
    #expect(last.channels(of: [8, 9, 3]) == 3)
    #expect(last.spatial(of: [8, 9, 3]) == [8, 9])
    #expect(last.shape(channels: 3, spatial: [8, 9]) == [8, 9, 3])
    for layout in [first, last] {
      #expect(layout.channels(of: [5]) == 5)
      #expect(layout.spatial(of: [5]) == [])
      #expect(layout.channels(of: []) == 1)
      #expect(layout.spatial(of: []) == [])
    }
  }

  @Test func clampedArithmetic() {
    #expect(Int.max.clampedProduct(2) == .max)
    #expect(Int.max.clampedProduct(-2) == .min)
    #expect(Int.min.clampedProduct(-1) == .max)
    #expect(6.clampedProduct(-7) == -42)
    #expect(Int.max.clampedSum(1) == .max)
    #expect(Int.min.clampedSum(-1) == .min)
    #expect(3.clampedSum(-5) == -2)
  }

  @Test(arguments: [
    (ElementType.bool, 1), (.int8, 1), (.bfloat16, 2), (.float16, 2), (.float32, 4), (.float64, 8),
    (.uint64, 8),
  ])
  func elementTypes(type: ElementType, bytes: Int) {
    #expect(type.byteCount == bytes)
  }
}
