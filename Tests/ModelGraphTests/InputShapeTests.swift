import FileSupport
import ModelGraph
import Testing

/// Which arrays are taken for an input, and what is said of the others.
@Suite struct InputShapeTests {
  @Test(arguments: [
    // The model's shape without and with a batch axis.
    ([2, 2], [2, 2], [1, 2, 2]), ([5, 2, 2], [2, 2], [5, 2, 2]),
    ([1, 2, 2], [1, 2, 2], [1, 1, 2, 2]),
    ([3], [3], [1, 3]), ([4, 3], [3], [4, 3]), ([7], [], [7]), ([], [], [1]),
    // A vector has one order, whatever its axes of 1.
    ([4], [4, 1, 1], [1, 4, 1, 1]), ([6, 4], [1, 4], [6, 1, 4]),
  ])
  func taken(array: [Int], sample: [Int], expected: [Int]) throws {
    #expect(try Shape(array).input(for: Shape(sample)).extents == expected)
  }

  @Test(arguments: [
    ([5, 4], [2, 2]), ([4], [2, 2]), ([1, 48], [3, 4, 4]), ([2, 2], [4]), ([1, 1, 3], [3]),
    ([3, 1, 1], [1, 1, 3]), ([0, .max, .max, 4], [2, 2]), ([1, 1, 2, 2], [2, 2]), ([], [1]),
  ])
  func refused(array: [Int], sample: [Int]) {
    let error = #expect(throws: ModelFileError.self) {
      try Shape(array).input(for: Shape(sample))
    }
    #expect(error?.kind == .damaged)
  }

  @Test func openExtents() throws {
    let image: [Int?] = [nil, nil, 3]
    #expect(try Shape([8, 9, 3]).input(forExtents: image) == [1, 8, 9, 3])
    #expect(try Shape([2, 8, 9, 3]).input(forExtents: image) == [2, 8, 9, 3])
    #expect(throws: ModelFileError.self) { try Shape([2, 8, 3]).input(forExtents: [nil, 4]) }
    #expect(
      problem([2, 3, 8, 9], image)
        == "this looks like NCHW, channels first, but the model takes NHWC, channels last")
    // Nothing tells which of the three are the channels.
    #expect(problem([1, 8, 8, 4], [nil, nil, nil]) == nil)
    #expect(
      problem([3, 3, 4], [3, nil, nil, nil]) == "the input has another shape than the model takes")
  }

  @Test(arguments: [
    ([16, 12, 3], [3, 16, 12], "NHWC", "(2, 0, 1)"),
    ([2, 16, 12, 3], [3, 16, 12], "NHWC", "(0, 3, 1, 2)"),
    ([3, 16, 12], [16, 12, 3], "NCHW", "(1, 2, 0)"),
    ([1, 3, 16, 12], [16, 12, 3], "NCHW", "(0, 2, 3, 1)"),
    ([1, 5, 6, 7, 2], [2, 5, 6, 7], "NDHWC", "(0, 4, 1, 2, 3)"),
    ([1, 2, 5, 6, 7], [5, 6, 7, 2], "NCDHW", "(0, 2, 3, 4, 1)"),
  ])
  func channelsAtTheOtherEnd(
    array: [Int], sample: [Int], name: String, order: String
  ) throws {
    let error = #expect(throws: ModelFileError.self) {
      try Shape(array).input(for: Shape(sample))
    }
    #expect(error?.problem.hasPrefix("this looks like \(name), channels ") == true)
    #expect(error?.remedy == "in Python: x = numpy.transpose(x, \(order))")
  }

  @Test func otherLikenesses() {
    #expect(problem([4, 20, 8], [8, 20]) == "the input's two axes look swapped")
    #expect(
      problem([1, 12, 16, 3], [16, 12, 3])
        == "the input's axes look like those of the model in another order")
    for array in [[1, 576], [576], [1, 24, 24, 1]] {
      #expect(
        problem(array, [16, 12, 3])
          == "the input has as many numbers as the model takes, but nothing tells in which order they lie"
      )
    }
  }

  /// What is said of an array; `nil` if it is taken.
  private func problem(_ array: [Int], _ sample: [Int?]) -> String? {
    do throws(ModelFileError) {
      _ = try Shape(array).input(forExtents: sample)
      return nil
    } catch {
      return error.problem
    }
  }
}
