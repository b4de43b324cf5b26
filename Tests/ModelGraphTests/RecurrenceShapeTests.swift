import FileSupport
import TestSupport
import Testing

@testable import ModelGraph

/// What a recurrence makes of its inputs, and what it refuses.
@Suite struct RecurrenceShapeTests {
  private typealias Kind = RecurrentCell.Kind

  private static func parameter(_ shape: Shape) -> Parameter {
    Parameter("w", of: "layer", role: .weights, shape: shape)
  }

  private static func cell(
    _ kind: Kind, _ kernel: Shape, _ stateKernel: Shape, biases: Shape? = nil,
    stateBiases: Shape? = nil, window: Window? = nil
  ) -> RecurrentCell {
    RecurrentCell(
      kind: kind, product: window.map { .convolution(input: $0) } ?? .matrix,
      kernel: parameter(kernel), stateKernel: parameter(stateKernel),
      biases: biases.map(parameter), stateBiases: stateBiases.map(parameter), activation: .tanh,
      gateActivation: .logistic)
  }

  private static let simple = cell(.simple, [4, 3], [4, 4], biases: [4])
  private static let memory = cell(.longShortTerm, [20, 4], [20, 5], biases: [20])
  private static let gated = cell(
    .gated(resetsAfter: true), [6, 5], [6, 2], biases: [6], stateBiases: [6])

  private func shape(
    _ layer: Recurrence, _ inputs: [Shape], _ layout: ImageLayout = .channelsLast
  ) throws -> Shape {
    try layer.outputShape(of: inputs, layout: layout)
  }

  private func refuses(
    _ layer: Recurrence, _ inputs: [Shape], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let error = try failure(sourceLocation: sourceLocation) { try shape(layer, inputs) }
    #expect(error.kind == .damaged, sourceLocation: sourceLocation)
  }

