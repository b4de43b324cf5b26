import FileSupport
import Inference
import ModelGraph

/// The values that two models are held against each other by, and what lies between them on either side.
struct ForwardPairs {
  /// A value on both sides.
  struct Pair {
    let name: String
    let reference: ComparedModel.Value
    let candidate: ComparedModel.Value
  }

  /// Where a value comes from that a segment of the candidate takes.
  enum Source: Hashable {
    /// From outside: the position of the input.
    case input(Int)
    /// From the pair at this position, whose reference has the same.
    case pair(Int)
  }

  /// How both sides compute a value of the candidate.
  struct Layer {
    let reference: Segment
    let candidate: Segment
    /// What the candidate's segment takes, in its order.
    let sources: [Source]
    /// The same for the reference's segment, of what the candidate's takes too.
    let referenceSources: [Source]
    /// Whether both take the same, so that anything can be put in its place.
    let isClosed: Bool
    /// The pairs with this value of the candidate.
    let positions: [Int]
  }

  let reference: ComparedModel
  let candidate: ComparedModel
  /// Layers first, then outputs.
  let pairs: [Pair]
  let layerCount: Int
  private let referenceRanges: [ValueRange]
  private let candidateRanges: [ValueRange]
  /// By the candidate's node.
  private(set) var layers: [Int: Layer] = [:]
  /// What computes the reference's side of the pairs, by its node.
  private(set) var references: [Int: Segment] = [:]

  init(_ reference: ComparedModel, _ candidate: ComparedModel, _ pairing: ModelPairing) {
    self.reference = reference
    self.candidate = candidate
    let layers: [Pair] = pairing.layers.compactMap { a, b in
      guard let x = a.value, let y = b.value else { return nil }
      return Pair(name: a.name, reference: x, candidate: y)
    }
    // What a head makes has no counterpart in Keras's layers.
    let hasHeads = (reference.keras == nil) == (candidate.keras == nil)
    let outputs = zip(reference.outputs, candidate.outputs).map { a, b in
      hasHeads
        ? Pair(name: a.name, reference: a.value, candidate: b.value)
        : Pair(name: a.name, reference: a.tensor, candidate: b.tensor)
    }
    // Outputs depend on all layers, also on those that are missing.
    pairs = layers + (pairing.firstMissing == nil ? outputs : [])
    layerCount = layers.count
    referenceRanges = reference.graph.valueRanges
    candidateRanges = candidate.graph.valueRanges
    findSegments()
  }

  private mutating func findSegments() {
    // What is known of a value inside of a fold is of other samples than the model's.
    let known = pairs.indices.filter { position in
      let a = reference.graph.nodes[pairs[position].reference.node]
      let b = candidate.graph.nodes[pairs[position].candidate.node]
      return a.samples == 1 && b.samples == 1
        && a.shape.elementCount.clampedProduct(candidate.steps)
          == b.shape.elementCount.clampedProduct(reference.steps)
    }
    let byCandidate = Dictionary(grouping: known) { pairs[$0].candidate.node }
    let referenceKnown = Set(known.map { pairs[$0].reference.node })
    for pair in pairs where references[pair.reference.node] == nil {
      references[pair.reference.node] = Segment(
        of: reference.graph, to: pair.reference.node, from: referenceKnown)
    }
    for (node, positions) in Dictionary(grouping: pairs.indices, by: { pairs[$0].candidate.node }) {
      guard let first = references[pairs[positions[0]].reference.node] else { continue }
      let second = Segment(of: candidate.graph, to: node, from: Set(byCandidate.keys))
      let taken = Set(first.sources)
      let sources = second.sources.map { source -> Source in
        let found = byCandidate[source] ?? []
        if let position = found.first(where: { taken.contains(pairs[$0].reference.node) })
          ?? found.last
        {
          return .pair(position)
        }
        return .input(candidate.graph.inputs.firstIndex { $0.node == source } ?? 0)
      }
      let byNode = Dictionary(
        sources.map { (referenceNode(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
      layers[node] = Layer(
        reference: first, candidate: second, sources: sources,
        referenceSources: first.sources.compactMap { byNode[$0] },
        isClosed: byNode.count == sources.count && Set(byNode.keys) == taken, positions: positions)
    }
  }

  /// The most numbers that are kept at one time, for a single sample: at most both sides' values of all layers that are
  /// still read, and what the layer at work takes and gives.
  var peakElements: Int {
    let graph = reference.graph
    let nodes = pairs.map(\.reference.node)
    var lastReader: [Int: Int] = [:]
    for (position, node) in nodes.enumerated() {
      for source in references[node]?.sources ?? [] { lastReader[source] = position }
      lastReader[node] = max(lastReader[node] ?? 0, position)
    }
    let leaving = Dictionary(grouping: lastReader.keys) { lastReader[$0] ?? 0 }
    var isAlive: Set<Int> = []
    var alive = 0
    var peak = 0
    for (position, node) in nodes.enumerated() {
      for id in [node] + (references[node]?.sources ?? []) where isAlive.insert(id).inserted {
        alive = alive.clampedSum(graph.nodes[id].shape.elementCount.clampedProduct(2))
      }
      peak = max(peak, alive)
      for id in leaving[position] ?? [] where isAlive.remove(id) != nil {
        alive -= graph.nodes[id].shape.elementCount.clampedProduct(2)
      }
    }
    return peak
  }

  /// The reference's node that has what a segment of the candidate takes.
  func referenceNode(of source: Source) -> Int {
    switch source {
    case .input(let port): reference.graph.inputs[port].node
    case .pair(let position): pairs[position].reference.node
    }
  }

  /// What either model keeps to at a source, whatever it is given: behind a rectifier another value would be none that the
  /// layers after it can ever get, and they may rely on it.
  func range(of source: Source) -> ValueRange {
    guard case .pair(let position) = source else { return .any }
    return referenceRanges[pairs[position].reference.node]
      .intersection(candidateRanges[pairs[position].candidate.node])
  }

  // MARK: Values

  /// What the reference has at a source, of what stands for it in the reference's order: an array that the model is
  /// given, or a value of its node.
  func referenceValue(_ value: Tensor, at source: Source) -> Tensor {
    switch source {
    case .input(let port): reference.taking(value, at: port, from: reference.layout)
    case .pair: value
    }
  }

  /// The same for the candidate.
  func candidateValue(_ value: Tensor, at source: Source) -> Tensor {
    switch source {
    case .input(let port): return candidate.taking(value, at: port, from: reference.layout)
    case .pair(let position):
      let pair = pairs[position]
      return candidate.own(
        reference.shared(value, by: pair.reference.view),
        as: candidate.graph.nodes[pair.candidate.node].shape, by: pair.candidate.view)
    }
  }

  /// Numbers of a pair in the order that both sides share.
  func shared(_ position: Int, reference value: Tensor) -> [Float] {
    reference.shared(value, by: pairs[position].reference.view)
  }

  /// Numbers of a pair in the order that both sides share.
  func shared(_ position: Int, candidate value: Tensor) -> [Float] {
    candidate.shared(value, by: pairs[position].candidate.view)
  }
}
