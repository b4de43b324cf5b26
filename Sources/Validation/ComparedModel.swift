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

  /// What the layers are counted by.
  enum Architecture {
    /// The layers of a darknet network, all of them.
    case darknet(Network)
    /// Keras's layers, without those that only stand for an input.
    case keras
  }

  /// The file.
  public let path: String
  /// What it takes.
  public let inputs: [Input]
  /// How images lie in the file's own inputs.
  let layout: ImageLayout
  let architecture: Architecture
  let graph: Graph
  let layers: [Layer]
  let warnings: [ModelWarning]

  /// How many samples a forward pass of a single input has: the time steps of darknet.
  var samples: Int {
    if case .darknet(let network) = architecture { max(network.options.timeSteps, 1) } else { 1 }
  }

  /// A `.weights` file.
  ///
  /// - Throws: `ModelFileError` if it is not whole or can't be computed.
  public init(_ weights: WeightsFile, allowsPartial: Bool = false) throws(ModelFileError) {
    let model = try RunnableModel(weights, allowsPartial: allowsPartial)
    let plain = WeightsLayout(plan: weights.plan, header: WeightsHeader(.third, seen: 0))
    let network = weights.network
    path = weights.file.path
    inputs = Self.inputs(of: model.graph)
    layout = .channelsFirst
    architecture = .darknet(network)
    graph = model.graph
    layers = Self.layers(of: network, values: model.values) { entry in
      let numbers = weights.source(entry).map {
        OrderedTensor(
          source: $0, elementType: .float32,
          view: weights.layout.view(of: entry.array, writtenAs: plain))
      }
      return ComparedParameter(
        name: network.name(of: entry), shape: [entry.array.count], numbers: numbers)
    }
    warnings = model.warnings
  }

  /// A Keras checkpoint that holds the numbers of a darknet network. Its values are those that Keras's
  /// own layers compute, as its configuration describes them; where there is none, or it can't be
  /// computed, those of the network with the checkpoint's numbers, with a warning.
  ///
  /// - Parameters:
  ///   - checkpoint: the checkpoint, read for a network.
  ///   - path: the file.
  ///   - locksFile: whether HDF5 files are locked.
  /// - Throws: `ModelFileError` if it can't be computed, or if the configuration contradicts itself, or
  ///   the network while its layers can't be computed.
  public init(
    _ checkpoint: KerasToDarknet, path: String, locksFile: Bool = true
  ) throws(ModelFileError) {
    let network = checkpoint.network
    var warnings = checkpoint.warnings
    let taken = KerasRaising.kerasShape(network.options.input.shape)
    let values: [Value?]
    switch try KerasOutcome(path, inputs: [taken], locksFile: locksFile) {
    case .computable(let model):
      values = Self.values(of: model, by: checkpoint, path: path, &warnings)
      graph = model.graph
      warnings += model.warnings
      if let contradiction = checkpoint.contradiction {
        warnings.append(contradiction.warning())
      }
    case .not(let reason):
      if let contradiction = checkpoint.contradiction { throw contradiction }
      let model = try RunnableModel(checkpoint)
      values = model.values
      graph = model.graph
      warnings.append(reason.warning("so that the cfg's layers are computed with its numbers"))
    }
    self.path = path
    inputs = Self.inputs(of: graph).map { Input(name: $0.name, shape: taken) }
    layout = .channelsLast
    architecture = .darknet(network)
    layers = Self.layers(of: network, values: values) { entry in
      let numbers = checkpoint.array(entry).map {
        OrderedTensor(source: $0.source, elementType: .float32, view: $0.view)
      }
      return ComparedParameter(
        name: network.name(of: entry), shape: [entry.array.count], numbers: numbers,
        isRounded: checkpoint.isRounded(entry))
    }
    self.warnings = warnings
  }

  /// A Keras model, for inputs of these shapes.
  ///
  /// - Parameters:
  ///   - network: the model.
  ///   - path: the file.
  ///   - shapes: the shapes of the arrays that it will be given, with the batch axis.
  /// - Throws: `ModelFileError` naming the layer if it can't be computed, or does not take so many.
  public init(
    _ network: KerasNetwork, path: String, inputs shapes: [Shape]
  ) throws(ModelFileError) {
    guard network.inputs.count == shapes.count else {
      throw ModelFileError(
        .damaged, file: path, "the model takes another number of inputs than the reference",
        expected: "\(shapes.count)", found: "\(network.inputs.count)",
        remedy: "compare models of the same architecture")
    }
    let lowered = try network.lowered(for: shapes)
    self.path = path
    graph = lowered.graph
    inputs = Self.inputs(of: lowered.graph)
    layout = .channelsLast
    architecture = .keras
    layers = lowered.layers.filter { !$0.isInput }.map { layer in
      Layer(
        name: layer.name, value: Value(node: layer.node, view: nil),
        parameters: layer.parameters.map(ComparedParameter.init))
    }
    warnings = lowered.warnings
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
    for (name, node) in zip(checkpoint.outputs, model.graph.outputs) {
      guard let layer = checkpoint.values.lastIndex(where: { $0?.layer == name }) else { continue }
      values[layer] = checkpoint.values[layer].map { Value(node: node, view: $0.view) }
    }
    return values
  }

  static func inputs(of graph: Graph) -> [Input] {
    graph.inputs.map { Input(name: graph.nodes[$0].name, shape: graph.nodes[$0].shape) }
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

/// What comes of lowering the layers that a checkpoint's own configuration describes.
private enum KerasOutcome {
  typealias Model = (graph: Graph, layers: [KerasNetwork.Layer], warnings: [ModelWarning])

  case computable(Model)
  /// Why they can't be computed.
  case not(ModelFileError)

  /// - Throws: `ModelFileError` of kind `damaged` if the configuration is broken.
  init(_ path: String, inputs: [Shape], locksFile: Bool) throws(ModelFileError) {
    do throws(ModelFileError) {
      let network = try KerasNetwork(path: path, locked: locksFile)
      guard network.inputs.count == inputs.count else {
        throw ModelFileError(
          .damaged, file: path, "the Keras model takes another number of inputs than the cfg",
          expected: "\(inputs.count)", found: "\(network.inputs.count)")
      }
      self = .computable(try network.lowered(for: inputs.map { Shape([1] + $0.extents) }))
    } catch {
      guard error.kind == .unsupported || error.kind == .usage else { throw error }
      self = .not(error)
    }
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
