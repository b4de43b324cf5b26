import FileSupport
import Inference
import ModelGraph

/// Holds the values of two models' layers against each other: each layer by itself (``Lockstep``), and the outputs by
/// what the differences of all layers may have become there.
struct ValueComparison {
  /// What came of it.
  struct Outcome {
    let layers: [ComparisonReport.Layer]
    let outputs: [ComparisonReport.Layer]
    /// What the numbers leave open.
    let notProved: [String]
  }

  private let forward: ForwardPairs
  private let pairing: ModelPairing

  init(_ reference: ComparedModel, _ candidate: ComparedModel, _ pairing: ModelPairing) {
    self.pairing = pairing
    forward = ForwardPairs(reference, candidate, pairing)
  }

  /// - Throws: `ModelFileError` of kind `damaged` if the values that are kept at one time take more memory than there is.
  func checkMemory() throws(ModelFileError) {
    let bytes = forward.peakElements.clampedProduct(MemoryLayout<Float>.size)
      .clampedProduct(forward.reference.samples)
    guard bytes <= SystemMemory.budget else {
      throw ModelFileError(
        .damaged, file: forward.reference.path,
        "the values of both models take more memory than there is",
        expected: "at most \(SystemMemory.budget) bytes", found: "\(bytes)",
        remedy: "compare the files by their hashes: nnfmt inspect --hash")
    }
  }

  /// The layers and the outputs that both have, in the reference's order.
  ///
  /// - Parameters:
  ///   - inputs: in the reference's layout.
  ///   - seed: what made-up values inside of the models depend on.
  ///   - engine: what computes both.
  ///   - onProgress: is told how many of how many values have been compared.
  /// - Throws: `ModelFileError` of either file, or if the inputs don't fit.
  func values(
    inputs: [Tensor], seed: UInt64, engine: any Engine, onProgress: ((Int, Int) -> Void)?
  ) throws(ModelFileError) -> Outcome {
    let given = try fitted(inputs)
    let lockstep = Lockstep(
      forward, LayerTolerance(forward, pairing, engine: engine), engine: engine, given: given,
      seed: seed)
    try lockstep.run(onProgress: onProgress)
    let outcomes = lockstep.outcomes
    let propagated = PropagatedTolerance(forward.reference, forward.candidate, pairing)
    var tolerances = propagated.least
    let outputs = Array(forward.pairs.indices.dropFirst(forward.layerCount))
    let areUnexplained = outputs.contains { position in
      (outcomes[position]?.propagated.relative ?? 0)
        > (tolerances[propagated.node(forward.pairs[position])] ?? 0)
    }
    // If a layer departs, that explains them.
    if areUnexplained, outcomes.values.allSatisfy(\.local.matches) {
      tolerances = try propagated.whole(
        given, in: forward.reference.layout, engine: engine)
    }
    return Outcome(
      layers: (0..<forward.layerCount).compactMap { position in
        outcomes[position].map { report(position, $0, allowed: nil) }
      },
      outputs: outputs.compactMap { position in
        outcomes[position].map {
          report(
            position, $0, allowed: tolerances[propagated.node(forward.pairs[position])] ?? 0)
        }
      },
      notProved: (0..<forward.layerCount).flatMap { position in
        outcomes[position].map { notProved(position, $0) } ?? []
      })
  }

  private func fitted(_ inputs: [Tensor]) throws(ModelFileError) -> [Tensor] {
    let expected = forward.reference.inputs
    guard inputs.count == expected.count else {
      throw ModelFileError(
        .usage, "the model takes another number of inputs", expected: "\(expected.count)",
        found: "\(inputs.count)")
    }
    return try zip(inputs, expected).map { (tensor, input) throws(ModelFileError) in
      try tensor.input(for: input.shape)
    }
  }

  private func report(
    _ position: Int, _ outcome: Lockstep.Outcome, allowed: Double?
  ) -> ComparisonReport.Layer {
    let (local, propagated) = (outcome.local, outcome.propagated)
    return ComparisonReport.Layer(
      name: forward.pairs[position].name, maximumAbsolute: local.gap.absolute,
      maximumRelative: local.gap.relative, tolerance: local.tolerance,
      propagated: .init(
        maximumAbsolute: propagated.absolute, maximumRelative: propagated.relative,
        tolerance: allowed),
      matches: local.matches && allowed.map { propagated.relative <= $0 } ?? true)
  }

  private func notProved(_ position: Int, _ outcome: Lockstep.Outcome) -> [String] {
    let name = forward.pairs[position].name
    var reasons: [String] = []
    if let channels = outcome.constantChannels {
      reasons.append("\(name): no input that was tried changes channels \(channels)")
    }
    if !outcome.isTelling, outcome.local.matches, outcome.local.gap.signal > 0 {
      reasons.append("\(name): the tolerance is above 1 % of its largest value")
    }
    return reasons
  }
}
