import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// The comment that states several outputs.
struct StatedOutputsTests {
  private static let layers = """
    [net]
    width=8
    height=8
    channels=3

    [convolutional]
    filters=4

    [convolutional]
    filters=5

    """

  private func stated(_ comment: String, _ text: String = layers) throws -> Network {
    try network("# made by hand\n\(comment)\n" + text)
  }

  @Test func areTheOutputsOfTheGraph() throws {
    let network = try stated("# nnfmt: outputs=0,1")
    #expect(network.statedOutputs == [0, 1])
    let layout = WeightsLayout(plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0))
    let lowered = try network.lowered(layout: layout)
    #expect(lowered.graph.outputs.map(\.node) == lowered.values)
  }

  @Test func otherCommentsSayNothing() throws {
    #expect(try stated("# outputs=0,1").statedOutputs == nil)
    #expect(try network(Self.layers + "# nnfmt: outputs=0,1\n").statedOutputs == nil)
  }

  @Test(arguments: ["1,0", "0,2", "0,,1", "-1", "", "0,0", "0,1x"])
  func noLayersInOrder(list: String) throws {
    let error = try failure { try stated("# nnfmt: outputs=\(list)") }
    #expect(error.kind == .damaged)
    #expect(error.places == [.line(2)])
  }

  @Test func headsCountInstead() throws {
    let text = Self.layers.replacing("filters=5", with: "filters=18") + "[yolo]\nclasses=1\nnum=3\n"
    let network = try stated("# nnfmt: outputs=0,1", text)
    #expect(network.statedOutputs == nil)
    #expect(network.warnings.contains { $0.message.contains("has detection heads") })
  }

  @Test func areWritten() throws {
    let network = try stated("# nnfmt: outputs=0,1")
    let bytes = try ConfigWriter().bytes(
      of: network.config.sections, outputs: network.statedOutputs)
    #expect(bytes.starts(with: Array("# nnfmt: outputs=0,1\n[net]\n".utf8)))
  }
}
