import FileSupport
import Inference
import ModelGraph
import Testing

@testable import Training

/// Training with oneDNN against training in double precision, on random networks.
@Suite(.enabled(if: OneDNNLibrary.fault == nil))
struct EngineTests {
  private static let networks = (1...60).map { RandomNetwork(seed: UInt64($0)) }

  /// The gradients of one mini-batch.
  @Test(arguments: networks)
  func gradientsAgree(_ random: RandomNetwork) throws {
    let shop = try Workshop(random.text)
    let (found, wanted) = (try shop.pass(.onednn), try shop.pass(.reference))
    #expect(found.network.fused.layers.count == shop.products)
    #expect(wanted.network.fused.layers.isEmpty)
    let slots = zip(found.network.parameters.slots, wanted.network.parameters.slots)
    let largest = slots.reduce(0) { $1.1.updates.reduce($0) { max($0, abs($1)) } }
    #expect(largest > 0)
    let tolerance = random.tolerance(products: shop.products) * wanted.amplification
    for (a, b) in slots where a.isLearned {
      let gap = Self.gap(a.updates, b.updates) / largest
      #expect(gap <= tolerance, "\(a.name): \(gap), not \(tolerance)")
    }
    #expect(abs(found.cost - wanted.cost) <= tolerance * (1 + abs(wanted.cost)))
  }

  private static func gap<Number: BinaryFloatingPoint>(_ a: [Number], _ b: [Number]) -> Double {
    zip(a, b).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
  }

  @Test(arguments: networks.prefix(20))
  func threadsChangeNoBit(_ random: RandomNetwork) throws {
    let shop = try Workshop(random.text)
    let one = try shop.arrays(after: 2, of: shop.trainer(rows: 7))
    for threads in [2, 3, 8] {
      let more = try shop.arrays(after: 2, of: shop.trainer(rows: 7, threads: threads))
      #expect(one == more)
    }
  }

  @Test(arguments: networks.prefix(20))
  func stepsAgree(_ random: RandomNetwork) throws {
    let shop = try Workshop(random.text)
    let found = try shop.arrays(after: 3, of: shop.trainer(rows: 7))
    let wanted = try shop.arrays(after: 3, of: shop.trainer(rows: 7, engine: .reference))
    let amplification = try shop.pass(.reference).amplification
    let tolerance = 3 * random.tolerance(products: shop.products) * amplification
    for (name, values) in wanted {
      let gap = Self.gap(try #require(found[name]), values)
      let scale = 1 + values.reduce(0) { max($0, abs(Double($1))) }
      #expect(gap <= tolerance * scale, "\(name): \(gap / scale), not \(tolerance)")
    }
  }

  /// Values that nobody may overlook are not taken into a layer: a loss's, what others refer to, and σ in front of
  /// a dropout.
  @Test func onlyWhatNobodySeesIsFused() throws {
    let head = "[net]\nbatch=2\nwidth=4\nheight=4\nchannels=2\n"
    let layer = "[convolutional]\nbatch_normalize=1\nfilters=3\nactivation=leaky\n"
    let pool = "[maxpool]\nsize=2\nstride=2\n"
    for (rest, wanted) in [
      (pool + "[cost]", [4]), ("[dropout]\n" + pool + "[cost]", [2]),
      (pool + "[route]\nlayers=-2\n[cost]", [3]),
      ("stopbackward=1\n" + pool + "[cost]", [3]),
    ] {
      let shop = try Workshop(head + layer + rest)
      let network = try TrainedNetwork(shop.plan, engine: .onednn, threads: 1, seed: 1)
      #expect(network.fused.layers.values.map(\.nodes.nodes.count) == wanted, "\(rest)")
    }
  }

  @Test func whatIsNoNumberIsFoundBehindAPooling() throws {
    let shop = try Workshop(
      """
      [net]
      batch=2
      width=4
      height=4
      channels=2
      learning_rate=1e36
      [convolutional]
      batch_normalize=1
      filters=3
      activation=leaky
      [maxpool]
      size=2
      stride=2
      [cost]
      """)
    let trainer = try shop.trainer(rows: 2)
    let error = #expect(throws: ModelFileError.self) {
      for _ in 0..<4 { _ = try trainer.step() }
    }
    #expect(error?.kind == .damaged)
    #expect(error?.places.contains(.layer(index: 0, type: "convolutional")) == true)
  }
}

extension Workshop {
  /// Nodes that sum products.
  fileprivate var products: Int {
    plan.graph.nodes.count { $0.operation is any FusedProduct }
  }

