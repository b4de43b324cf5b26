import FileSupport
import Foundation
import TestSupport
import Testing

@testable import Darknet

/// Networks held against what the real darknet made of the same cfgs. They run where a corpus is:
/// in `NNFMT_CORPUS`, or in `../shared/corpus` beside the repository.
@Suite(.enabled(if: Corpus.folder != nil, "no corpus here"))
struct CorpusTests {
  @Test func zoo() throws {
    let folder = try #require(Corpus.folder) + "/darknet/zoo"
    let table = try #require(try Corpus.json("\(folder)/zoo.json") as? [String: Any])
    var refused = 0
    for (name, value) in table.sorted(by: { $0.key < $1.key }) where name != "_format" {
      let forks = try #require(value as? [String: Any])
      for (fork, dialect) in [("AlexeyAB", Dialect.alexeyab), ("pjreddie", .pjreddie)] {
        guard let recorded = forks[fork] as? [String: Any] else { continue }
        if let rows = recorded["layers"] as? [[Any]] {
          try compare(
            "\(folder)/\(name)", dialect, rows.map { try #require(RecordedLayer(row: $0)) },
            total: #require(recorded["total_floats"] as? Int))
        } else {
          #expect(dialect == .alexeyab, "\(name): only AlexeyAB's darknet refuses a cfg")
          try expectUnequalShortcut("\(folder)/\(name)")
          refused += 1
        }
      }
    }
    #expect(table.count > 1 && refused > 0)
  }

  @Test(arguments: ["layers", "random", "real", "train", "reference-bugs", "reference-bugs/train"])
  func recorded(kind: String) throws {
    let isTraining = kind.hasSuffix("train")
    let file = isTraining ? "train.json" : "layers.json"
    let cases = Corpus.cases(kind, with: file)
    #expect(!cases.isEmpty)
    for path in cases {
      let name = try #require(path.split(separator: "/").last)
      let table = try #require(try Corpus.json("\(path)/\(file)") as? [String: Any])
      let rows = try #require(table["layers"] as? [[String: Any]])
      let isPjreddie =
        table["fork"] as? String == "pjreddie" || name.hasPrefix("pj_") || name.hasSuffix("_pj")
      try compare(
        "\(path)/model.cfg", isPjreddie ? .pjreddie : .alexeyab,
        rows.map { try #require(RecordedLayer(object: $0)) }, total: table["total_floats"] as? Int,
        weights: "\(path)/\(isTraining ? "initial" : "model").weights")
    }
  }

  /// A cfg must give the layers that darknet reported, and as many floats; its weights must be complete.
  private func compare(
    _ path: String, _ dialect: Dialect, _ recorded: [RecordedLayer], total: Int?,
    weights: String? = nil
  ) {
    let label = "\(path) as \(dialect.rawValue)"
    do {
      let network = try Network(contentsOf: path, dialect: dialect)
      #expect(network.layers.count == recorded.count, "\(label)")
      for (layer, other) in zip(network.layers, recorded) {
        let difference = other.difference(from: layer)
        #expect(difference == nil, "\(label): layer \(layer.index) [\(other.type)]")
      }
      if let total { #expect(network.weightCount == total, "\(label)") }
      guard let weights else { return }
      #expect(try WeightsFile(path: weights, network: network).status == .complete, "\(label)")
    } catch {
      Issue.record("\(label): \(error)")
    }
  }

  /// The one thing in a cfg of the corpus that is refused: AlexeyAB's darknet stops at a shortcut
  /// between images of different size, pjreddie's computes it.
  private func expectUnequalShortcut(_ path: String) throws {
    let error = try failure { try Network(contentsOf: path, dialect: .alexeyab) }
    #expect(error.kind == .unsupported, "\(error)")
    #expect(error.places.contains { if case .layer(_, "shortcut") = $0 { true } else { false } })
    #expect(error.remedy?.contains("--dialect pjreddie") == true, "\(error)")
  }

  @Test func headers() throws {
    let folder = try #require(Corpus.folder) + "/darknet/headers"
    let network = try Network(contentsOf: "\(folder)/model.cfg", dialect: .alexeyab)
    func status(_ name: String, _ dialect: Dialect = .alexeyab) throws -> WeightsStatus {
      try WeightsFile(path: "\(folder)/\(name)", network: network).status
    }
    #expect(try status("base.weights") == .complete)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name.hasSuffix(".weights") && (name.hasPrefix("v") || name.hasPrefix("major")) {
      #expect(try status(name) == .complete, "\(name)")
    }
    for seen in ["major2000_seen32", "major2000_seen64", "minor1001_seen32", "minor1001_seen64"] {
      let file = try WeightsFile(path: "\(folder)/transposed_\(seen).weights", network: network)
      #expect(file.status == .complete, "\(seen)")
      #expect(file.header.isTransposed, "\(seen)")
      #expect(file.header.byteCount == (seen.hasSuffix("32") ? 16 : 20), "\(seen)")
    }
    #expect(try status("partial.conv.1") == .partial(layersLoaded: 1))
    #expect(try status("partial.conv.3") == .partial(layersLoaded: 3))
    #expect(try status("header_only.weights") == .partial(layersLoaded: 0))
    #expect(try status("short_header.weights") == .truncated)
    #expect(try status("empty.weights") == .truncated)
    #expect(try status("truncated_mid_array.weights") == .truncated)
    #expect(try status("truncated_mid_float.weights") == .truncated)
    guard case .trailing = try status("trailing_bytes.weights") else {
      Issue.record("trailing_bytes")
      return
    }
    guard case .trailing = try status("trailing_floats.weights") else {
      Issue.record("trailing_floats")
      return
    }
  }
}

/// A layer as darknet reported it.
private struct RecordedLayer {
  let type: String
  let extents: [Int]
  let outputs: Int
  let floats: Int
  let arrays: [String]?

  init?(row: [Any]) {
    guard row.count == 7, let type = row[0] as? String else { return nil }
    let numbers = row.dropFirst().compactMap { $0 as? Int }
    guard numbers.count == 6 else { return nil }
    self.type = type
    extents = Array(numbers[0..<3])
    outputs = numbers[3]
    floats = numbers[5]
    arrays = nil
  }

  init?(object: [String: Any]) {
    guard let type = object["type"] as? String, let outputs = object["outputs"] as? Int,
      let floats = object["floats"] as? Int
    else { return nil }
    self.type = type
    self.outputs = outputs
    self.floats = floats
    extents = ["out_c", "out_h", "out_w"].map { object[$0] as? Int ?? 0 }
    arrays = (object["arrays"] as? [[Any]])?.map { pair in
      "\(pair[0])=\(pair[1])".replacingOccurrences(of: "_layer.", with: ".")
    }
  }

  /// What differs, `nil` if nothing does.
  func difference(from layer: PlacedLayer) -> String? {
    guard layer.type.lowercased() == type.lowercased() else { return "type \(layer.type)" }
    let stored = layer.arrays.map {
      "\($0.name)=\($0.count)".replacingOccurrences(of: "_layer.", with: ".")
    }
    if let arrays, stored != arrays { return "arrays \(stored), recorded \(arrays)" }
    let sum = layer.arrays.reduce(0) { $0 + $1.count }
    if sum != floats { return "\(sum) floats, recorded \(floats)" }
    if layer.output.count != outputs { return "\(layer.output.count) values, recorded \(outputs)" }
    // darknet leaves extents that mean nothing where a layer puts out a vector.
    let isImage = extents.reduce(1, *) == outputs && Array(extents.dropFirst()) != [1, 1]
    if isImage, layer.output.extents != extents {
      return "output \(layer.output.extents), recorded \(extents)"
    }
    return nil
  }
}
