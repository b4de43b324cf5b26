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

  /// A Keras checkpoint that holds the numbers of a darknet network. Its values are those that Keras's
  /// own layers compute, as its configuration describes them; where there is none, or it can't be
  /// computed, those of the network with the checkpoint's numbers, with a warning.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint, read for a network.
  ///   - file: the checkpoint itself.
  /// - Throws: `ModelFileError` if it can't be computed, or if the configuration contradicts itself, or
  ///   the network while its layers can't be computed.
  public init(
    _ checkpoint: KerasToDarknet, of file: KerasCheckpoint
  ) throws(ModelFileError) {
    let path = file.path
    let network = checkpoint.network
    var warnings = checkpoint.warnings
    let taken = KerasRaising.kerasShape(network.options.input.shape)
    let expected = checkpoint.expectedModel.inputShape ?? taken
    let values: [Value?]
    switch try KerasOutcome(file, input: expected) {
    case .computable(let network, let model):
      values = Self.values(of: model, by: checkpoint, path: path, &warnings)
      graph = model.graph
      warnings += model.warnings
      if let contradiction = checkpoint.contradiction {
        warnings.append(contradiction.warning())
      }
      let steps = expected.rank > taken.rank ? expected.extents[0] : 1
      self.steps = steps
      inputs = network.inputs.map { input in
        let declared = input.shape?.extents
        // Of a sequence each step is a sample to darknet.
        let isSequence = steps > 1 && declared?.first == steps
        return Input(
          name: input.name, shape: taken,
          declared: isSequence ? declared.map { Array($0.dropFirst()) } : declared,
          elementType: input.type)
      }
      outputs = Self.outputs(
        of: model.graph, views: checkpoint.outputs.map(\.view), steps: steps)
      let names = checkpoint.layerNames
      keras = ModelDescription((model.graph, model.layers), names: names)
      expectedKeras = try Self.expectation(
        checkpoint.expectedModel, like: network, names: names)
      unproved = nil
    case .not(let reason):
      if let contradiction = checkpoint.contradiction { throw contradiction }
      let model = try RunnableModel(checkpoint)
      values = model.values
      graph = model.graph
      warnings.append(reason.warning("so that the cfg's layers are computed with its numbers"))
      inputs = [Input(name: model.graph.nodes[0].name, shape: taken, declared: taken.extents)]
      outputs = Self.outputs(of: model.graph)
      keras = nil
      expectedKeras = nil
      unproved = "\(path): Keras's own layers, in whose place the cfg's are computed"
    }
    self.network = try ModelDescription(checkpoint.embeddedNetwork ?? network)
    lackedHeads = checkpoint.embeddedNetwork == nil ? Self.heads(of: network) : []
    self.path = path
    layout = .channelsLast
    architecture = .darknet(network)
    layers = Self.layers(of: network, values: values) { entry in
      let numbers = checkpoint.array(entry).map {
        OrderedTensor(source: $0.source, elementType: .float32, view: $0.view)
      }
      return ComparedParameter(
        name: network.name(of: entry), entry.array, numbers: numbers,
        isRounded: checkpoint.isRounded(entry))
    }
    layersLoaded = checkpoint.layersLoaded
    self.warnings = warnings
    readers =
      unproved == nil
      ? .keras(describedBy: path)
      : .init(
        parameters: SharedReadings.Readers.kerasWeights, graph: SharedReadings.Readers.cfg,
        description: network.config.text.host)
  }

  /// Whether a Keras model has just the layers, by name, that `convert` makes of the network that it is read as.
  public var isConvertedByName: Bool {
    guard let keras, let expectedKeras else { return false }
    return Set(keras.layers.map(\.name)) == Set(expectedKeras.layers.map(\.name))
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

  /// The values of a network's layers in Keras's own model: found by the names that `convert` gives. If it
  /// has none of these, only its outputs can be told.
  private static func values(
    of model: KerasOutcome.Model, by checkpoint: KerasToDarknet, path: String,
    _ warnings: inout [ModelWarning]
  ) -> [Value?] {
    let nodes = Dictionary(
      model.layers.map { ($0.name, $0.node) }, uniquingKeysWith: { first, _ in first })
    let named = checkpoint.values.map { place in
      place.flatMap { place in nodes[place.layer].map { Value(node: $0, view: place.view) } }
    }
    guard named.allSatisfy({ $0 == nil }) else { return named }
    warnings.append(
      ModelWarning(
        file: path, "no layer has the name that `convert` gives it: only outputs are compared"))
    var values = named
    for (output, node) in zip(checkpoint.outputs, model.graph.outputs) {
      guard let layer = checkpoint.values.lastIndex(where: { $0?.layer == output.layer }) else {
        continue
      }
      values[layer] = checkpoint.values[layer].map { Value(node: node.node, view: $0.view) }
    }
    return values
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
  fileprivate var values: [ComparedModel.Value?] {
    layers.map { ComparedModel.Value(node: $0.node, view: nil) }
  }
}

extension KerasToDarknet {
  /// The layers of the network by the names of the Keras layers that they become.
  fileprivate var layerNames: [String: String] {
    Dictionary(
      expectedModel.layers.compactMap { layer in
        layer.source.map { (layer.name, network.layers[$0.index].name) }
      }, uniquingKeysWith: { first, _ in first })
  }
}

extension ModelFileError {
  /// What is wrong, and what comes of it, for a comparison that can do without.
  fileprivate func warning(_ consequence: String? = nil) -> ModelWarning {
    let details = [expected.map { "expected \($0)" }, found.map { "found \($0)" }, consequence]
    return ModelWarning(
      file: file, at: places,
      ([problem] + details.compactMap(\.self)).joined(separator: ", "))
  }
}
