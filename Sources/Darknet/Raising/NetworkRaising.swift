import FileSupport
import ModelGraph

/// A darknet network that was made of a graph, with the numbers of its arrays.
public struct RaisedNetwork: Sendable {
  /// The network; its `config` is the text.
  public let network: Network
  /// The index of the layer that puts out each output of the graph.
  public let outputs: [Int]
  /// The node of ``NetworkRaising/graph`` whose value each layer puts out, plane by plane where the node has it pixel
  /// by pixel; a layer that only leads to another one has none.
  public let nodes: [Int?]
  /// What the user should know.
  public let warnings: [ModelWarning]
  private let arrays: [[ParameterRole: OrderedTensor]]

  fileprivate init(
    network: Network, outputs: [Int], nodes: [Int?], warnings: [ModelWarning],
    arrays: [[ParameterRole: OrderedTensor]]
  ) {
    self.network = network
    self.outputs = outputs
    self.nodes = nodes
    self.warnings = warnings
    self.arrays = arrays
  }

  /// The numbers of an array in the order of the weights file; `nil` if it is none of this network.
  public func array(_ entry: WeightsPlan.Entry) -> OrderedTensor? {
    arrays.indices.contains(entry.layer) ? arrays[entry.layer][entry.array.role] : nil
  }
}

/// Makes a darknet network of a graph, which is brought to images `[H, W, C]`, as Keras's are.
///
/// Only what the outputs need becomes sections, in the order of the graph. Numbers are copied but for those
/// of normalizations, which darknet divides by other numbers (`BatchNormalization+Raising.swift`). What
/// darknet does not compute exactly is put together of what it does compute (`Rewriting`), or refused.
public struct NetworkRaising {
  /// The graph that is raised: the one given, or the same with its channels last.
  public let graph: Graph
  /// The same in operations that darknet has.
  private let form: DarknetForm
  private let dialect: Dialect

  /// Raises this graph.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - dialect: whose darknet shall read the cfg.
  /// - Throws: `ModelFileError` of kind `unsupported` if the channels stand first and an operation is not known
  ///   otherwise, or if a kernel can't be placed; of the files, if constants can't be read.
  public init(_ graph: Graph, dialect: Dialect) throws(ModelFileError) {
    self.graph = try graph.inLayout(.channelsLast)
    form = try DarknetForm(self.graph, dialect: dialect)
    self.dialect = dialect
  }

  /// The network.
  ///
  /// - Parameters:
  ///   - origin: what the cfg's first line, a comment, says of where it comes from.
  ///   - path: the file that messages about the network name.
  /// - Throws: `ModelFileError` of kind `unsupported`, with the layer, for what darknet can't compute
  ///   exactly; of the files, if numbers that have to be changed can't be read.
  public func network(
    from origin: String, path: String
  ) throws(ModelFileError) -> RaisedNetwork {
    guard graph.inputs.count == 1 else {
      throw ModelFileError(
        .unsupported, "darknet's networks take one input", expected: "a model of one input",
        found: "\(graph.inputs.count)")
    }
    let graph = form.graph
    let nodes = graph.reachable
    let input = try Self.input(graph.nodes[graph.inputs[0].node], in: nodes)
    var raised = try sections(nodes, input: input.shape, copiesInput: false)
    if raised.builder.missesInput {
      raised = try sections(nodes, input: input.shape, copiesInput: true)
    }
    let sections = raised.builder.sections
    let config = try text(
      [input.section] + sections.map(\.section), origin, outputs: raised.outputs, path)
    let network: Network
    do {
      network = try Network(config, dialect: dialect)
    } catch {
      throw ModelFileError(
        .unsupported, "no darknet can hold this network", cause: error.description)
    }
    for (layer, section) in zip(network.layers, sections) where layer.output != section.shape {
      throw ModelFileError(
        .internalFault, at: section.places, "the section that it became has another shape",
        expected: "\(section.shape.shape)", found: "\(layer.output.shape)")
    }
    return RaisedNetwork(
      network: network, outputs: raised.outputs,
      nodes: network.layers.map { raised.nodes[$0.index].flatMap { form.origins[$0] } },
      warnings: costs(of: network) + raised.builder.warnings + network.warnings,
      arrays: sections.map(\.arrays))
  }

  /// What the user should know of what the rules cost: a network that makes notably more multiply-adds than the model, or
  /// keeps notably more numbers.
  private func costs(of network: Network) -> [ModelWarning] {
    guard !form.uses.isEmpty else { return [] }
    let numbers = network.layers.reduce(0) { $0.clampedSum($1.output.count) }
    let growths = [
      Self.growth("makes", form.graph.products, "multiply-adds", of: graph.products, above: 1.25),
      Self.growth("keeps", numbers, "numbers between its layers", of: graph.numbers, above: 2),
    ].compactMap(\.self)
    guard !growths.isEmpty else { return [] }
    let rules = form.uses.map { "\($0.rule) (\($0.count))" }.joined(separator: ", ")
    return [
      ModelWarning(
        file: nil,
        "the network \(growths.joined(separator: " and ")), because layers that darknet lacks were put "
          + "together: \(rules)")
    ]
  }

