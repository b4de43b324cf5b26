import FileSupport
import Inference
import ModelGraph

/// Computes two models side by side, layer by layer: the reference from its inputs, and each layer of the candidate
/// from what the *reference* has before it, which tells what this layer alone does; from what the candidate itself has
/// there, which tells how differences add up; and, as the reference's layer, from made-up values.
///
/// A layer's weights are freed when it is done, a value after the last layer that takes it.
final class Lockstep {
  /// What came of a pair.
  struct Outcome {
    /// From the reference's values or from made-up ones, whichever departs more from what it may.
    var local: LayerTolerance.Verdict
    /// From the candidate's own values.
    let propagated: ValueGap
    /// Whether the tolerance is small beside some value that was computed.
    var isTelling: Bool
    /// Channels that had one number throughout, as text.
    var constantChannels: String?

    /// Takes what came of further values.
    mutating func take(_ verdict: LayerTolerance.Verdict) {
      local = local.worse(verdict)
      isTelling = isTelling || verdict.isTelling
    }
  }

  private let forward: ForwardPairs
  private let tolerances: LayerTolerance
  private let engine: any Engine
  private let seed: UInt64
  /// In the reference's layout.
  private let given: [Tensor]
  /// By the position of the pair.
  private(set) var outcomes: [Int: Outcome] = [:]

  /// The reference's values, by its node.
  private var references: [Int: Tensor] = [:]
  /// The candidate's, by its node, where they are not what the reference has.
  private var own: [Int: Tensor] = [:]
  private var evaluated: Set<Int> = []
  private var readers: Readers

  init(
    _ forward: ForwardPairs, _ tolerances: LayerTolerance, engine: any Engine, given: [Tensor],
    seed: UInt64
  ) {
    self.forward = forward
    self.tolerances = tolerances
    self.engine = engine
    self.given = given
    self.seed = seed
    readers = Readers(forward)
  }

  /// Computes all pairs.
  ///
  /// - Parameter onProgress: is told after each pair how many of how many are done.
  /// - Throws: `ModelFileError` of either file.
  func run(onProgress: ((Int, Int) -> Void)?) throws(ModelFileError) {
    for (position, pair) in forward.pairs.enumerated() {
      try evaluate(pair.candidate.node)
      onProgress?(position + 1, forward.pairs.count)
    }
  }

  // MARK: The reference

  /// A value of the reference.
  private func reference(_ node: Int) throws(ModelFileError) -> Tensor {
    if let port = forward.reference.graph.inputs.firstIndex(where: { $0.node == node }) {
      return forward.reference.taking(given[port], at: port, from: forward.reference.layout)
    }
    if let value = references[node] { return value }
    guard let segment = forward.references[node] else {
      throw ModelFileError(.internalFault, "a value that nothing is compared with is asked for")
    }
    return try compute(node, by: try prepared(segment, of: forward.reference), segment)
  }

  private func compute(
    _ node: Int, by run: SegmentRun, _ segment: Segment
  ) throws(ModelFileError) -> Tensor {
    let value = try run.value(of: try values(segment.sources))
    references[node] = value
    for source in segment.sources where readers.leave(source) { references[source] = nil }
    return value
  }

  private func values(_ nodes: [Int]) throws(ModelFileError) -> [Tensor] {
    var values: [Tensor] = []
    for node in nodes { values.append(try reference(node)) }
    return values
  }

  private func prepared(
    _ segment: Segment, of model: ComparedModel
  ) throws(ModelFileError) -> SegmentRun {
    try SegmentRun(segment, engine: engine, path: model.path)
  }

  /// What stands for a source in the reference's order.
  private func raw(_ source: ForwardPairs.Source) throws(ModelFileError) -> Tensor {
    switch source {
    case .input(let port): given[port]
    case .pair(let position): try reference(forward.pairs[position].reference.node)
    }
  }

  // MARK: Layers

  /// Computes a value of the candidate, what it takes being there first.
  private func evaluate(_ node: Int) throws(ModelFileError) {
    guard evaluated.insert(node).inserted, let layer = forward.layers[node] else { return }
    for case .pair(let position) in layer.sources {
      try evaluate(forward.pairs[position].candidate.node)
      _ = try reference(forward.pairs[position].reference.node)
    }
    let first = forward.pairs[layer.positions[0]].reference.node
    _ = try values(layer.reference.sources)
    let referenceRun = try prepared(layer.reference, of: forward.reference)
    if references[first] == nil, !layer.reference.nodes.isEmpty {
      _ = try compute(first, by: referenceRun, layer.reference)
    }
    let candidateRun = try prepared(layer.candidate, of: forward.candidate)
    try compareValues(of: layer, node, candidateRun)
    // What depends on nothing is constant.
    if !layer.sources.isEmpty {
      var activity = ChannelActivity(forward.reference.graph.layout)
      activity.note(try reference(first))
      if layer.isClosed {
        try compareSyntheticValues(of: layer, referenceRun, candidateRun, &activity)
      }
      if !activity.constant.isEmpty {
        for position in layer.positions { outcomes[position]?.constantChannels = activity.text }
      }
    }
    release(layer)
  }

