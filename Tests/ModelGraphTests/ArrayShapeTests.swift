import FileSupport
import Testing

@testable import ModelGraph

/// The shape rules of the operations on arrays of any rank.
struct ArrayShapeTests {
  typealias Case = OperationShapeTests.Case

  static func slicing(_ axes: (Int, Int, Int)...) -> Slicing {
    Slicing(axes: axes.map { .init(start: $0.0, count: $0.1, step: $0.2) })
  }

  static func bordering(_ margins: (Int, Int)...) -> Bordering {
    Bordering(margins: margins.map { Padding(before: $0.0, after: $0.1) })
  }

  static let rearrangements: [Case] = [
    Case(Concatenation(axis: 1), [[3, 4, 5], [3, 1, 5]], [3, 5, 5]),
    Case(Concatenation(axis: 0), [[3], [4], [5]], [12]),
    Case(Concatenation(axis: 1), [[3, 4, 5], [3, 1, 4]], nil),
    Case(Concatenation(axis: 3), [[3, 4, 5], [3, 4, 5]], nil),
    Case(Concatenation(axis: -1), [[3], [4]], nil),
    Case(Concatenation(axis: 1), [[3, 4], [3]], nil),
    Case(Concatenation(), [[], []], nil),
    Case(Transposition(order: [2, 0, 1]), [[3, 4, 5]], [5, 3, 4]),
    Case(Transposition(order: []), [[]], []),
    Case(Transposition(order: [0, 0, 1]), [[3, 4, 5]], nil),
    Case(Transposition(order: [1, 0]), [[3, 4, 5]], nil),
    Case(Transposition(order: [1, 2]), [[3, 4]], nil),
    Case(slicing((1, 2, 1), (4, 5, -1)), [[3, 5]], [2, 5]),
    Case(slicing(), [[]], []),
    Case(slicing((1, 3, 1)), [[3]], nil),
    Case(slicing((0, 2, -1)), [[3]], nil),
    Case(slicing((0, 2, 0)), [[3]], nil),
    Case(slicing((0, 0, 1)), [[3]], nil),
    Case(slicing((3, 1, 1)), [[3]], nil),
    Case(slicing((1, .max, .max)), [[3]], nil),
    Case(slicing((2, .min, .min)), [[3]], nil),
    Case(slicing((0, 1, 1)), [[3, 3]], nil),
    Case(bordering((1, 2), (0, 0)), [[3, 4]], [6, 4]),
    Case(bordering((.max, .max)), [[3]], [.max]),
    Case(bordering((-1, 2)), [[3]], nil),
    Case(bordering((1, 2)), [[3, 4]], nil),
    Case(Repetition(counts: [2, 1]), [[3, 4]], [6, 4]),
    Case(Repetition(counts: [.max]), [[3]], [.max]),
    Case(Repetition(counts: [0]), [[3]], nil),
    Case(Repetition(counts: [2]), [[3, 4]], nil),
    Case(Repetition(counts: [2]), [[3], [3]], nil),
  ]

  @Test(arguments: rearrangements)
  func rule(_ tried: Case) throws {
    for layout in [ImageLayout.channelsFirst, .channelsLast] {
      guard let output = tried.output else {
        let error = try failure {
          try tried.operation.outputShape(of: tried.inputs, layout: layout)
        }
        #expect(error.kind == .damaged)
        continue
      }
      #expect(try tried.operation.outputShape(of: tried.inputs, layout: layout) == output)
    }
  }
}
