import TestSupport
import Testing

@testable import ModelGraph

/// Graphs whose images are brought into the other layout and back.
struct LayoutTests {
  private let side = Padding(before: 1, after: 0)

  private func model(_ layout: ImageLayout) throws -> Graph {
    var builder = GraphBuilder(layout: layout)
    let input = try builder.input(name: "input", shape: layout.shape(channels: 3, spatial: [8, 6]))
    let first = layout == .channelsFirst
    let margins = first ? [.none, side, side] : [side, side, .none]
    let pad = try builder.add(Pad(margins: margins), name: "pad", inputs: [input])
    let mean = try builder.add(
      Reduce(.mean, axes: first ? [1, 2] : [0, 1], keepsAxes: true), name: "mean", inputs: [pad])
    let product = try builder.add(Elementwise(.product), name: "product", inputs: [pad, mean])
    let part = try builder.add(
      Slice(
        cutting: first ? [side] : [.none, .none, side], of: builder.shape(of: product)),
      name: "part", inputs: [product])
    let joined = try builder.add(
      Concatenation(axis: first ? 0 : 2), name: "joined", inputs: [part, product])
    builder.output(joined, named: "output")
    return builder.finish()
  }

  private func text(_ graph: Graph) -> [String] {
    graph.nodes.map { "\($0.name) \($0.operation) \($0.inputs) \($0.shape)" }
  }

  @Test func axesGoAlong() throws {
    let (first, last) = (try model(.channelsFirst), try model(.channelsLast))
    #expect(text(try first.inLayout(.channelsLast)) == text(last))
    #expect(text(try last.inLayout(.channelsFirst)) == text(first))
    #expect(text(try first.inLayout(.channelsFirst)) == text(first))
  }

  @Test func elementsKeepTheirOrder() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [8, 6, 3])
    let flat = try builder.add(Reshaping(to: [144]), name: "flat", inputs: [input])
    let image = try builder.add(Reshaping(to: [4, 12, 3]), name: "image", inputs: [flat])
    let planes = try builder.add(
      Transposition(order: [2, 0, 1]), name: "planes", inputs: [input])
    builder.output(image, named: "image")
    builder.output(planes, named: "planes")
    let moved = try builder.finish().inLayout(.channelsFirst)
    try moved.checkInvariants()
    #expect(
      text(moved).map { $0.split(separator: " ").first } == [
        "input", "input_axes", "flat", "image", "image_axes", "planes_axes",
      ])
    #expect(moved.nodes[1].shape == [8, 6, 3] && moved.nodes[4].shape == [3, 4, 12])
    // What puts the channels first is nothing there; as an output it has its own axes moved.
    #expect(moved.nodes[5].inputs == [0] && moved.nodes[5].shape == [6, 3, 8])
    let back = try moved.inLayout(.channelsLast)
    #expect(back.nodes.count { $0.operation is Transposition } == 1)
  }

  @Test func whatIsNotKnownIsRefused() throws {
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [8, 6, 3])
    builder.output(
      try builder.add(Blur(.mean, strides: [2, 2]), name: "blur", inputs: [input]), named: "blur")
    #expect(try failure { try builder.finish().inLayout(.channelsFirst) }.kind == .unsupported)
  }
}