  /// The network after one pass and its way back, the cost, and how much larger the numbers of a channel are than what
  /// they differ by where they are normalized: so much a rounding error grows there.
  fileprivate func pass(
    _ engine: TrainingEngine
  ) throws -> (network: TrainedNetwork, cost: Double, amplification: Double) {
    let network = try TrainedNetwork(plan, engine: engine, threads: 1, seed: 5)
    let count = plan.options.miniBatch
    let (x, y) = try data(rows: count).rows(Array(0..<count))
    let pass = try network.forward(x: x, y: y, seen: count, number: 0)
    try network.backward(pass)
    var amplification = 1.0
    for node in plan.graph.nodes where node.operation is BatchNormalization {
      let value = pass.sources[node.id].first.map { pass.values[$0] }
      guard engine == .reference, let value else { continue }
      let statistics = try BatchStatistics(of: value, plan.normalization(of: node))
      for (mean, variance) in zip(statistics.mean, statistics.variance) {
        amplification = max(amplification, 1 + abs(mean) / (variance + 1e-6).squareRoot())
      }
    }
    return (network, pass.cost, amplification)
  }
}

/// A cfg of layers that oneDNN computes and others between them.
struct RandomNetwork: Sendable, CustomTestStringConvertible {
  let seed: UInt64
  let text: String
  /// The terms of the longest sum in it.
  private let summands: Int

  var testDescription: String { "network \(seed)" }

  /// What a gradient may differ by, relative to the largest: it has come through a sum of at most *n* terms in each
  /// layer, forward and back, and is one itself; each is off by up to `½ ε √n`, and together they are by the root of the
  /// sum of squares (`spec/tolerances.md`).
  func tolerance(products: Int) -> Double {
    0.5 * 0x1p-23 * (Double(summands) * Double(2 * products + 1)).squareRoot()
  }

  init(seed: UInt64) {
    var chance = SplitMix64(mixing: seed, 0xE)
    func one<T>(_ of: T...) -> T { of[Int(chance.next() % UInt64(of.count))] }
    let (batch, parts) = (one(3, 4, 5), one(1, 1, 2))
    let (width, height, channels) = (one(9, 12, 17), one(8, 11, 16), one(2, 3, 16, 20))
    var lines = [
      "[net]", "batch=\(batch * parts)", "subdivisions=\(parts)", "width=\(width)",
      "height=\(height)", "channels=\(channels)", "learning_rate=0.01", "momentum=0.9",
      "decay=0.0005",
    ]
    var (inputs, largest, rows, columns) = (channels, channels, height, width)
    for _ in 0..<one(1, 2, 3) {
      let groups = one(1, 1, 1, 2, inputs)
      let isGrouped = groups > 1 && inputs % groups == 0
      let filters = isGrouped ? one(1, 2) * inputs : one(5, 16, 24, 32)
      let (size, stride) = (one(1, 3, 3, 5), one(1, 1, 2))
      let pad = min(rows, columns) < size ? 1 : one(0, 1, 1, 1)
      func places(_ extent: Int) -> Int { (extent + 2 * pad * (size / 2) - size) / stride + 1 }
      (rows, columns) = (places(rows), places(columns))
      lines += [
        "[convolutional]", "filters=\(filters)", "size=\(size)", "stride=\(stride)",
        "pad=\(pad)", "batch_normalize=\(one(0, 1, 1))",
        "groups=\(isGrouped ? groups : 1)",
        "activation=\(one("linear", "leaky", "leaky", "relu", "relu6", "mish", "logistic"))",
      ]
      inputs = filters
      largest = max(largest, filters)
      let (pool, step) = one((0, 1), (0, 1), (0, 1), (2, 2), (2, 1), (3, 2))
      if pool > 0 {
        lines += ["[maxpool]", "size=\(pool)", "stride=\(step)"]
        (rows, columns) = ((rows - 1) / step + 1, (columns - 1) / step + 1)
      } else {
        lines += one(
          [], ["[dropout]", "probability=.2"], ["[shortcut]", "from=-1", "activation=leaky"])
      }
    }
    if one(true, false) {
      lines += ["[avgpool]"]
    }
    for _ in 0..<one(0, 1, 2) {
      lines += [
        "[connected]", "output=\(one(7, 16, 33))", "batch_normalize=\(one(0, 1))",
        "activation=\(one("linear", "leaky", "tanh"))",
      ]
    }
    lines += one(["[cost]"], ["[softmax]"])
    self.seed = seed
    text = lines.joined(separator: "\n")
    summands = max(25 * largest, batch * width * height)
  }
}
