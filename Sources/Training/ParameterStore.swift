import FileSupport
import Inference
import ModelGraph

/// An array that is trained, with darknet's buffer beside it.
struct ParameterSlot: Sendable {
  /// Its name in the graph.
  let name: String
  /// Its name in the layer.
  let array: String
  /// What it is for.
  let role: ParameterRole
  /// The layer that it belongs to.
  let layer: Int
  /// Its numbers.
  var values: [Double]
  /// darknet's `*_updates`: the sum of δ times input, the momentum's remainder included.
  var updates: [Double]
  /// Adam's running mean.
  var means: [Double] = []
  /// Adam's running mean of squares.
  var squares: [Double] = []

  /// Whether gradients reach it: running statistics are only followed.
  var isLearned: Bool { role != .rollingMean && role != .rollingVariance }
}

/// All arrays of a network in training, by name. One thread at a time uses it.
final class ParameterStore {
  private(set) var slots: [ParameterSlot] = []
  private var positions: [String: Int] = [:]
  /// Grows with every change but those of running statistics and of update buffers.
  private(set) var version = 0
  /// Whether passes follow running statistics; a check of gradients leaves them alone.
  var followsStatistics = true

  /// Loads the arrays of a graph, or makes up fresh ones if it has no numbers at all.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if numbers are missing.
  init(_ graph: Graph, seed: UInt64) throws(ModelFileError) {
    let loader = ParameterLoader()
    let isNew = graph.parameters.allSatisfy { $0.source == nil }
    for node in graph.nodes {
      for parameter in node.operation.parameters where positions[parameter.name] == nil {
        let values: [Double]
        do {
          values =
            isNew
            ? ParameterSlot.fresh(parameter, seed: seed, number: slots.count)
            : try loader.values(of: parameter).map(Double.init)
        } catch {
          throw node.layer.map { error.at($0.place) } ?? error
        }
        positions[parameter.name] = slots.count
        slots.append(
          ParameterSlot(
            name: parameter.name, array: parameter.array, role: parameter.role,
            layer: node.layer?.index ?? 0, values: values,
            updates: [Double](repeating: 0, count: values.count)))
      }
    }
  }

  /// The numbers of a parameter in the C order of its shape.
  func values(of parameter: Parameter) -> [Double] {
    positions[parameter.name].map { slots[$0].values } ?? []
  }

  /// The numbers of a parameter that may be missing.
  func values(of parameter: Parameter?) -> [Double]? {
    parameter.map { values(of: $0) }
  }

  /// Adds to the update buffer of a parameter.
  func accumulate(_ gradient: [Double], for parameter: Parameter?) {
    guard let parameter else { return }
    withUpdates(of: parameter) { updates in
      for i in gradient.indices { updates[i] += gradient[i] }
    }
  }

  /// Changes the update buffer of a parameter in place.
  func withUpdates(of parameter: Parameter, _ body: (inout [Double]) -> Void) {
    guard let position = positions[parameter.name] else { return }
    body(&slots[position].updates)
  }

  /// Moves running statistics: `running ← retention · running + (1 − retention) · batch`, in float32.
  private func follow(_ batch: [Double], with parameter: Parameter, retention: Double) {
    guard followsStatistics, let position = positions[parameter.name] else { return }
    for i in batch.indices {
      let old = slots[position].values[i]
      slots[position].values[i] = Double(Float(retention * old + (1 - retention) * batch[i]))
    }
  }

  /// Moves the running statistics of a normalization towards those of a batch.
  func follow(_ batch: BatchStatistics, of operation: BatchNormalization, _ rule: NormalizationRule)
  {
    follow(batch.mean, with: operation.mean, retention: rule.retention)
    follow(batch.variance, with: operation.variance, retention: rule.retention)
  }

  /// Changes every array.
  func forEach(_ body: (inout ParameterSlot) -> Void) {
    version += 1
    for position in slots.indices { body(&slots[position]) }
  }

  /// Changes the array at a position.
  func with(_ position: Int, _ body: (inout ParameterSlot) -> Void) {
    version += 1
    body(&slots[position])
  }

  /// Where the array of a parameter stands in ``slots``.
  func position(of parameter: Parameter) -> Int? { positions[parameter.name] }

  /// The array of a name.
  subscript(name: String) -> ParameterSlot? {
    positions[name].map { slots[$0] }
  }
}