  private func release(_ layer: ForwardPairs.Layer) {
    for node in readers.references(of: layer) where readers.leave(node) { references[node] = nil }
    for case .pair(let position) in layer.sources {
      let node = forward.pairs[position].candidate.node
      if readers.leaveOwn(node) { own[node] = nil }
    }
  }

  /// Compares a layer on the reference's values and on the candidate's own.
  private func compareValues(
    of layer: ForwardPairs.Layer, _ node: Int, _ run: SegmentRun
  ) throws(ModelFileError) {
    var taken: [Tensor] = []
    var ownTaken: [Tensor] = []
    var isOwn = false
    for source in layer.sources {
      taken.append(forward.candidateValue(try raw(source), at: source))
      if case .pair(let position) = source,
        let value = own[forward.pairs[position].candidate.node]
      {
        isOwn = true
        ownTaken.append(value)
      } else {
        ownTaken.append(taken[taken.count - 1])
      }
    }
    let local = try run.value(of: taken)
    let ownValue = isOwn ? try run.value(of: ownTaken) : local
    for position in layer.positions {
      let value = try reference(forward.pairs[position].reference.node)
      let expected = forward.shared(position, reference: value)
      let found = forward.shared(position, candidate: local)
      let verdict = try tolerances.verdict(
        of: layer, ValueGap(expected, found), of: try values(layer.reference.sources), taken)
      let propagated =
        isOwn
        ? ValueGap(expected, forward.shared(position, candidate: ownValue)) : verdict.gap
      outcomes[position] = Outcome(
        local: verdict, propagated: propagated, isTelling: verdict.isTelling)
      // That of the last pair is what following layers take.
      let isSame =
        propagated.absolute == 0
        && ValueGap.areSame(expected, forward.shared(position, candidate: ownValue))
      own[node] = isSame || !readers.hasOwn(node) ? nil : ownValue
    }
  }

  /// Compares a layer on values that are made up, where the model's own have one sign or leave a channel constant; on
  /// more of them, while channels have shown nothing.
  private func compareSyntheticValues(
    of layer: ForwardPairs.Layer, _ referenceRun: SegmentRun, _ candidateRun: SegmentRun,
    _ activity: inout ChannelActivity
  ) throws(ModelFileError) {
    let first = forward.pairs[layer.positions[0]].reference.node
    let positions = layer.positions.filter { forward.pairs[$0].reference.node == first }
    var sources: [SyntheticSources.Known] = []
    for source in layer.sources {
      let value = try raw(source)
      sources.append((source, value.shape, SyntheticValues.Profile(value.values)))
    }
    let areTried = sources.allSatisfy { source in
      source.profile.hasBothSigns || forward.range(of: source.source).isNeverNegative
    }
    if activity.constant.isEmpty, areTried { return }
    for (attempt, gain) in SyntheticValues.gains.enumerated() {
      if attempt > 0, activity.constant.isEmpty { break }
      let made = SyntheticSources(
        layer, referenceRun.graph, sources, gain: gain, seed: seed &+ UInt64(attempt), forward)
      // Not every operation takes any numbers.
      guard let value = try? referenceRun.value(of: made.reference),
        let other = try? candidateRun.value(of: made.candidate)
      else { break }
      activity.note(value)
      for position in positions {
        let verdict = try tolerances.verdict(
          of: layer,
          ValueGap(
            forward.shared(position, reference: value), forward.shared(position, candidate: other)),
          of: made.reference, made.candidate)
        outcomes[position]?.take(verdict)
      }
    }
  }
}

/// How many layers have still to read a value.
private struct Readers {
  private let forward: ForwardPairs
  private var ofReference: [Int: Int] = [:]
  private var ofCandidate: [Int: Int] = [:]

  init(_ forward: ForwardPairs) {
    self.forward = forward
    for segment in forward.references.values {
      for source in segment.sources { ofReference[source, default: 0] += 1 }
    }
    for layer in forward.layers.values {
      for node in references(of: layer) { ofReference[node, default: 0] += 1 }
      for case .pair(let position) in layer.sources {
        ofCandidate[forward.pairs[position].candidate.node, default: 0] += 1
      }
    }
  }

  /// The values of the reference that the comparison of a layer reads.
  func references(of layer: ForwardPairs.Layer) -> [Int] {
    layer.sources.map(forward.referenceNode) + layer.reference.sources
      + layer.positions.map { forward.pairs[$0].reference.node }
  }

  /// One less reads a value of the reference.
  ///
  /// - Returns: whether it was the last one.
  mutating func leave(_ node: Int) -> Bool {
    ofReference[node, default: 0] -= 1
    return ofReference[node] == 0
  }

  /// Whether a layer takes a value of the candidate.
  func hasOwn(_ node: Int) -> Bool { ofCandidate[node, default: 0] > 0 }

  /// One less reads a value of the candidate.
  ///
  /// - Returns: whether it was the last one.
  mutating func leaveOwn(_ node: Int) -> Bool {
    ofCandidate[node, default: 0] -= 1
    return ofCandidate[node] == 0
  }
}
