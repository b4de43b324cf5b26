import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph

/// Finds the numbers of darknet's arrays in a Keras checkpoint.
struct ArrayFinder {
  /// The numbers of an array.
  struct Found {
    let source: any TensorSource
    /// The walk that brings them into the order of the weights file.
    let view: StridedView
    /// Whether they were worked out of others, and rounded on the way.
    let isRounded: Bool
  }

  /// A variable of the model that the cfg would become, with the weight that holds it.
  private struct Holder {
    /// The variable's layer.
    let layer: String
    let variable: KerasVariable
    let weight: StoredWeight
  }

  /// What the user should know.
  let warnings: [ModelWarning]
  /// Where the checkpoint's configuration contradicts the network, if it does.
  let contradiction: ModelFileError?
  /// Where Keras's own model holds the value of each layer of the network; a head or a layer that no
  /// output needs has none.
  let values: [RaisedValue?]
  /// The Keras model that the network would become, with the file's epsilons where variances make up for them.
  let model: KerasModel
  /// Where that model holds what its outputs are: what the network puts out, or what enters its heads.
  let outputs: [RaisedValue]
  private let embedded: EmbeddedDarknetModel?
  private let network: Network
  private let layout: WeightsLayout
  /// How carried arrays lie: as in the file that they were taken from.
  private let carriedLayout: WeightsLayout?
  private let holders: [String: Holder]
  private let epsilons: EpsilonCompensation

  /// Pairs the weights of a checkpoint with the variables of a network.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they don't belong together.
  init(
    checkpoint: KerasCheckpoint, embedded: EmbeddedDarknetModel?, network: Network,
    layout: WeightsLayout
  ) throws(ModelFileError) {
    let model: KerasModel
    do {
      let lowered = try network.lowered(layout: layout)
      let raised = try KerasRaising(lowered.graph, places: network.places).raised(named: "model")
      model = raised.model
      outputs = lowered.graph.outputs.compactMap { raised.values[$0.node] }
      values = lowered.values.map { node in
        lowered.graph.nodes[node].operation is any DetectionHead ? nil : raised.values[node]
      }
    } catch {
      // The line that it names is one of the cfg.
      throw error.inFile(network.config.path)
    }
    let assignment = try WeightAssignment(
      filling: model, from: checkpoint, remedy: "check that the checkpoint belongs to this cfg")
    if let failure = assignment.failure { throw failure }
    var holders: [String: Holder] = [:]
    for entry in assignment.entries {
      let weights = Dictionary(
        entry.weights.compactMap { weight, form in form.map { ($0.name, weight) } },
        uniquingKeysWith: { first, _ in first })
      for variable in entry.layer.variables {
        // Of layers that share an array the first one counts.
        let name = variable.parameter.name
        guard holders[name] == nil, let weight = weights[variable.name] else { continue }
        holders[name] = Holder(
          layer: entry.layer.name, variable: variable, weight: weight)
      }
    }
    self.holders = holders
    self.embedded = embedded
    self.network = network
    self.layout = layout
    carriedLayout = try embedded.map { (embedded) throws(ModelFileError) in
      WeightsLayout(plan: layout.plan, header: try embedded.parsedHeader())
    }
    let check = ConfigurationCheck(checkpoint)
    contradiction = check.contradiction(with: model, assignment)
    let epsilons = check.otherEpsilons(assignment)
    self.model = model.withEpsilons(epsilons)
    self.epsilons = EpsilonCompensation(
      epsilons: epsilons,
      divisor: network.dialect.batchNormalizationDivisor)
    warnings = assignment.warnings
  }

  /// The bytes of an array and the order in which they make up the weights file.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the checkpoint has no such numbers.
  func find(_ entry: WeightsPlan.Entry) throws(ModelFileError) -> Found {
    let name = network.name(of: entry)
    let inOrder = StridedView(contiguous: [entry.array.count])
    let holder = holders[name]
    if let carried = embedded?.arrays[name], try isCurrent(carried, holder) {
      guard carried.source.byteCount == entry.array.count * 4 else {
        throw ModelFileError(
          .damaged, at: [.array(name)], "the carried array has another size",
          expected: "\(entry.array.count) floats", found: "\(carried.source.byteCount / 4)")
      }
      let view = carriedLayout?.view(of: entry.array, writtenAs: layout)
      return Found(source: carried.source, view: view ?? inOrder, isRounded: false)
    }
    guard let holder else {
      throw ModelFileError(
        .damaged, at: [network.layers[entry.layer].reference.place, .array(entry.array.name)],
        "no dataset holds this array",
        remedy: "nothing that the outputs need depends on this layer, so Keras does not keep it: "
          + "convert the .h5 as nnfmt wrote it")
    }
    let source = try holder.weight.floats()
    if entry.array.role == .rollingVariance,
      let source = try epsilons.source(source, of: holder.layer, named: name)
    {
      return Found(source: source, view: holder.variable.view.inverse, isRounded: true)
    }
    let adjustment = holder.variable.adjustment
    // Adjusted arrays have a number a channel: small enough to be held.
    return Found(
      source: adjustment == .none ? source : try adjustment.reverted(source),
      view: holder.variable.view.inverse, isRounded: adjustment != .none)
  }

  /// Whether a carried array still stands for what is in the file.
  private func isCurrent(
    _ carried: EmbeddedDarknetModel.CarriedArray, _ holder: Holder?
  ) throws(ModelFileError) -> Bool {
    guard let standsFor = carried.standsFor else { return holder == nil }
    guard let holder else { return false }
    return try holder.weight.digest() == standsFor.sha256
  }
}
