import Darknet
import Detection
import FileSupport
import Foundation
import TestSupport
import Testing

/// Heads with a tree of classes, of which no peer is at hand: by the rules of `region_layer.c` and `tree.c`.
struct TreeTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // animal and thing; dog and cat are animals.
    try Data("animal -1\nthing -1\ndog 0\ncat 0\n".utf8).write(
      to: URL(fileURLWithPath: folder.path("t.tree")))
  }

  private func decoder(_ dialect: Dialect) throws -> BoxDecoder {
    let text = """
      [net]
      width=8
      height=8
      channels=3
      [convolutional]
      filters=9
      size=8
      stride=8
      activation=linear
      [region]
      classes=4
      num=1
      anchors=1,1
      tree=t.tree
      """
    let path = folder.path("net.cfg")
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    let network = try Network(contentsOf: path, dialect: dialect)
    let layer = try #require(network.layers.last?.layer as? any HeadLayer)
    return try BoxDecoder(
      layer.description, grid: (1, 1), input: (8, 8),
      tree: try network.classTree(of: layer.description))
  }

  /// x, y, w, h, objectness, then the classes within their groups.
  private func found(_ dialect: Dialect, _ classes: [Float], objectness: Float = 0.8) throws
    -> [(Int, Float)]
  {
    try decoder(dialect).candidates(
      in: [0, 0, 0, 0, objectness] + classes, threshold: 0.3
    ).flatMap { $0.classes.map { ($0.number, $0.probability) } }
  }

  @Test func alexeyTakesTheLastThatIsLikely() throws {
    let sure = try found(.alexeyab, [0.9, 0.1, 0.8, 0.2])
    #expect(sure.count == 1 && sure[0].0 == 2 && abs(sure[0].1 - 0.72) < 1e-6)
    let unsure = try found(.alexeyab, [0.9, 0.1, 0.5, 0.5])
    #expect(unsure.count == 1 && unsure[0].0 == 0 && unsure[0].1 == 0.9)
    #expect(try found(.alexeyab, [0.5, 0.5, 0.5, 0.5]).isEmpty)
  }

  @Test func pjreddieGoesDownTheTree() throws {
    // Chances are multiplied down twice, as in darknet: 0.9 · 0.9 · 0.8.
    let sure = try found(.pjreddie, [0.9, 0.1, 0.8, 0.2])
    #expect(sure.count == 1 && sure[0].0 == 2 && sure[0].1 == 0.8)
    let unsure = try found(.pjreddie, [0.9, 0.1, 0.55, 0.45])
    #expect(unsure.count == 1 && unsure[0].0 == 0)
  }

  @Test func withoutObjectnessThereIsNothing() throws {
    for dialect in [Dialect.alexeyab, .pjreddie] {
      #expect(try found(dialect, [0.9, 0.1, 0.8, 0.2], objectness: 0.3).isEmpty)
    }
  }

  @Test func aTreeOfOtherClassesIsRefused() throws {
    try Data("animal -1\n".utf8).write(to: URL(fileURLWithPath: folder.path("t.tree")))
    #expect(throws: ModelFileError.self) { try decoder(.alexeyab) }
  }
}
