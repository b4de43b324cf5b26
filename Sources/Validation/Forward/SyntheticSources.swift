import FileSupport
import Inference
import ModelGraph

/// Made-up values for both sides of a layer.
struct SyntheticSources {
  /// For the reference's segment, in its order.
  let reference: [Tensor]
  /// For the candidate's.
  let candidate: [Tensor]

  /// What the model itself has at a source.
  typealias Known = (
    source: ForwardPairs.Source, shape: Shape, profile: SyntheticValues.Profile
  )

  /// - Parameters:
  ///   - layer: the layer, whose sides take the same.
  ///   - graph: the reference's segment.
  ///   - known: what the model itself has at the layer's sources.
  ///   - gain: how much larger the made-up values are.
  ///   - seed: what they depend on.
  ///   - forward: the pairs.
  init(
    _ layer: ForwardPairs.Layer, _ graph: Graph,
    _ known: [Known], gain: Float, seed: UInt64,
    _ forward: ForwardPairs
  ) {
    let rows = graph.lookedUpRows
    var made: [ForwardPairs.Source: Tensor] = [:]
    for (source, shape, profile) in known where made[source] == nil {
      let node = forward.referenceNode(of: source)
      let port = layer.referenceSources.firstIndex(of: source).map { graph.inputs[$0].node }
      var synthetic = SyntheticValues(seed: seed, for: node)
      made[source] = synthetic.tensor(
        shape, like: profile, within: forward.range(of: source), rows: port.flatMap { rows[$0] },
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
