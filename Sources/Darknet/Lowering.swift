import FileSupport
import ModelGraph

extension Network {
  /// What its input is called: it has no name in a cfg.
  public static let inputName = "input"

  /// The network as a graph: what is computed, in which order, with references to the arrays.
  ///
  /// - Parameters:
  ///   - layout: where the arrays lie in the weights file.
  ///   - source: the bytes of an array; a parameter of which nothing is known has none.
  /// - Throws: `ModelFileError` of kind `unsupported` naming the first layer that has no form in
  ///   the graph.
  public func graph(
    layout: WeightsLayout,
    source: @escaping (WeightsPlan.Entry) -> (any TensorSource)? = { _ in nil }
  ) throws(ModelFileError) -> Graph {
    try lowered(layout: layout, source: source).graph
  }

  /// The network as a graph, and the node of each layer's output by the index of the layer.
  ///
  /// - Parameters:
  ///   - layout: where the arrays lie in the weights file.
  ///   - source: the bytes of an array; a parameter of which nothing is known has none.
  ///   - order: the walk that brings what `source` delivers into the order of the file, where it is in
  ///     another.
  /// - Throws: as ``graph(layout:source:)``.
  public func lowered(
    layout: WeightsLayout,
    source: @escaping (WeightsPlan.Entry) -> (any TensorSource)? = { _ in nil },
    order: @escaping (WeightsPlan.Entry) -> StridedView? = { _ in nil }
  ) throws(ModelFileError) -> (graph: Graph, values: [Int]) {
    var lowering = try Lowering(self, layout, source, order)
    return try lowering.run()
  }

  /// What a pass through the network takes.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` only.
  public func work() throws(ModelFileError) -> NetworkWork {
    let layout = WeightsLayout(plan: WeightsPlan(self), header: WeightsHeader(.third, seen: 0))
    var lowering = try Lowering(self, layout, { _ in nil }, { _ in nil })
    return try lowering.count()
  }
}

/// Turns layers into operations, one layer after another.
///
/// A value in the graph is an image `[C, H, W]` or a vector `[K]`. darknet does not tell them apart;
/// a layer asks for the form that it works on, and the other is reshaped once.
struct Lowering {
  private var builder = GraphBuilder(layout: .channelsFirst)
  private let network: Network
  private let layout: WeightsLayout
  private let source: (WeightsPlan.Entry) -> (any TensorSource)?
  private let order: (WeightsPlan.Entry) -> StridedView?
  /// The planned arrays by layer and name.
  private let entries: [String: WeightsPlan.Entry]
  /// The node of each layer's output so far; the network's input stands before layer 0.
  private var values: [Int]
  /// The indexes of the layers whose values each layer asked for.
  private var sources: [Int: [Int]] = [:]
  /// Reshaped forms that were made already, by node.
  private var reshaped: [Int: Int] = [:]
  /// The layer at work.
  private(set) var layer: PlacedLayer

  init(
    _ network: Network, _ layout: WeightsLayout,
    _ source: @escaping (WeightsPlan.Entry) -> (any TensorSource)?,
    _ order: @escaping (WeightsPlan.Entry) -> StridedView?
  ) throws(ModelFileError) {
    self.network = network
    self.layout = layout
    self.source = source
    self.order = order
    entries = Dictionary(
      uniqueKeysWithValues: WeightsPlan(network).entries.map { (network.name(of: $0), $0) })
    values = [
      try builder.input(name: Network.inputName, shape: network.options.input.shape)
    ]
    layer = network.layers[0]
  }

  mutating func run() throws(ModelFileError) -> (graph: Graph, values: [Int]) {
    for placed in network.layers {
      do throws(ModelFileError) {
        if let key = placed.missingBecause {
          layer = placed
          throw unsupported(
            "the weights file has no numbers for this layer", option: key,
            remedy: "remove the option, and use weights that have the layer's numbers")
        }
        try lower(placed)
      } catch {
        throw error.inFile(network.config.path)
      }
    }
    for placed in network.outputs {
      builder.output(values[placed.index + 1], named: placed.name)
    }
    return (builder.finish(), Array(values.dropFirst()))
  }

