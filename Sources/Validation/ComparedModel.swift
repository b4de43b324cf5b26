import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

/// A model as a comparison sees it: its graph, and its layers with what they hold and put out, in an
/// order that it shares with the model on the other side.
public struct ComparedModel {
  /// What the model takes, without the batch axis, in the layout of its file.
  public struct Input: Sendable {
    /// The name.
    public let name: String
    /// The shape of a sample: `[C, H, W]` or `[K]` of darknet, Keras's own of Keras.
    public let shape: Shape
    /// The shape as the file tells it, open extents being `nil`; `nil` if it does not.
    let declared: [Int?]?
    /// The type of its numbers.
    var elementType = ElementType.float32
  }

  /// What the model puts out.
  struct Output {
    /// The name of its layer.
    let name: String
    /// The shape of a sample in the layout of its file.
    let shape: Shape
    /// A value that only another model of the same vocabulary has: what a detection head makes.
    let value: Value
    /// The tensor that every format has: what enters the head.
    let tensor: Value
  }

  /// A layer.
  struct Layer {
    let name: String
    /// Its value; `nil` if it has none that the other side could have, too.
    let value: Value?
    let parameters: [ComparedParameter]
  }

  /// The value of a layer.
  struct Value {
    let node: Int
    /// The walk over a sample that brings it into the order that both sides share; `nil` for its own.
    let view: StridedView?
  }

  /// What of a model a file has.
  enum Content {
    /// Its layers and its numbers, to compute with.
    case model
    /// What a cfg says.
    case description
    /// Numbers alone.
    case tensors
  }

  /// What the layers are counted by.
  enum Architecture {
    /// The layers of a darknet network, all of them.
    case darknet(Network)
    /// Keras's layers, without those that only stand for an input.
    case keras
    /// Named tensors, of which nobody says what layers they are of.
    case names
  }

  /// The file.
  public let path: String
  /// What it takes.
  public let inputs: [Input]
  /// What it puts out.
  let outputs: [Output]
  /// The darknet network, if it is one.
  let network: ModelDescription?
  /// Keras's layers, if it has such and they can be computed.
  let keras: ModelDescription?
  /// The Keras layers that the network calls for, where `keras` are to be those.
  let expectedKeras: ModelDescription?
  /// Why Keras's own layers are not what is computed, where they should be.
  let unproved: String?
  /// Why the parameters have no counterparts in the model on the other side; an error unless something
  /// else differs.
  var refusal: ModelFileError?
  /// How images lie in the file's own inputs.
  let layout: ImageLayout
  let architecture: Architecture
  let graph: Graph
  let layers: [Layer]
  /// How many of the layers have their numbers: not all of a partial file.
  let layersLoaded: Int
  /// What can be compared.
  var content = Content.model
  /// The steps of a sequence, where one sample of the graph is a sequence; else 1: darknet has steps as samples.
  var steps = 1
  var warnings: [ModelWarning]
  /// The detection heads of the network that it is held against, where its file says nothing of them.
  var lackedHeads: [String] = []
  /// What read it.
  let readers: SharedReadings.Readers

  /// How many samples a forward pass of a single input has: the time steps of darknet.
  var samples: Int {
    if case .darknet(let network) = architecture { max(network.options.timeSteps, 1) } else { 1 }
  }

  /// A `.weights` file, or tensors of a network.
  ///
  /// - Throws: `ModelFileError` if it is not whole or can't be computed.
  public init(_ weights: any NetworkWeights, allowsPartial: Bool = false) throws(ModelFileError) {
    let model = try RunnableModel(weights, allowsPartial: allowsPartial, fillsWithZeros: true)
    let network = weights.network
    path = weights.file.path
    inputs = Self.inputs(of: model.graph)
    outputs = Self.outputs(of: model.graph)
    self.network = ModelDescription(
      network, graph: model.graph, values: model.layers.map(\.node))
    keras = nil
    expectedKeras = nil
    unproved = nil
    layout = .channelsFirst
    architecture = .darknet(network)
    graph = model.graph
    layers = Self.layers(of: network, values: model.values) { entry in
      ComparedParameter(
        name: network.name(of: entry), entry.array, numbers: weights.tensor(entry))
    }
    if case .partial(let loaded) = weights.status {
      layersLoaded = loaded
    } else {
      layersLoaded = layers.count
    }
    warnings = model.warnings
    readers = .init(
      parameters: weights is WeightsFile
        ? SharedReadings.Readers.darknetWeights : SharedReadings.Readers.tensors,
      graph: SharedReadings.Readers.cfg, description: network.config.text.host)
  }

  /// The names of a network's detection heads, which are no layers of Keras.
  static func heads(of network: Network) -> [String] {
    network.layers.filter(\.isHead).map(\.name)
  }

  /// The same model with something more that the user should know.
  public func adding(_ warning: ModelWarning) -> ComparedModel {
    var copy = self
    copy.warnings.insert(warning, at: 0)
    return copy
  }

  static func inputs(of graph: Graph) -> [Input] {
    graph.inputs.map { port in
      let shape = graph.nodes[port.node].shape
      return Input(
        name: port.name, shape: shape, declared: shape.extents, elementType: port.elementType)
    }
  }

  /// What a network puts out: its heads, or its last layer.
  static func outputs(of graph: Graph) -> [Output] {
    graph.outputs.map { port in
      let node = graph.nodes[port.node]
      let isHead = node.operation is any DetectionHead
      return Output(
        name: port.name, shape: node.shape,
        value: Value(node: node.id, view: nil),
        tensor: Value(node: isHead ? node.inputs[0] : node.id, view: nil))
    }
  }

  static func layers(
    of network: Network, values: [Value?],
    parameter: (WeightsPlan.Entry) -> ComparedParameter
  ) -> [Layer] {
    let entries = Dictionary(grouping: WeightsPlan(network).entries, by: \.layer)
    return zip(network.layers, values).map { placed, value in
      Layer(
        name: placed.name, value: value,
        parameters: (entries[placed.index] ?? []).map(parameter))
    }
  }
}

extension RunnableModel {
  /// The values of the layers in their own order.
  var values: [ComparedModel.Value?] {
    layers.map { ComparedModel.Value(node: $0.node, view: nil) }
  }
}
