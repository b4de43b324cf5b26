import Conversion
import Darknet
import FileSupport
import Inference
import Keras
import ModelGraph
import Synchronization

/// A model file of any format, ready to compute what the model makes of inputs.
///
/// The computation is planned once and can be run any number of times, by several threads at the same time. The graph of
/// a Keras model that leaves extents open depends on its inputs: it is planned for each set of shapes when that first
/// comes, and the plans of the last few are kept.
///
/// Numbers may be read from the file at any time, so it has to stay as it is.
public final class Predictor: Sendable {
  /// What the model takes.
  public struct ModelInput: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// The shape of a sample, without the batch axis; an open extent is `nil`, and so is a shape of which nothing is told.
    public let shape: [Int?]?
  }

  /// A graph that was prepared.
  private struct Plan: Sendable {
    /// The shapes of a sample of each input, for Keras models.
    let samples: [Shape]
    /// Numbers of samples for which the model is known to be computed as by Keras.
    var batches: Set<Int>
    let session: any EngineSession
    let outputs: [Int]
  }

  private enum Model: Sendable {
    case planned(Plan)
    case keras(KerasNetwork)
  }

  /// The inputs, in the model's order.
  public let inputs: [ModelInput]
  /// What is odd about the files.
  public let warnings: [ModelWarning]

  private static let planLimit = 4
  private let path: String
  private let engine: any Engine
  private let model: Model
  private let plans = Mutex<[Plan]>([])

  /// Opens a model.
  ///
  /// - Parameters:
  ///   - path: the file: darknet `.weights`, Keras `.h5`, `.weights.h5` or `.keras`, `.safetensors`.
  ///   - architecture: the cfg, or the file with the Keras model, of a file that holds numbers only; by default the one
  ///     beside it with the same stem.
  ///   - dialect: which darknet the model is read as; by default what the files say.
  ///   - engine: what computes; by default that of `StandardEngine`.
  /// - Throws: `ModelFileError`: `unreadable`, `damaged` or `usage` if the files hold no whole model, `unsupported` if it
  ///   can't be computed. What a Keras model with open extents makes of its inputs shows when they come.
  public init(
    path: String, architecture: String? = nil, dialect: Dialect? = nil,
    engine: any Engine = StandardEngine.make()
  ) throws(ModelFileError) {
    self.path = path
    self.engine = engine
    let source = ModelSource(
      model: try ModelFile(path), config: architecture.map { ArchitectureFile($0) },
      dialect: dialect)
    switch try source.model.format.computable(of: source, allowsPartial: false) {
    case .graph(let found):
      let graph = found.graph
      inputs = graph.inputs.map {
        ModelInput(name: $0.name, shape: graph.nodes[$0.node].shape.extents)
      }
      warnings = found.warnings
      model = .planned(try Self.plan(graph, engine, path))
    case .keras(let network):
      inputs = network.inputs.map { ModelInput(name: $0.name, shape: $0.shape?.extents) }
      let shapes = network.inputs.compactMap(\.shape?.known)
      model = .keras(network)
      guard shapes.count == network.inputs.count else {
        warnings = network.warnings
        return
      }
      let single = shapes.map { Shape([1] + $0.extents) }
      let found = try RunnableModel(network, inputs: single)
      warnings = found.warnings
      let plan = try Self.plan(found.graph, engine, path, samples: shapes)
      plans.withLock { $0.append(plan) }
    }
  }

  /// Computes the model's outputs.
  ///
  /// - Parameter arrays: an array for each input, in the model's order, with the batch axis in front (which may be missing
  ///   for one sample); darknet's images are `[N, C, H, W]`, Keras's as the model has them.
  /// - Returns: the outputs in the model's order, the batch axis in front: a detector's heads, or its last layer; a Keras
  ///   model's outputs.
  /// - Throws: `ModelFileError`: `usage` for another number of arrays, `damaged` if they don't fit the model or memory is
  ///   too short.
  public func predict(_ arrays: [Tensor]) throws(ModelFileError) -> [Tensor] {
    let plan = try plan(for: arrays.map(\.shape))
    var values: [Int: Tensor] = [:]
    do {
      try plan.session.run(arrays, onStep: { _, _ in }, onValue: { values[$0.id] = $1 })
    } catch {
      throw error.inFile(path)
    }
    return plan.outputs.compactMap { values[$0] }
  }

  private func plan(for arrays: [Shape]) throws(ModelFileError) -> Plan {
    switch model {
    case .planned(let plan): plan
    case .keras(let network): try plan(network, for: arrays)
    }
  }

  /// The plan of a Keras model, from those that are kept or a new one.
  private func plan(
    _ network: KerasNetwork, for arrays: [Shape]
  ) throws(ModelFileError) -> Plan {
    var whole = arrays
    if arrays.count == network.inputs.count {
      for (index, input) in network.inputs.enumerated() {
        guard let extents = input.shape?.extents else { continue }
        do {
          whole[index] = try arrays[index].input(forExtents: extents)
        } catch {
          throw error.at(.path(input.name)).inFile(path)
        }
      }
    }
    let samples = whole.map { Shape(Array($0.extents.dropFirst())) }
    let batch = whole.first?.extents.first ?? 1
    return try plans.withLock { (plans) throws(ModelFileError) in
      let position = plans.firstIndex { $0.samples == samples }
      if let position, plans[position].batches.contains(batch) {
        let plan = plans.remove(at: position)
        plans.append(plan)
        return plan
      }
      // Some models are refused for some numbers of samples only.
      let found = try RunnableModel(network, inputs: whole)
      var plan =
        if let position { plans.remove(at: position) } else {
          try Self.plan(found.graph, engine, path, samples: samples, batches: [])
        }
      plan.batches.insert(batch)
      plans.append(plan)
      if plans.count > Self.planLimit { plans.removeFirst() }
      return plan
    }
  }

  private static func plan(
    _ graph: Graph, _ engine: any Engine, _ path: String, samples: [Shape] = [],
    batches: Set<Int> = [1]
  ) throws(ModelFileError) -> Plan {
    let outputs = graph.outputs.map(\.node)
    do {
      let session: any EngineSession = try engine.prepare(graph, wanting: Set(outputs))
      return Plan(samples: samples, batches: batches, session: session, outputs: outputs)
    } catch {
      throw error.inFile(path)
    }
  }
}
