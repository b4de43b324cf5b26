import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Darknet

/// Whatever stands in a cfg ends in a network or in an error: never in a trap, which would end this
/// process and the test with it.
struct FuzzTests {
  private static let numbers = [
    "0", "-1", "1", "2", "3", "7", "255", "1024", "32767", "32768", "65536", "1000000",
    "2147483647", "2147483648", "-2147483648", "4294967296", "9223372036854775807",
    "-9223372036854775808", "99999999999999999999999", "-99999999999999999999999", "1e9", "1e999",
    "-1e999", "nan", "0.5", "-0.0", "", "x", "#", ",", "1,2,3", "-1,-1,-1,-1", "5\u{301}",
  ]

  private func mutated(_ text: String, _ random: inout SplitMix64) -> [UInt8] {
    var lines = text.split(separator: "\n").map(String.init)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      guard !lines.isEmpty else { break }
      let at = Int.random(in: lines.indices, using: &random)
      switch Int.random(in: 0..<8, using: &random) {
      case 0: lines.remove(at: at)
      case 1: lines.insert(lines[at], at: Int.random(in: lines.indices, using: &random))
      case 2: lines.swapAt(at, Int.random(in: lines.indices, using: &random))
      default:
        guard let key = lines[at].split(separator: "=").first, lines[at].contains("=") else {
          break
        }
        lines[at] = "\(key)=\(Self.numbers.randomElement(using: &random) ?? "")"
      }
    }
    var bytes = Array(lines.joined(separator: "\n").utf8)
    if Int.random(in: 0..<10, using: &random) == 0, !bytes.isEmpty {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(
        in: 0...255, using: &random)
    }
    return bytes
  }

  /// What a caller does with a cfg without weights.
  private func use(_ bytes: [UInt8], _ dialect: Dialect) throws(ModelFileError) {
    let network = try Network(
      try ConfigFile(path: "fuzz.cfg", bytes: bytes, dialect: dialect), dialect: dialect)
    for layer in network.layers {
      _ = (layer.output.extents, layer.layer.summary, layer.arrays.map(\.shape.elementCount))
    }
    let plan = WeightsPlan(network)
    let layout = WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: 0))
    _ = layout.byteCount
    let graph = try network.graph(layout: layout)
    for node in graph.nodes {
      let inputs = node.inputs.map { graph.nodes[$0].shape }
      _ = node.operation.multiplyAdds(inputs: inputs, output: node.shape)
    }
    _ = graph.reachable
  }

  @Test(arguments: 0..<4) func mutations(part: UInt64) {
    var random = SplitMix64(seed: part)
    var outcomes: [String: Int] = [:]
    for _ in 0..<5_000 {
      guard let seed = Self.seeds.randomElement(using: &random) else { return }
      let bytes = mutated(seed, &random)
      let dialect = Dialect.allCases.randomElement(using: &random) ?? .alexeyab
      do {
        try use(bytes, dialect)
        outcomes["network", default: 0] += 1
      } catch {
        outcomes[error.kind.rawValue, default: 0] += 1
        #expect(error.kind != .internalFault, "\(String(decoding: bytes, as: UTF8.self))")
        #expect(error.file == "fuzz.cfg", "\(error)")
      }
    }
    // Mutations that only ever fail, or never, would try little.
    #expect(outcomes["network", default: 0] > 100, "\(outcomes)")
    #expect(outcomes["damaged", default: 0] > 100, "\(outcomes)")
  }

  /// The seeds themselves are sound in the dialect that they are written for.
  @Test(arguments: [(0, Dialect.alexeyab), (1, .alexeyab), (2, .pjreddie)])
  func seedsAreSound(index: Int, dialect: Dialect) throws {
    try use(Array(Self.seeds[index].utf8), dialect)
  }

  /// The largest number in the place of every number, one at a time.
  @Test(arguments: Dialect.allCases) func everyNumberHuge(dialect: Dialect) {
    for seed in Self.seeds {
      let lines = seed.split(separator: "\n").map(String.init)
      for at in lines.indices {
        guard let key = lines[at].split(separator: "=").first, lines[at].contains("=") else {
          continue
        }
        for number in Self.numbers {
          var changed = lines
          changed[at] = "\(key)=\(number)"
          do {
            try use(Array(changed.joined(separator: "\n").utf8), dialect)
          } catch {
            #expect(error.kind != .internalFault, "\(key)=\(number)")
          }
        }
      }
    }
  }

  /// Files of any length are explained, whatever the cfg.
  @Test func misfitsOfAnyLength() throws {
    let folder = try TemporaryFolder()
    var random = SplitMix64(seed: 3)
    var tried = 0
    for round in 0..<300 {
      guard let seed = Self.seeds.randomElement(using: &random) else { return }
      let config = try? ConfigFile(
        path: "fuzz.cfg", bytes: mutated(seed, &random), dialect: .alexeyab)
      guard let config, let network = try? Network(config, dialect: .alexeyab) else { continue }
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let path = try folder.write("\(round)", bytes)
      let file = try WeightsFile(path: path, network: network)
      #expect(try SizeMismatch(file).error().file == path)
      tried += 1
    }
    #expect(tried > 20)
  }

  /// As many sections as are allowed take neither long nor much memory, and neither does what refers to
  /// what refers to what ….
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      "[dropout]\n", "[route]\nlayers=-1\n", "[shortcut]\nfrom=-1\n", "[sam]\nfrom=-1\n",
      "[yolo]\nmask=0\nnum=1024\nclasses=0\n", "[convolutional]\nfilters=5\nshare_index=-1\n",
    ])
  func manySections(section: String) throws {
    let count = section.contains("yolo") ? 1000 : 40_000
    let text = "[conv]\nfilters=5\n[conv]\nfilters=5\n"
    let network = try layers(text + String(repeating: section, count: count), input: (5, 1, 1))
    #expect(network.layers.count == count + 2)
    guard !section.contains("yolo") else { return }
    let layout = WeightsLayout(plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0))
    #expect(try network.graph(layout: layout).nodes.count >= 2)
  }
}
