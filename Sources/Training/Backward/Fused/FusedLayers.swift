import FileSupport
import Inference
import ModelGraph

/// The layers of a network that are computed as one each.
struct FusedLayers {
  /// The layers by the node that has their value.
  private(set) var layers: [Int: FusedLayer] = [:]
  /// Their other nodes, which get no value of their own.
  private(set) var innerNodes: Set<Int> = []
  private var memory: FusedMemory?

  /// None.
  init() {}

  /// Those that oneDNN can compute.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if memory is short.
  init(_ plan: TrainingPlan, threads: Int) throws(ModelFileError) {
    var demand = FusedMemory.Demand()
    for nodes in FusedNodes.all(of: plan) {
      let input = plan.graph.nodes[nodes.product.inputs[0]]
      guard
        let layer = try FusedLayer(
          nodes, rule: plan.normalization(of: nodes.normalization?.node ?? nodes.product),
          wantsSourceGradient: !(input.operation is Input))
      else { continue }
      layers[nodes.last.id] = layer
      innerNodes.formUnion(nodes.nodes.dropLast().map(\.id))
      demand = demand.united(with: layer.demand)
    }
    if !layers.isEmpty { memory = try FusedMemory(demand, threads: threads) }
  }

  /// The value of a layer and its backward step.
  ///
  /// - Throws: `ModelFileError` naming the layer.
  func compute(
    _ layer: FusedLayer, _ told: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    guard let memory else { throw ModelFileError(.internalFault, "a layer has no memory") }
    do {
      return try layer.forward(told, memory)
    } catch {
      throw layer.nodes.product.layer.map { error.at($0.place) } ?? error
    }
  }
}
