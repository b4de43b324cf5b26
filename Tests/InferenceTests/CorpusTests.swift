import Darknet
import FileSupport
import Foundation
import Inference
import ModelGraph
import Testing

/// Runs every darknet case of the corpus and compares each recorded output.
///
/// The corpus is no part of the package: it is looked for where `NNFMT_CORPUS` says, else beside the
/// package; without it the suite is skipped. Detectors are left out of debug builds.
@Suite(.enabled(if: Corpus.folder != nil), .serialized)
struct CorpusTests {
  @Test(arguments: Corpus.cases("layers"))
  func layers(_ path: String) throws { try check(path, tolerance: 2e-6) }

  @Test(arguments: Corpus.cases("random"))
  func random(_ path: String) throws { try check(path, tolerance: 2e-6) }

  @Test(
    .enabled(if: Corpus.isOptimized), arguments: Corpus.cases("real"), ["letterbox", "resize"])
  func real(_ path: String, _ form: String) throws {
    try check(path, form: form, tolerance: 2e-5)
  }

  /// What darknet's CPU code gets wrong comes out otherwise here: every one of the recorded outputs
  /// that is wrong is one that nnfmt does not reproduce.
  @Test(arguments: Corpus.cases("reference-bugs"))
  func referenceBugs(_ path: String) throws {
    let errors = try errors(path)
    #expect(errors.contains { $0.error > 1e-3 })
  }

  private func check(_ path: String, form: String? = nil, tolerance: Double) throws {
    for (name, error) in try errors(path, form: form) {
      #expect(error <= tolerance, "\(name): off by \(error)")
    }
  }

  /// The scaled error of each recorded output.
  private func errors(
    _ path: String, form: String? = nil
  ) throws -> [(name: String, error: Double)] {
    let isOld = path.contains("/pj_")
    let network = try Network(
      contentsOf: "\(path)/model.cfg", dialect: isOld ? .pjreddie : .alexeyab)
    let weights = try WeightsFile(path: "\(path)/model.weights", network: network)
    let (graph, values) = try network.lowered(layout: weights.layout, source: weights.source)

    let shape = graph.nodes[graph.inputs[0].node].shape.extents
    let picture = form.map { "inputs/dog_\(shape[2])x\(shape[1])_\($0).npy" }
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let input = try NpyFile(path: picture.map { "\(folder)/\($0)" } ?? "\(path)/input.npy")

    let recorded = try FileManager.default.contentsOfDirectory(atPath: "\(path)/outputs")
      .filter { form.map($0.contains) ?? true }.sorted()
    #expect(!recorded.isEmpty)
    let wanted = recorded.compactMap { name in Int(name.prefix(3)).map { (name, values[$0]) } }
    var found: [Int: Tensor] = [:]
    let clock = ContinuousClock()
    let time = try clock.measure {
      try ReferenceEngine(threads: Corpus.threads).run(
        graph, inputs: [Tensor(shape: Shape(input.shape), values: try input.floats())],
        wanting: Set(wanted.map(\.1))
      ) { node, tensor in found[node.id] = tensor }
    }
    if Corpus.isVerbose { print("time \(path.suffix(40)) \(time)") }
    return try wanted.map { name, node in
      let expected = try NpyFile(path: "\(path)/outputs/\(name)").floats()
      let error = Corpus.scaledError(try #require(found[node]).values, expected)
      if Corpus.isVerbose { print("\(name) \(path.suffix(40)) \(error)") }
      return (name, error)
    }
  }
}

/// Where the cases are, and how outputs are compared.
enum Corpus {
  /// The folder that holds `darknet/`.
  static let folder: String? = {
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/corpus").standardized.path
    let path = ProcessInfo.processInfo.environment["NNFMT_CORPUS"] ?? beside
    return FileManager.default.fileExists(atPath: "\(path)/darknet") ? path : nil
  }()

  /// Whether detectors run in a few seconds.
  static let isOptimized: Bool = {
    var result = true
    assert(
      {
        result = false
        return true
      }())
    return result
  }()

  /// Whether every error and time is printed.
  static let isVerbose = ProcessInfo.processInfo.environment["NNFMT_CORPUS_VERBOSE"] != nil
  /// Threads to run with.
  static let threads = Int(ProcessInfo.processInfo.environment["NNFMT_THREADS"] ?? "") ?? 1

  /// The folders of a suite that hold a model.
  static func cases(_ suite: String) -> [String] {
    guard let folder else { return [] }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/darknet/\(suite)"))
    return (names ?? []).sorted().map { "\(folder)/darknet/\(suite)/\($0)" }
      .filter { FileManager.default.fileExists(atPath: "\($0)/model.weights") }
  }

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
