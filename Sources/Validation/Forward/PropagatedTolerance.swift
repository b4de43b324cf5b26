import FileSupport
import Inference
import ModelGraph

/// What the values of two models may differ by that began with the same inputs: roundings of all layers on the way,
/// added up (`spec/tolerances.md`). It is an upper bound, in deep networks one far above what is ever seen.
///
/// It is that of the darknet network if only one of the two has such a graph, since its operations are those whose
/// rounding is known best; else that of the reference.
struct PropagatedTolerance {
  private let model: ComparedModel
  private let isOfCandidate: Bool
  private let roundoff: UnitRoundoff

  init(_ reference: ComparedModel, _ candidate: ComparedModel, _ pairing: ModelPairing) {
    isOfCandidate =
      reference.graph.layout == .channelsLast && candidate.graph.layout == .channelsFirst
    model = isOfCandidate ? candidate : reference
    roundoff = UnitRoundoff(reference, candidate, pairing, ofCandidate: isOfCandidate)
  }

  /// The node of a pair in the graph that the tolerances are of.
  func node(_ pair: ForwardPairs.Pair) -> Int {
    isOfCandidate ? pair.candidate.node : pair.reference.node
  }

  /// The sums of bare roundings, by node: the least that can be allowed. Nothing is computed.
  var least: [Int: Double] {
    Tolerance.byNode(of: model.graph, Magnitudes(model.graph), roundoff)
  }

  /// The same with what functions and normalizations make of them, by node: the model is run for it.
  ///
  /// - Parameters:
  ///   - given: the inputs.
  ///   - layout: how images lie in them.
  ///   - engine: what computes.
  /// - Throws: `ModelFileError` as the engine.
  func whole(
    _ given: [Tensor], in layout: ImageLayout, engine: any Engine
  ) throws(ModelFileError) -> [Int: Double] {
    var magnitudes = Magnitudes(model.graph)
    do {
      try engine.run(
        model.graph,
        inputs: given.enumerated().map { model.taking($1, at: $0, from: layout) },
        wanting: Set(model.graph.nodes.map(\.id))
      ) { (node, value) throws(ModelFileError) in try magnitudes.note(node, value) }
    } catch {
      throw error.inFile(model.path)
    }
    return Tolerance.byNode(of: model.graph, magnitudes, roundoff)
  }
}
