import Darknet
import FileSupport
import Inspection
import Keras
import ModelGraph

/// What a model computes, and how the format in which it is described puts it.
struct ModelDescription {
  /// A layer as the user wrote it.
  struct Layer {
    /// Its own name.
    let name: String
    /// What a report calls it: of a Keras layer that a darknet network became, that network's layer.
    let reportedName: String
    /// What the nodes of the graph that it became refer to.
    let index: Int?
    /// The node of its (first) value.
    let node: Int?
    /// Its options by the names of its format, as far as they are read; only to name what differs.
    let settings: [LayerSettings.Entry]
  }

  let graph: Graph
  let layers: [Layer]
  /// Whether the graph has what the layers compute; else only their options are there.
  let isLowered: Bool

  init(graph: Graph, layers: [Layer]) {
    self.graph = graph
    self.layers = layers
    isLowered = true
  }

  /// The sections of a network, heads included.
  init(_ network: Network, graph: Graph, values: [Int]) {
    self.graph = graph
    layers = zip(network.layers, values).map { placed, node in
      Layer(
        name: placed.name, reportedName: placed.name, index: placed.index, node: node,
        settings: LayerSettings.entries(of: placed, in: network))
    }
    isLowered = true
  }

  /// The sections of a network for which the graph has no operations.
  init(sectionsOf network: Network) {
    graph = GraphBuilder(layout: .channelsFirst).finish()
    layers = network.layers.map { placed in
      Layer(
        name: placed.name, reportedName: placed.name, index: placed.index, node: nil,
        settings: LayerSettings.entries(of: placed, in: network))
    }
    isLowered = false
  }

  /// A network alone, without numbers.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a layer that the graph has no operation for.
  init(_ network: Network) throws(ModelFileError) {
    let layout = WeightsLayout(
      plan: WeightsPlan(network), header: WeightsHeader(.third, seen: 0))
    let lowered = try network.lowered(layout: layout)
    self.init(network, graph: lowered.graph, values: lowered.values)
  }

  /// The layers of a Keras model, inputs left out.
  ///
  /// - Parameter names: what reports call layers, if not by their own names.
  init(
    _ lowered: (graph: Graph, layers: [KerasNetwork.Layer]), names: [String: String] = [:]
  ) {
    graph = lowered.graph
    layers = lowered.layers.filter { !$0.isInput }.map { layer in
      Layer(
        name: layer.name, reportedName: names[layer.name] ?? layer.name,
        index: layer.reference?.index, node: layer.node,
        settings: LayerSettings.entries(of: layer.layerClass))
    }
    isLowered = true
  }
}

extension LayerSettings {
  /// Options that are not the same, in the order of the first layer, then of the second.
  static func differences(
    _ one: ModelDescription.Layer, _ other: ModelDescription.Layer
  ) -> [ModelDifference] {
    let (first, second) = (one.settings, other.settings)
    let a = Dictionary(first.map { ($0.key, $0.value) }, uniquingKeysWith: { x, _ in x })
    let b = Dictionary(second.map { ($0.key, $0.value) }, uniquingKeysWith: { x, _ in x })
    let keys = first.map(\.key) + second.map(\.key).filter { a[$0] == nil }
    return keys.filter { a[$0] != b[$0] }.map { key in
      ModelDifference(
        .configuration, layer: one.reportedName, option: key,
        first: a[key] ?? OperationOptions.none, second: b[key] ?? OperationOptions.none)
    }
  }
}
