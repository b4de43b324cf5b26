import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

extension ComparedModel {
  /// A Keras model beside a darknet network whose numbers it can't hold, and which `convert` does not make of
  /// it: its inputs, its outputs and what leads to them are compared, its parameters have no counterparts.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - path: the file.
  ///   - other: the network.
  ///   - refusal: why its parameters can't be compared, which is the answer if nothing differs.
  /// - Throws: `ModelFileError` if it can't be computed.
  public init(
    _ model: KerasNetwork, path: String, beside other: Network, because refusal: ModelFileError
  ) throws(ModelFileError) {
    let taken = KerasRaising.kerasShape(other.options.input.shape)
    let arrays = [Shape([1] + taken.extents)]
    let lowered = try model.lowered(
      for: model.takes(arrays) ? arrays : try model.defaultInputs())
    graph = lowered.graph
    inputs = Self.inputs(of: model, graph: lowered.graph)
    outputs = Self.planarOutputs(of: lowered.graph)
    network = nil
    keras = ModelDescription((lowered.graph, lowered.layers))
    // A network that Keras can't hold is another one, too, but nothing here can say where.
    expectedKeras = try? Self.expectation(of: other, like: model)
    unproved = nil
    self.refusal = refusal
    self.path = path
    layout = .channelsLast
    architecture = .keras
    layers = []
    layersLoaded = 0
    warnings = lowered.warnings
    readers = .keras(describedBy: model.describedBy)
    lackedHeads = Self.heads(of: other)
  }

  /// The Keras layers that a network becomes, without numbers.
  private static func expectation(
    of network: Network, like model: KerasNetwork
  ) throws(ModelFileError) -> ModelDescription {
    let layout = WeightsLayout(
      plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0))
    let lowered = try network.lowered(layout: layout)
    let raised = try KerasRaising(lowered.graph, places: network.places).raised(named: "model")
    return try expectation(raised.model, like: model, names: [:])
  }
}