  @Test func results() throws {
    let stack = [Self.simple, Self.memory, Self.gated]
    #expect(try shape(Recurrence(cells: [Self.simple]), [[7, 3]]) == [4])
    #expect(try shape(Recurrence(cells: stack), [[7, 3]]) == [2])
    #expect(try shape(Recurrence(cells: stack, returnsSequences: true), [[7, 3]]) == [7, 2])
    let all = Recurrence(cells: stack, returnsSequences: true, hasMask: true, initialStates: 4)
    let states: [Shape] = [[4], [5], [5], [2]]
    #expect(try shape(all, [[7, 3], [7]] + states) == [7, 2])
    #expect(try shape(all, [[0, 3], [0]] + states) == [0, 2])
    #expect(try shape(all, [[.max, 3], [.max]] + states) == [.max, 2])
    #expect(
      try all.furtherShapes(of: [[7, 3], [7]] + states, layout: .channelsLast) == states)
  }

  @Test func images() throws {
    let behind = Padding(before: 0, after: 1)
    let layer = Recurrence(
      cells: [
        Self.cell(
          .longShortTerm, [8, 3, 2, 2], [8, 2, 5, 5],
          window: Window(size: [2, 2], strides: [2, 1], padding: [behind, behind]))
      ], returnsSequences: true)
    #expect(try shape(layer, [[7, 9, 6, 3]]) == [7, 5, 6, 2])
    #expect(try shape(layer, [[7, 3, 9, 6]], .channelsFirst) == [7, 2, 5, 6])
    #expect(
      layer.multiplyAdds(inputs: [[7, 9, 6, 3]], output: [7, 5, 6, 2])
        == 7 * 30 * (8 * 12 + 8 * 50))
    #expect(
      layer.multiplyAdds(inputs: [[7, 3, 9, 6]], output: [7, 2, 5, 6])
        == 7 * 30 * (8 * 12 + 8 * 50))
    let window = layer.cells[0].stateWindow
    #expect(window?.padding == [Padding(before: 2, after: 2), Padding(before: 2, after: 2)])
    try refuses(layer, [[7, 9, 6, 4]])
    try refuses(layer, [[7, 9, 6]])
    try refuses(layer, [[7, 0, 6, 3]])
  }

  @Test func inputsThatDontFit() throws {
    let layer = Recurrence(cells: [Self.memory], hasMask: true, initialStates: 2)
    #expect(try shape(layer, [[7, 4], [7], [5], [5]]) == [5])
    try refuses(layer, [])
    try refuses(layer, [[7, 4], [7], [5]])
    try refuses(layer, [[7, 4], [8], [5], [5]])
    try refuses(layer, [[7, 4], [7, 1], [5], [5]])
    try refuses(layer, [[7, 4], [7], [5], [4]])
    try refuses(layer, [[7, 3], [7], [5], [5]])
    try refuses(layer, [[7], [7], [5], [5]])
    try refuses(layer, [[], [7], [5], [5]])
    try refuses(layer, [[7, 4, 4], [7], [5], [5]])
    try refuses(Recurrence(cells: [Self.cell(.simple, [4, 0], [4, 4])]), [[.max, 0]])
    try refuses(Recurrence(cells: [Self.memory], initialStates: 1), [[7, 4], [5]])
    try refuses(Recurrence(cells: [Self.memory], initialStates: -1), [[7, 4]])
    try refuses(Recurrence(cells: []), [[7, 4]])
    try refuses(Recurrence(cells: [Self.memory, Self.simple]), [[7, 4]])
  }

  @Test func cellsThatDontFit() throws {
    let one = Window(size: [1], strides: [1], padding: [Padding(before: 0, after: 0)])
    let hostile = Window(
      size: [3], strides: [.max], dilation: [.max],
      padding: [Padding(before: .max, after: .max)])
    let none = Window(size: [], strides: [], padding: [])
    let after = Kind.gated(resetsAfter: true)
    let cells = [
      Self.cell(.simple, [4], [4, 4]),
      Self.cell(.simple, [], []),
      Self.cell(.simple, [0, 3], [0, 0]),
      Self.cell(.simple, [4, 3], [4, 3]),
      Self.cell(.simple, [4, 3], [4, 4, 1]),
      Self.cell(.simple, [4, 3], [4, 4], biases: [5]),
      Self.cell(.simple, [4, 3], [4, 4], stateBiases: [4]),
      Self.cell(.simple, [4, 3, 1], [4, 4, 1]),
      Self.cell(.longShortTerm, [6, 3], [6, 1]),
      Self.cell(.gated(resetsAfter: false), [6, 3], [6, 2], stateBiases: [6]),
      Self.cell(after, [6, 3], [6, 2], biases: [6], stateBiases: [2, 3]),
      Self.cell(after, [.max, 3], [.max, .max]),
    ]
    for cell in cells { try refuses(Recurrence(cells: [cell]), [[7, 3]]) }
    let images = [
      Self.cell(.simple, [4, 3, 1], [4, 4, 1], window: one),
      Self.cell(.longShortTerm, [4, 3, 2], [4, 1, 1], window: one),
      Self.cell(.longShortTerm, [4, 3, 1], [4, 1], window: one),
      Self.cell(.longShortTerm, [4, 3, 1], [4, 1, 0], window: one),
      Self.cell(.longShortTerm, [4, 3], [4, 1], window: none),
      Self.cell(.longShortTerm, [4, 4, 1], [4, 1, 1], window: one),
    ]
    for cell in images { try refuses(Recurrence(cells: [cell]), [[7, 9, 3]]) }
    let unbounded = Self.cell(.longShortTerm, [4, 3, 3], [4, 1, 1], window: hostile)
    try refuses(Recurrence(cells: [unbounded]), [[7, 9, 3]])
  }

  @Test func costs() {
    let stack = Recurrence(cells: [Self.simple, Self.memory, Self.gated])
    let weights = 4 * 3 + 4 * 4 + 20 * 4 + 20 * 5 + 6 * 5 + 6 * 2
    #expect(stack.multiplyAdds(inputs: [[7, 3]], output: [2]) == 7 * weights)
    #expect(stack.multiplyAdds(inputs: [[.max, 3]], output: [2]) == .max)
    #expect(stack.multiplyAdds(inputs: [], output: [2]) == 0)
    #expect(stack.parameters.count == 10)
  }
}