  /// Lowers what can be lowered. Behind a layer that can't, the network goes on with the shape that the
  /// layer gives itself.
  mutating func count() throws(ModelFileError) -> NetworkWork {
    var refused: Set<Int> = []
    var isWhole = true
    for placed in network.layers {
      do {
        try lower(placed)
      } catch {
        guard error.kind != .internalFault else { throw error }
        isWhole = false
        // A tree of classes that is not beside the cfg is in no product.
        if error.kind != .unreadable { refused.insert(placed.index) }
        values.append(
          try builder.input(name: "\(placed.name)_refused", shape: placed.output.shape))
      }
    }
    let graph = builder.finish()
    let (counts, windows) = (graph.multiplyAdds, graph.windows)
    let wanted = Set(network.outputs.map { values[$0.index + 1] })
    return NetworkWork(
      multiplyAdds: network.layers.map {
        refused.contains($0.index) ? nil : counts[$0.index] ?? 0
      },
      sources: network.layers.map { sources[$0.index] ?? [] },
      windows: network.layers.map { windows[$0.index] ?? [] },
      lifetimes: isWhole ? Lifetimes(graph, wanting: wanted) : nil)
  }

  /// Lowers the next layer, and holds what it gives against the shape that the layer itself worked out.
  private mutating func lower(_ placed: PlacedLayer) throws(ModelFileError) {
    layer = placed
    builder.layer = placed.reference
    guard let readable = placed.layer as? any ReadableLayer else { return }
    try readable.lower(&self)
    guard let node = values.last, values.count == placed.index + 2 else {
      throw ModelFileError(.internalFault, at: placed.reference.places, "the layer has no value")
    }
    let (shape, output) = (builder.shape(of: node), placed.output)
    guard shape == output.shape || shape == [output.count] else {
      throw ModelFileError(
        .internalFault, at: placed.reference.places,
        "the layer's operations give another shape than the layer", expected: "\(output.shape)",
        found: "\(shape)")
    }
  }

  // MARK: Values of earlier layers

  /// What the layer before this one puts out, in whatever form it has.
  mutating func value() throws(ModelFileError) -> Int {
    try value(of: layer.index - 1)
  }

  /// What the layer before this one puts out, as an image.
  mutating func image() throws(ModelFileError) -> Int { try image(at: layer.index - 1) }

  /// What the layer before this one puts out, as a vector in the order C, H, W.
  mutating func vector() throws(ModelFileError) -> Int { try vector(at: layer.index - 1) }

  /// What a layer that this one names puts out, as an image.
  mutating func image(of source: SourceLayer) throws(ModelFileError) -> Int {
    try checkBuffer(of: source)
    return try image(at: source.index)
  }

  /// What a layer that this one names puts out, as a vector.
  mutating func vector(of source: SourceLayer) throws(ModelFileError) -> Int {
    try checkBuffer(of: source)
    return try vector(at: source.index)
  }

  /// A layer that names an antialiased one sees its buffer in the size from before the blur, with the
  /// blurred image over its beginning: nothing that anyone can have meant.
  private func checkBuffer(of source: SourceLayer) throws(ModelFileError) {
    guard source.buffer == source.output else {
      throw unsupported(
        "it names layer \(source.index), whose image antialiasing makes smaller", option: nil,
        remedy: "name a layer in front of that one")
    }
  }

  private mutating func image(at index: Int) throws(ModelFileError) -> Int {
    let node = try value(of: index)
    let shape = index < 0 ? network.options.input : network.layers[index].output
    return builder.shape(of: node).rank == 3
      ? node
      : try reshaping(node, to: [shape.channels, shape.height, shape.width], suffix: "_image")
  }

  private mutating func vector(at index: Int) throws(ModelFileError) -> Int {
    let node = try value(of: index)
    let shape = builder.shape(of: node)
    return shape.rank == 1
      ? node : try reshaping(node, to: [shape.elementCount], suffix: "_vector")
  }

  private mutating func value(of index: Int) throws(ModelFileError) -> Int {
    if sources[layer.index]?.contains(index) != true {
      sources[layer.index, default: []].append(index)
    }
    let node = values[index + 1]
    guard !(builder.operation(of: node) is any DetectionHead) else {
      throw unsupported(
        "it takes the boxes of a detection head as its input", option: nil,
        remedy: "name the layer in front of the head, through a [route]")
    }
    return node
  }

  private mutating func reshaping(
    _ node: Int, to shape: Shape, suffix: String
  ) throws(ModelFileError) -> Int {
    if let made = reshaped[node] { return made }
    let made = try builder.add(
      Reshaping(to: shape), name: "\(builder.name(of: node))\(suffix)", inputs: [node])
    reshaped[node] = made
    return made
  }

