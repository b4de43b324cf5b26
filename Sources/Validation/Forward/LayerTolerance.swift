import FileSupport
import Inference
import ModelGraph

/// What two computations of one layer may differ by, both having begun with the same values.
struct LayerTolerance {
  /// A gap beside what it may be.
  struct Verdict {
    let gap: ValueGap
    let tolerance: Double

    /// Whether it is no larger.
    var matches: Bool { gap.relative <= tolerance }
    /// Whether a difference of a hundredth of the largest number would have been found.
    var isTelling: Bool { tolerance * (1 + gap.signal) <= 0.01 * gap.signal }

    /// The one of two that departs more, in units of what it may.
    func worse(_ other: Verdict) -> Verdict {
      let isWorse =
        gap.relative * other.tolerance < other.gap.relative * tolerance
      return isWorse || matches && !other.matches ? other : self
    }
  }

  private let forward: ForwardPairs
  private let reference: UnitRoundoff
  private let candidate: UnitRoundoff
  private let engine: any Engine

  init(_ forward: ForwardPairs, _ pairing: ModelPairing, engine: any Engine) {
    self.forward = forward
    self.engine = engine
    let (a, b) = (forward.reference, forward.candidate)
    reference = UnitRoundoff(a, b, pairing, ofCandidate: false)
    candidate = UnitRoundoff(a, b, pairing, ofCandidate: true)
  }

  /// What is to be said of a gap: where it is more than the layer's bare roundings, what these become inside of it
  /// is worked out.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - gap: of its value.
  ///   - taken: what the reference's segment took.
  ///   - others: what the candidate's took.
  /// - Throws: `ModelFileError` as the engine.
  func verdict(
    of layer: ForwardPairs.Layer, _ gap: ValueGap, of taken: [Tensor], _ others: [Tensor]
  ) throws(ModelFileError) -> Verdict {
    let least = try least(layer)
    guard gap.relative > least, gap.relative.isFinite else {
      return Verdict(gap: gap, tolerance: least)
    }
    return Verdict(gap: gap, tolerance: try whole(layer, taken, others))
  }

  /// The roundings of the layer's own operations one after the other, none of them amplified: the least that can be
  /// allowed. Nothing is computed.
  ///
  /// - Throws: `ModelFileError` if a segment is no graph.
  func least(_ layer: ForwardPairs.Layer) throws(ModelFileError) -> Double {
    max(
      try tolerance(layer.reference, reference, of: nil),
      try tolerance(layer.candidate, candidate, of: nil))
  }

  /// The same with what functions and normalizations make of rounding errors before them, for these values: all values
  /// inside of the layer are computed for it.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - taken: what the reference's segment takes.
  ///   - others: what the candidate's takes.
  /// - Throws: `ModelFileError` as the engine.
  func whole(
    _ layer: ForwardPairs.Layer, _ taken: [Tensor], _ others: [Tensor]
  ) throws(ModelFileError) -> Double {
    max(
      try tolerance(layer.reference, reference, of: taken),
      try tolerance(layer.candidate, candidate, of: others))
  }

  private func tolerance(
    _ segment: Segment, _ roundoff: UnitRoundoff, of values: [Tensor]?
  ) throws(ModelFileError) -> Double {
    let (graph, target) = try segment.graph()
    var magnitudes = Magnitudes(graph)
    if let values {
      try engine.run(graph, inputs: values, wanting: Set(graph.nodes.map(\.id))) {
        (node, value) throws(ModelFileError) in
        try magnitudes.note(node, value)
      }
    }
    return Tolerance.byNode(of: graph, magnitudes, roundoff)[target] ?? 0
  }
}
