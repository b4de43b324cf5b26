import FileSupport
import Inference
import ModelGraph

/// Made-up values for both sides of a layer.
struct SyntheticSources {
  /// For the reference's segment, in its order.
  let reference: [Tensor]
  /// For the candidate's.
  let candidate: [Tensor]

  /// - Parameters:
  ///   - layer: the layer, whose sides take the same.
  ///   - graph: the reference's segment.
  ///   - known: what the model itself has at the layer's sources, or `nil` for values of size 1.
  ///   - gain: how much larger the made-up values are.
  ///   - seed: what they depend on.
  ///   - forward: the pairs.
  init(
    _ layer: ForwardPairs.Layer, _ graph: Graph,
    _ known: [(source: ForwardPairs.Source, value: Tensor)], gain: Float, seed: UInt64,
    _ forward: ForwardPairs
  ) {
    let rows = graph.lookedUpRows
    var made: [ForwardPairs.Source: Tensor] = [:]
    for (source, value) in known where made[source] == nil {
      let node = forward.referenceNode(of: source)
      let port = layer.referenceSources.firstIndex(of: source).map { graph.inputs[$0].node }
      var synthetic = SyntheticValues(seed: seed, for: node)
      made[source] = synthetic.tensor(
        value.shape, like: SyntheticValues.Profile(value.values), rows: port.flatMap { rows[$0] },
        gain: gain)
    }
    reference = layer.referenceSources.compactMap { source in
      made[source].map { forward.referenceValue($0, at: source) }
    }
    candidate = layer.sources.compactMap { source in
      made[source].map { forward.candidateValue($0, at: source) }
    }
  }
}
