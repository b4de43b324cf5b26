import FileSupport
import Foundation
import Testing

@testable import Darknet

/// Networks held against what the real darknet made of the same cfgs. They run where a corpus is:
/// in `NNFMT_CORPUS`, or in `../shared/corpus` beside the repository.
@Suite(.enabled(if: Corpus.folder != nil, "no corpus here"))
struct CorpusTests {
  @Test func zoo() throws {
    var tally = Tally()
    let folder = try #require(Corpus.folder) + "/darknet/zoo"
    let table = try #require(try Corpus.json("\(folder)/zoo.json") as? [String: Any])
    for (name, value) in table.sorted(by: { $0.key < $1.key }) where name != "_format" {
      let forks = try #require(value as? [String: Any])
      for (fork, dialect) in [("AlexeyAB", Dialect.alexeyab), ("pjreddie", .pjreddie)] {
        guard let recorded = forks[fork] as? [String: Any] else { continue }
        guard let rows = recorded["layers"] as? [[Any]] else {
          // AlexeyAB's darknet stops at a shortcut between images of different size.
          guard dialect == .alexeyab else { continue }
          tally.expectRefusal(of: "\(folder)/\(name)", dialect, naming: "shortcut")
          continue
        }
        tally.compare(
          "\(folder)/\(name)", dialect, rows.compactMap(RecordedLayer.init(row:)),
          total: recorded["total_floats"] as? Int)
      }
    }
    tally.report("zoo")
    #expect(tally.cases > 0)
  }

  @Test(arguments: ["layers", "random", "real", "train", "reference-bugs"])
  func recorded(kind: String) throws {
    var tally = Tally()
    let folder = try #require(Corpus.folder) + "/darknet/\(kind)"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      let file = kind == "train" ? "train.json" : "layers.json"
      let table = try? Corpus.json("\(folder)/\(name)/\(file)") as? [String: Any]
      guard let table, let rows = table["layers"] as? [[String: Any]] else { continue }
      let fork = table["fork"] as? String ?? ""
      let isPjreddie = fork == "pjreddie" || name.hasPrefix("pj_") || name.hasSuffix("_pj")
      tally.compare(
        "\(folder)/\(name)/model.cfg", isPjreddie ? .pjreddie : .alexeyab,
        rows.compactMap(RecordedLayer.init(object:)), total: table["total_floats"] as? Int,
        weights: "\(folder)/\(name)/\(kind == "train" ? "initial" : "model").weights")
    }
    tally.report(kind)
    #expect(tally.cases > 0)
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

/// Where the recorded cases are.
enum Corpus {
  static let folder: String? = {
    if let given = ProcessInfo.processInfo.environment["NNFMT_CORPUS"] { return given }
    let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../shared/corpus").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: beside) ? beside : nil
  }()

  static func json(_ path: String) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path)))
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
    let stored = layer.layer.arrays.map {
      "\($0.name)=\($0.count)".replacingOccurrences(of: "_layer.", with: ".")
    }
    if let arrays, stored != arrays { return "arrays \(stored), recorded \(arrays)" }
    let sum = layer.layer.arrays.reduce(0) { $0 + $1.count }
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

/// Counts cases and keeps what went wrong.
private struct Tally {
  private(set) var cases = 0
  private var unsupported: [String: Int] = [:]

  mutating func compare(
    _ path: String, _ dialect: Dialect, _ recorded: [RecordedLayer], total: Int?,
    weights: String? = nil
  ) {
    let label = "\(path) as \(dialect.rawValue)"
    let network: Network
    do {
      network = try Network(contentsOf: path, dialect: dialect)
    } catch  where error.kind == .unsupported && Self.isMissing(error.found) {
      unsupported[error.found ?? "", default: 0] += 1
      return
    } catch {
      Issue.record("\(label): \(error)")
      return
    }
    cases += 1
    guard network.layers.count == recorded.count else {
      Issue.record("\(label): \(network.layers.count) layers, recorded \(recorded.count)")
      return
    }
    for (layer, other) in zip(network.layers, recorded) {
      if let difference = other.difference(from: layer) {
        Issue.record("\(label): layer \(layer.index) [\(other.type)]: \(difference)")
        return
      }
    }
    if let total, network.weightCount != total {
      Issue.record("\(label): \(network.weightCount) floats, recorded \(total)")
    }
    guard let weights, FileManager.default.fileExists(atPath: weights) else { return }
    do {
      let file = try WeightsFile(path: weights, network: network)
      if file.status != .complete { Issue.record("\(label): its weights are \(file.status)") }
    } catch {
      Issue.record("\(label): \(error)")
    }
  }

  /// Layer types that darknet knows and nnfmt does not, so far.
  private static func isMissing(_ section: String?) -> Bool {
    guard let section else { return false }
    return [
      "local", "normalization", "lrn", "rnn", "gru", "lstm", "crnn", "conv_lstm", "implicit",
      "history", "l2norm", "iseg", "contrastive",
    ].contains { section == "[\($0)]" }
  }

  mutating func expectRefusal(of path: String, _ dialect: Dialect, naming word: String) {
    do {
      _ = try Network(contentsOf: path, dialect: dialect)
      Issue.record("\(path) as \(dialect.rawValue) is not refused")
    } catch  where error.kind == .unsupported && error.description.contains(word) {
      cases += 1
    } catch {
      Issue.record("\(path) as \(dialect.rawValue): \(error)")
    }
  }

  func report(_ name: String) {
    let rest = unsupported.sorted { $0.key < $1.key }.map { "\($0.key) × \($0.value)" }
    print(
      "corpus \(name): \(cases) cases compared, not supported yet: "
        + (rest.isEmpty ? "none" : rest.joined(separator: ", ")))
  }
}
