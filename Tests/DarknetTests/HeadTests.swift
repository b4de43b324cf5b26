import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// Detection heads: classes, masks and anchors against the layer before them.
struct HeadTests {
  private func head(_ filters: Int, _ section: String) throws -> Network {
    try layers("[conv]\nfilters=\(filters)\n\(section)\n")
  }

  /// users.md 2: the field's most frequent mistake.
  @Test func wrongFilters() throws {
    let error = try failure { try head(255, "[yolo]\nmask=0,1,2\nnum=9\nclasses=20") }
    #expect(error.kind == .damaged)
    try expectSnapshot(error.description, named: "yolo-wrong-filters")
  }

  @Test func wrongFiltersOfOtherHeads() throws {
    #expect(
      try failure { try head(24, "[Gaussian_yolo]\nnum=2\nclasses=2") }.expected
        == "2 boxes · (2 classes + 9) = 22")
    #expect(
      try failure { try head(24, "[region]\nnum=2\nclasses=2") }.expected
        == "2 boxes · (2 classes + 4 + 1) = 14")
    #expect(
      try failure { try head(1, "[detection]\nnum=2\nclasses=2\nside=3") }.expected
        == "3² · (2 + 2 · (1 + 1)) = 54")
  }

  /// users.md 23: masks come from the cfg, never from a table.
  @Test func masks() throws {
    let network = try head(21, "[yolo]\nmask=1,2,3\nnum=6\nclasses=2\nanchors=1,2,3,4,5,6")
    let yolo = try #require(network.layers[1].layer as? Yolo)
    #expect(yolo.head.mask == [1, 2, 3])
    #expect(yolo.head.anchors == [1, 2, 3, 4, 5, 6] + Array(repeating: 0.5, count: 6))
  }

  @Test func withoutAMaskEveryAnchorCounts() throws {
    let yolo = try #require(
      try head(14, "[yolo]\nnum=2\nclasses=2").layers[1].layer as? Yolo)
    #expect(yolo.head.mask == [0, 1])
  }

  @Test(arguments: ["mask=0,1,1024\nnum=6", "mask=-1\nnum=6", "num=0", "num=99999999", "num=-1"])
  func anchorsThatAreNotThere(lines: String) throws {
    #expect(try failure { try head(21, "[yolo]\nclasses=2\n\(lines)") }.kind == .damaged)
  }

  /// darknet reads behind its anchors; those that are listed are used.
  @Test func masksBeyondTheNumber() throws {
    let listed = try head(14, "[yolo]\nnum=1\nclasses=2\nmask=0,2\nanchors=1,2,3,4,5,6")
    let yolo = try #require(listed.layers[1].layer as? Yolo)
    #expect(yolo.head.anchors == [1, 2, 3, 4, 5, 6])
    #expect(yolo.head.missingAnchor == nil)
    #expect(listed.warnings.count == 1)
    let lacking = try head(14, "[yolo]\nnum=1\nclasses=2\nmask=0,2\nanchors=1,2")
    let other = try #require(lacking.layers[1].layer as? Yolo)
    #expect(other.head.missingAnchor == 2)
    #expect(other.description.anchors.count == 1)
  }

  /// users.md 22: `scale_x_y` and `new_coords` reach the graph.
  @Test func attributes() throws {
    let network = try head(7, "[yolo]\nclasses=2\nscale_x_y=1.05\nnew_coords=1\nanchors=3,4")
    let graph = try network.graph(
      layout: WeightsLayout(plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0)))
    let operation = try #require(graph.nodes.last?.operation as? YoloHead)
    #expect(operation.scaleXY == 1.05)
    #expect(operation.usesNewCoordinates)
    #expect(operation.anchors == [3, 4])
    #expect(graph.outputs.map(\.node) == [graph.nodes.count - 1])
  }

  @Test func aHeadFeedsNoLayer() throws {
    let network = try head(7, "[yolo]\nclasses=2\n[conv]")
    let error = try failure {
      try network.graph(
        layout: WeightsLayout(plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0)))
    }
    #expect(error.kind == .unsupported)
    #expect(error.places.last == .layer(index: 2, type: "convolutional"))
  }
}