  // MARK: Adding operations

  /// Adds an operation of this layer.
  ///
  /// - Parameter suffix: sets operations of one layer apart; the main one has none. A second one with a suffix has a
  ///   number too.
  mutating func add(
    _ operation: some Operation, suffix: String = "", on inputs: [Int]
  ) throws(ModelFileError) -> Int {
    assert(
      LayerSupport.isDeclared(operation, by: layer.layer),
      "\(layer.type) becomes \(type(of: operation)), which it does not declare")
    return try builder.add(
      operation, name: builder.unusedName(layer.name + suffix), inputs: inputs)
  }

  /// Adds an operation that takes one value.
  mutating func add(
    _ operation: some Operation, suffix: String = "", on input: Int
  ) throws(ModelFileError) -> Int {
    try add(operation, suffix: suffix, on: [input])
  }

  /// Adds the batch normalization of a layer that may have one.
  ///
  /// - Parameter owner: the layer whose arrays are used, if not this one.
  mutating func normalizing(
    _ node: Int, if isNormalized: Bool, of owner: Int? = nil
  ) throws(ModelFileError) -> Int {
    guard isNormalized else { return node }
    return try add(batchNormalization(of: owner), suffix: "_bn", on: node)
  }

  /// The batch normalization of this layer, of a part of it, or of the layer whose arrays it uses.
  func batchNormalization(
    hasBiases: Bool = true, part: String? = nil, of owner: Int? = nil
  ) -> BatchNormalization {
    BatchNormalization(
      divisor: network.dialect.batchNormalizationDivisor,
      scales: parameter(.scales, part: part, of: owner),
      biases: hasBiases ? parameter(.biases, part: part, of: owner) : nil,
      mean: parameter(.rollingMean, part: part, of: owner),
      variance: parameter(.rollingVariance, part: part, of: owner))
  }

  /// Adds an activation, unless it is `linear`.
  mutating func activating(
    _ node: Int, with name: ActivationName, suffix: String = "_act"
  ) throws(ModelFileError) -> Int {
    name == .linear
      ? node : try add(Activation(name.function), suffix: suffix, on: node)
  }

  /// Ends the layer: `node` is what it puts out.
  mutating func finish(_ node: Int) {
    values.append(node)
  }

  /// The shape of a node as darknet would print it.
  func shape(of node: Int) -> Shape { builder.shape(of: node) }

  // MARK: Parameters

  /// An array of this layer, or of the one whose arrays it uses, as a parameter of the graph.
  ///
  /// - Parameters:
  ///   - part: the part of the layer that the array belongs to, if it has parts.
  ///   - order: how the elements lie in the file, if not in the C order of the shape.
  func parameter(
    _ role: ParameterRole, part: String? = nil, of owner: Int? = nil,
    order: (StridedView, Shape) -> StridedView = { view, _ in view }
  ) -> Parameter {
    let owner = network.layers[owner ?? layer.index]
    let array = ([part].compactMap(\.self) + [role.rawValue]).joined(separator: ".")
    let name = "\(owner.name).\(array)"
    guard let stored = owner.layer.arrays.first(where: { $0.name == array }) else {
      preconditionFailure("\(name) was asked for, which the layer does not have")
    }
    let entry = entries[name]
    var view = order(layout.view(of: stored), stored.shape)
    if let walk = entry.flatMap(self.order), let composed = view.composed(over: walk) {
      view = composed
    }
    return Parameter(
      array, of: owner.name, role: role, shape: stored.shape, view: view,
      source: entry.flatMap(source))
  }

  /// The tree of classes in a file that the layer names.
  ///
  /// - Throws: `ModelFileError` of kind `unreadable` if it is not there.
  func classTree(named name: String) throws(ModelFileError) -> ClassTree {
    do {
      return try ClassTree(named: name, by: network.config.text)
    } catch {
      throw error.at(layer.reference.places)
    }
  }

  /// The error for what the graph has no operation for.
  ///
  /// - Parameter problem: a whole phrase.
  func unsupported(
    _ problem: String, option: String?, remedy: String = "`nnfmt layers` lists what is supported"
  ) -> ModelFileError {
    ModelFileError(
      .unsupported, file: network.config.path,
      at: layer.reference.places + (option.map { [.option($0)] } ?? []), problem, remedy: remedy)
  }
}
