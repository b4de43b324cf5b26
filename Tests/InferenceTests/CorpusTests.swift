import Darknet
import FileSupport
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

/// Runs the small darknet cases of the corpus and compares each recorded output. The detectors, which
/// take minutes in a debug build, are run by the stage `corpus` of `Tests/run`.
@Suite(.enabled(if: Corpus.folder != nil), .serialized)
struct CorpusTests {
  @Test(arguments: Corpus.cases("layers", with: "model.weights"))
  func layers(_ path: String) throws { try check(path) }

  @Test(arguments: Corpus.cases("random", with: "model.weights"))
  func random(_ path: String) throws { try check(path) }

  /// What darknet's CPU code gets wrong comes out otherwise here: every one of the recorded outputs
  /// that is wrong is one that nnfmt does not reproduce.
  @Test(arguments: Corpus.cases("reference-bugs", with: "model.weights"))
  func referenceBugs(_ path: String) throws {
    let errors = try errors(path)
    #expect(errors.contains { $0.error > 1e-3 })
  }

  private func check(_ path: String) throws {
    for (name, error) in try errors(path) {
      #expect(error <= 2e-6, "\(name): off by \(error)")
    }
  }

  /// The scaled error of each recorded output.
  private func errors(_ path: String) throws -> [(name: String, error: Double)] {
    let isOld = path.contains("/pj_")
    let network = try Network(
      contentsOf: "\(path)/model.cfg", dialect: isOld ? .pjreddie : .alexeyab)
    let weights = try WeightsFile(path: "\(path)/model.weights", network: network)
    let (graph, values) = try network.lowered(layout: weights.layout, source: weights.source)

    let input = try NpyFile(path: "\(path)/input.npy")
    let recorded = try FileManager.default.contentsOfDirectory(atPath: "\(path)/outputs").sorted()
    #expect(!recorded.isEmpty)
    let wanted = recorded.compactMap { name in Int(name.prefix(3)).map { (name, values[$0]) } }
    var found: [Int: Tensor] = [:]
    try ReferenceEngine(threads: 1).run(
      graph, inputs: [Tensor(shape: Shape(input.shape), values: try input.floats())],
      wanting: Set(wanted.map(\.1))
    ) { node, tensor in found[node.id] = tensor }
    return try wanted.map { name, node in
      let expected = try NpyFile(path: "\(path)/outputs/\(name)").floats()
      return (name, Corpus.scaledError(try #require(found[node]).values, expected))
    }
  }
}

extension Corpus {
  /// `max |a − b| / (1 + max |b|)`; infinite if NaN and Inf stand at other places.
  static func scaledError(_ a: [Float], _ b: [Float]) -> Double {
    guard a.count == b.count else { return .infinity }
    var gap = 0.0
    var scale = 0.0
    for (x, y) in zip(a, b) {
      guard x.isNaN == y.isNaN, x.isInfinite == y.isInfinite else { return .infinity }
      guard y.isFinite else { continue }
      gap = max(gap, abs(Double(x) - Double(y)))
      scale = max(scale, abs(Double(y)))
    }
    return gap / (1 + scale)
  }
}