  private static func growth(
    _ verb: String, _ network: Int, _ what: String, of model: Int, above least: Double
  ) -> String? {
    guard model > 0 else { return network > 0 ? "\(verb) \(network) \(what), the model none" : nil }
    let factor = Double(network) / Double(model)
    guard factor > least else { return nil }
    return "\(verb) \(network) \(what), \((factor * 10).rounded() / 10) times as many as the model"
  }

  // MARK: Sections

  private func sections(
    _ nodes: [Node], input: LayerShape, copiesInput: Bool
  ) throws(ModelFileError) -> (builder: SectionBuilder, outputs: [Int], nodes: [Int: Int]) {
    let builder = SectionBuilder(input: input, dialect: dialect)
    let graph = form.graph
    let values = try RaisingContext.values(of: graph, builder: builder) {
      (context) throws(ModelFileError) in
      builder.places = context.node.places
      return try raise(context, copiesInput: copiesInput)
    }
    // Of the nodes that one layer stands for, the last has what the layer puts out.
    var owners: [Int: Int] = [:]
    for node in nodes {
      guard let value = values[node.id], value == RaisedValue(layer: value.layer) else { continue }
      owners[value.layer] = node.id
    }
    let outputs = try outputs(values, builder)
    for (layer, port) in zip(outputs, graph.outputs) { owners[layer] = port.node }
    return (builder, outputs, owners)
  }

  private func raise(
    _ context: RaisingContext, copiesInput: Bool
  ) throws(ModelFileError) -> RaisedValue {
    if context.node.operation is Input {
      let input = RaisedValue(layer: -1)
      return copiesInput ? try context.copy(input) : input
    }
    guard let operation = context.node.operation as? any DarknetRaisable else {
      throw context.unsupported("in any form")
    }
    return try operation.raise(context)
  }

  /// Brings the outputs into the order of the layers, the last one last: what darknet itself puts out.
  private func outputs(
    _ values: [Int: RaisedValue], _ builder: SectionBuilder
  ) throws(ModelFileError) -> [Int] {
    var layers: [Int] = []
    let graph = form.graph
    for (position, port) in graph.outputs.enumerated() {
      let node = graph.nodes[port.node]
      builder.places = node.places
      guard let value = values[port.node], value.order == .own else {
        throw ModelFileError(
          .unsupported, at: builder.places,
          "an image that is made flat is an output, pixel by pixel; darknet has it plane by plane",
          remedy: "let the image itself be the output")
      }
      let isLast = position == graph.outputs.count - 1
      var layer = value.layer
      if layer <= layers.last ?? -1 || (isLast && layer != builder.sections.count - 1) {
        layer = try builder.route([value]).layer
      }
      layers.append(layer)
    }
    for (position, layer) in layers.dropLast().enumerated() {
      builder.warn(
        "output \(position) is layer \(layer); darknet itself puts out only the last layer")
    }
    return layers
  }

  // MARK: The text

  /// The `[net]` section and the shape of what it gives.
  private static func input(
    _ node: Node, in nodes: [Node]
  ) throws(ModelFileError) -> (section: ConfigSection, shape: LayerShape) {
    guard let shape = RaisingContext.layerShape(of: node.shape) else {
      throw ModelFileError(
        .unsupported, at: node.places, "darknet takes images or vectors",
        expected: "[height, width, channels] or [values]", found: "\(node.shape)")
    }
    var options = SectionOptions()
    let takers = nodes.filter { $0.inputs.contains(node.id) }
    if node.shape.rank == 1, takers.allSatisfy({ $0.operation is FullyConnected }) {
      options.write(NetworkOptions.inputs, shape.count)
      let vector = LayerShape(channels: 0, height: 0, width: 0, count: shape.count)
      return (ConfigSection(name: "net", entries: options.entries), vector)
    }
    options.write(NetworkOptions.width, shape.width)
    options.write(NetworkOptions.height, shape.height)
    options.write(NetworkOptions.channels, shape.channels)
    return (ConfigSection(name: "net", entries: options.entries), shape)
  }

  private func text(
    _ sections: [ConfigSection], _ origin: String, outputs: [Int], _ path: String
  ) throws(ModelFileError) -> ConfigFile {
    // A single output is the last layer, as darknet itself has it.
    let bytes = try ConfigWriter(dialect: dialect).bytes(
      of: sections, outputs: outputs.count > 1 ? outputs : nil)
    return try ConfigFile(
      path: path, bytes: Array("# \(origin.escapedForTerminal)\n".utf8) + bytes,
      dialect: dialect)
  }
}

extension Graph {
  /// The multiply-adds of what the outputs need, for one sample.
  fileprivate var products: Int {
    reachable.reduce(0) { sum, node in
      sum.clampedSum(
        node.operation.multiplyAdds(
          inputs: node.inputs.map { nodes[$0].shape }, output: node.shape))
    }
  }

  /// The numbers of the values that the outputs need, for one sample.
  fileprivate var numbers: Int {
    reachable.reduce(0) { $0.clampedSum($1.shape.elementCount) }
  }
}
