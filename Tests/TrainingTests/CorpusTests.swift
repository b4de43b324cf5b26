import Darknet
import FileSupport
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

@testable import Training

/// Trains every recorded case of the corpus and compares weights, costs and update buffers.
@Suite(.enabled(if: Corpus.folder != nil), .serialized)
struct CorpusTests {
  @Test(arguments: Corpus.cases("train", with: "train.json"), TrainingEngine.allCases)
  func fiveSteps(_ path: String, _ engine: TrainingEngine) throws {
    let recording = try Recording(path, engine)
    for step in 1...5 {
      let done = try recording.trainer.step()
      let wanted = recording.steps[step - 1]
      #expect(abs(done.loss - wanted.loss) <= 5e-6 * (1 + abs(wanted.loss)))
      #expect(abs(done.rate - wanted.rate) <= 1e-6 * (1 + wanted.rate))
      let error = try scaledError(recording.weights(), recording.recordedWeights(step))
      #expect(error <= 2e-6, "step \(step): off by \(error)")
    }
  }

  /// The buffers right before the first update: the gradients themselves.
  @Test(arguments: Corpus.cases("train", with: "train.json"), TrainingEngine.allCases)
  func updateBuffers(_ path: String, _ engine: TrainingEngine) throws {
    let recording = try Recording(path, engine)
    let archive = try StoredArchive("\(path)/step1/tensors.npz")
    let network = try recording.gradients()
    var compared = 0
    for slot in network.parameters.slots where slot.isLearned {
      let array = slot.name.split(separator: ".").dropFirst().joined(separator: ".")
      let index = String(slot.layer)
      let name = "grad_\(String(repeating: "0", count: 3 - index.count))\(index)_\(array).npy"
      guard let recorded = try archive.numbers(name) else { continue }
      let error = scaledError(slot.updates, recorded)
      #expect(error <= recording.tolerance(ofLayer: slot.layer), "\(slot.name): off by \(error)")
      compared += 1
    }
    #expect(compared > 0)
  }

  /// What a fork's CPU code trains wrongly comes out otherwise, but for what is kept
  /// (`spec/darknet-bugs.md`).
  @Test(
    arguments: Corpus.cases("reference-bugs/train", with: "train.json"), TrainingEngine.allCases)
  func referenceBugs(_ path: String, _ engine: TrainingEngine) throws {
    let kept = ["conv_bn_", "conv_batchnorm_layer_ab", "conv_se_scale_channels_ab"]
    let recording = try Recording(path, engine)
    for _ in 1...5 { _ = try recording.trainer.step() }
    let error = try scaledError(recording.weights(), recording.recordedWeights(5))
    #expect((error <= 2e-6) == kept.contains { path.contains("/\($0)") }, "off by \(error)")
  }
}

/// A recorded run, and ours from the same start.
struct Recording {
  let steps: [(loss: Double, rate: Double)]
  let trainer: Trainer
  private let path: String
  private let network: Network
  private let plan: TrainingPlan
  private let data: TrainingData
  private var settings = TrainerSettings()

  init(_ path: String, _ engine: TrainingEngine) throws {
    self.path = path
    settings.engine = engine
    let dialect: Dialect = path.hasSuffix("_pj") ? .pjreddie : .alexeyab
    network = try Network(contentsOf: "\(path)/model.cfg", dialect: dialect)
    let weights = try WeightsFile(path: "\(path)/initial.weights", network: network)
    plan = try network.trainingPlan(layout: weights.layout) { weights.source($0) }
    func array(_ name: String) throws -> Tensor {
      let file = try NpyFile(path: "\(path)/\(name)")
      return Tensor(shape: Shape(file.shape), values: try file.floats())
    }
    data = try TrainingData(x: array("x.npy"), y: array("y.npy"), for: plan)
    trainer = try Trainer(
      plan, data: data, seen: weights.header.seen, settings: settings)
    let text = try Data(contentsOf: URL(fileURLWithPath: "\(path)/train.json"))
    let document = try JSONSerialization.jsonObject(with: text) as? [String: Any]
    let list = document?["steps"] as? [[String: Any]] ?? []
    steps = list.map { ($0["avg_loss"] as? Double ?? .nan, $0["rate"] as? Double ?? .nan) }
  }

  /// What a gradient of a layer may differ by: it is a sum over all samples and cells, which darknet adds
  /// up in float32, so that it is off by about `2 · ε · √n` (`spec/tolerances.md`).
  func tolerance(ofLayer index: Int) -> Double {
    let output = network.layers[index].output
    let cells = max(output.height * output.width, 1)
    let terms = plan.options.miniBatch * plan.options.subdivisions * cells
    // oneDNN's are off likewise.
    let inFloat = settings.engine == .onednn ? 2.0 : 1
    return max(2e-6, inFloat * 2 * 0x1p-23 * Double(terms).squareRoot())
  }

  /// All arrays in file order.
  func weights() throws -> [Double] {
    try WeightsPlan(network).entries.flatMap { entry in
      try #require(trainer.values(of: network.name(of: entry))).map(Double.init)
    }
  }

  func recordedWeights(_ step: Int) throws -> [Double] {
    let file = try WeightsFile(path: "\(path)/step\(step)/model.weights", network: network)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file.file.path))
    return bytes.dropFirst(file.header.byteCount).doubles
  }

  /// The network after the passes of the first step, before its update.
  func gradients() throws -> TrainedNetwork {
    let trained = try TrainedNetwork(
      plan, engine: settings.engine, threads: 1, seed: 1)
    let options = plan.options
    for part in 0..<options.subdivisions {
      let rows = (0..<options.miniBatch).map { (part * options.miniBatch + $0) % data.count }
      let (x, y) = data.rows(rows)
      let pass = try trained.forward(
        x: x, y: y, seen: (part + 1) * options.miniBatch, number: part)
      try trained.backward(pass)
    }
    return trained
  }
}

extension Data {
  /// float32, little endian.
  fileprivate var doubles: [Double] {
    let bytes = [UInt8](self)
    return stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
      return Double(Float(bitPattern: bits))
    }
  }
}

/// A zip archive whose files are stored as they are, which is what `numpy.savez` writes.
struct StoredArchive {
  private let bytes: [UInt8]
  private var places: [String: Int] = [:]

  init(_ path: String) throws {
    bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let end = bytes.count - 22
    var at = number(end + 16, 4)
    for _ in 0..<number(end + 10, 2) {
      let length = number(at + 28, 2)
      let name = String(decoding: bytes[(at + 46)..<(at + 46 + length)], as: UTF8.self)
      places[name] = number(at + 42, 4)
      at += 46 + length + number(at + 30, 2) + number(at + 32, 2)
    }
  }

  private func number(_ at: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
  }

  /// The numbers of a member; `nil` if there is none of that name.
  func numbers(_ name: String) throws -> [Double]? {
    guard let place = places[name] else { return nil }
    let start = place + 30 + number(place + 26, 2) + number(place + 28, 2)
    let header = start + 10 + number(start + 8, 2)
    let text = String(decoding: bytes[start..<header], as: UTF8.self)
    let shape = text.split(separator: "(")[1].split(separator: ")")[0]
    let count = shape.split(separator: ",")
      .compactMap { Int($0.filter { $0 != " " }) }.reduce(1, *)
    return Data(bytes[header..<(header + 4 * count)]).doubles
  }
}
