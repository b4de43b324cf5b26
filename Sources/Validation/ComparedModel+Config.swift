import Darknet
import FileSupport
import ModelGraph

extension ComparedModel {
  /// A cfg alone: a network without numbers, of which only what it says can be compared.
  public init(_ network: Network) {
    let description: ModelDescription
    do {
      description = try ModelDescription(network)
    } catch {
      // What it says can be compared all the same.
      description = ModelDescription(sectionsOf: network)
    }
    path = network.config.path
    graph = description.graph
    let taken = network.options.input.shape
    inputs = [Input(name: Network.inputName, shape: taken, declared: taken.extents)]
    outputs =
      description.isLowered
      ? Self.outputs(of: graph) : Self.outputs(told: network)
    self.network = description
    keras = nil
    expectedKeras = nil
    unproved = nil
    layout = .channelsFirst
    architecture = .darknet(network)
    layers = Self.layers(of: network, values: network.layers.map { _ in nil }) { entry in
      ComparedParameter(name: network.name(of: entry), entry.array, numbers: nil)
    }
    layersLoaded = layers.count
    content = .description
    warnings = network.warnings
    readers = .init(
      parameters: SharedReadings.Readers.darknetWeights, graph: SharedReadings.Readers.cfg,
      description: path)
  }

  private static func outputs(told network: Network) -> [Output] {
    network.outputs.map { placed in
      // No one asks for values where there are no numbers.
      let value = Value(node: 0, view: nil)
      return Output(name: placed.name, shape: placed.output.shape, value: value, tensor: value)
    }
  }
}
