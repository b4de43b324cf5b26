import FileSupport
import HDF5
import ModelGraph

extension KerasModel {
  /// Reads a `model_config`: a `Sequential`, `Functional` or `Model` of any Keras since 2.0, whose nodes
  /// are wired in the way of Keras 2 or 3. The variables have no numbers yet.
  ///
  /// A layer whose class is not known is kept, without variables and shape; so are the shapes of those
  /// behind it left open.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming the layer and key.
  public init(configuration: JSONValue) throws(ModelFileError) {
    guard let className = configuration["class_name"]?.text, let config = configuration["config"]
    else {
      throw ModelFileError(
        .damaged, "the model's configuration lacks its class or its content",
        expected: "an object with 'class_name' and 'config'")
    }
    var reader = ModelConfigReader()
    switch className {
    case "Sequential": try reader.readSequential(config)
    case "Functional", "Model": try reader.readFunctional(config)
    default:
      throw ModelFileError(
        .unsupported, at: [.option("class_name")],
        "a model of class '\(className)' can't be read from its configuration",
        expected: "'Sequential' or 'Functional'")
    }
    self.init(
      name: config["name"]?.text ?? "model", layers: try reader.layersInOrder(),
      inputs: reader.inputs, outputs: reader.outputs)
  }
}

/// A model that is being read.
private struct ModelConfigReader {
  /// A layer as it stands in the file.
  private struct Entry {
    let name: String
    let layerClass: any KerasLayerClass
    let calls: [[KerasTensorReference]]
    let index: Int
  }

  private var entries: [Entry] = []
  /// Names are compared by their bytes here and below.
  private var positions: [LinkName: Int] = [:]
  private(set) var inputs: [KerasTensorReference] = []
  private(set) var outputs: [KerasTensorReference] = []

  mutating func readSequential(_ config: JSONValue) throws(ModelFileError) {
    // Keras before 2.2.3 wrote the list of layers alone.
    guard let layers = config["layers"]?.elements ?? config.elements else { throw Self.noLayers }
    var previous: KerasTensorReference?
    for (index, layer) in layers.enumerated() {
      if index == 0, layer["class_name"]?.text != KerasLayers.InputLayer.className,
        let shape = layer["config"]?["batch_input_shape"] ?? config["build_input_shape"]
      {
        // The input of such a model has no layer of its own in the file.
        let form = KerasConfiguration(
          className: KerasLayers.InputLayer.className, members: ["batch_input_shape": shape])
        let name = "\(try Self.name(of: layer, index: 0))_input"
        try append(name, try KerasLayers.InputLayer(form), calls: [], index: 0)
        previous = KerasTensorReference(layer: name)
      }
      let name = try Self.name(of: layer, index: index)
      try append(
        name, try Self.layerClass(of: layer, name: name, index: index),
        calls: previous.map { [[$0]] } ?? [], index: index)
      previous = KerasTensorReference(layer: name)
    }
    inputs = entries.first.map { [KerasTensorReference(layer: $0.name)] } ?? []
    outputs = previous.map { [$0] } ?? []
  }

  mutating func readFunctional(_ config: JSONValue) throws(ModelFileError) {
    guard let layers = config["layers"]?.elements else { throw Self.noLayers }
    for (index, layer) in layers.enumerated() {
      let name = try Self.name(of: layer, index: index)
      let layerClass = try Self.layerClass(of: layer, name: name, index: index)
      var calls: [[KerasTensorReference]] = []
      for node in layer["inbound_nodes"]?.elements ?? [] {
        calls.append(InboundNodes.references(in: node))
      }
      try append(name, layerClass, calls: calls, index: index)
    }
    inputs = try endpoints(config, "input_layers")
    outputs = try endpoints(config, "output_layers")
  }

  /// The layers, each after those that it takes values from, with their shapes and variables.
  func layersInOrder() throws(ModelFileError) -> [KerasLayer] {
    var layers: [KerasLayer] = []
    var shapes: [LinkName: Shape] = [:]
    for position in try topologicalOrder() {
      let entry = entries[position]
      let place = ModelFileError.Place.layer(
        index: entry.index, type: entry.layerClass.className)
      do {
        let layer = try self.layer(entry, shapes: shapes)
        shapes[LinkName(entry.name)] = layer.outputShape
        layers.append(layer)
      } catch {
        throw error.at(place)
      }
    }
    return layers
  }

  private func layer(
    _ entry: Entry, shapes: [LinkName: Shape]
  ) throws(ModelFileError) -> KerasLayer {
    let source = LayerReference(index: entry.index, type: entry.layerClass.className)
    let call = entry.calls.first ?? []
    let inputShapes = call.compactMap { shapes[LinkName($0.layer)] }
    let isOpen =
      (entry.layerClass as? KerasLayers.InputLayer).map { $0.shape == nil }
      ?? (entry.layerClass is UnknownLayer || call.isEmpty)
    guard !isOpen, inputShapes.count == call.count else {
      return KerasLayer(
        name: entry.name, layerClass: entry.layerClass, calls: entry.calls, outputShape: nil,
        source: source)
    }
    let shape = try Self.checked(try entry.layerClass.outputShape(of: inputShapes))
    var variables: [KerasVariable] = []
    for form in try entry.layerClass.variables(for: inputShapes) {
      let parameter = Parameter(
        name: "\(entry.name).\(form.name)", role: form.role, shape: try Self.checked(form.shape))
      variables.append(
        KerasVariable(
          name: form.name, shape: form.shape, parameter: parameter, view: parameter.view))
    }
    return KerasLayer(
      name: entry.name, layerClass: entry.layerClass, calls: entry.calls, variables: variables,
      outputShape: shape, source: source)
  }

  /// A shape that arithmetic on its extents can't make overflow: 2⁴⁰ numbers are more than any memory.
  private static func checked(_ shape: Shape) throws(ModelFileError) -> Shape {
    guard shape.extents.allSatisfy({ $0 <= KerasConfiguration.largest }),
      Shape(shape.extents.map { max($0, 1) }).elementCount <= 1 << 40
    else {
      throw ModelFileError(
        .damaged, "a value or variable of the layer is too large", found: "\(shape)")
    }
    return shape
  }

  /// An order in which the layers can be computed: that of the file, if it is one.
  private func topologicalOrder() throws(ModelFileError) -> [Int] {
    var waiting = [Int](repeating: 0, count: entries.count)
    var takers = [[Int]](repeating: [], count: entries.count)
    for (position, entry) in entries.enumerated() {
      // A shared layer is placed by its first call.
      for reference in entry.calls.first ?? [] {
        guard let source = positions[LinkName(reference.layer)] else {
          throw ModelFileError(
            .damaged, at: [.layer(index: entry.index, type: entry.layerClass.className)],
            "takes a value from a layer that is not there", found: "'\(reference.layer)'")
        }
        waiting[position] += 1
        takers[source].append(position)
      }
    }
    if takers.indices.allSatisfy({ source in takers[source].allSatisfy { $0 > source } }) {
      return Array(entries.indices)
    }
    var order = entries.indices.filter { waiting[$0] == 0 }
    var next = 0
    while next < order.count {
      for taker in takers[order[next]] {
        waiting[taker] -= 1
        if waiting[taker] == 0 { order.append(taker) }
      }
      next += 1
    }
    guard order.count == entries.count else {
      throw ModelFileError(.damaged, "the model's layers take values from each other in a circle")
    }
    return order
  }

  private mutating func append(
    _ name: String, _ layerClass: any KerasLayerClass, calls: [[KerasTensorReference]], index: Int
  ) throws(ModelFileError) {
    guard positions[LinkName(name)] == nil else {
      throw ModelFileError(
        .damaged, at: [.layer(index: index, type: layerClass.className)],
        "two layers are called '\(name)'")
    }
    positions[LinkName(name)] = entries.count
    entries.append(Entry(name: name, layerClass: layerClass, calls: calls, index: index))
  }

  private func endpoints(
    _ config: JSONValue, _ key: String
  ) throws(ModelFileError) -> [KerasTensorReference] {
    let references = config[key].map { InboundNodes.references(in: $0) } ?? []
    for reference in references where positions[LinkName(reference.layer)] == nil {
      throw ModelFileError(
        .damaged, at: [.option(key)], "names a layer that is not there",
        found: "'\(reference.layer)'")
    }
    return references
  }

  private static func name(of layer: JSONValue, index: Int) throws(ModelFileError) -> String {
    guard let name = layer["name"]?.text ?? layer["config"]?["name"]?.text else {
      throw ModelFileError(
        .damaged, at: [.layer(index: index, type: layer["class_name"]?.text ?? "?")],
        "the layer has no name")
    }
    return name
  }

  private static func layerClass(
    of layer: JSONValue, name: String, index: Int
  ) throws(ModelFileError) -> any KerasLayerClass {
    guard let className = layer["class_name"]?.text else {
      throw ModelFileError(
        .damaged, at: [.layer(index: index, type: "?")], "the layer '\(name)' has no class")
    }
    let members = layer["config"]?.object ?? JSONObject()
    do {
      return try KerasLayers.layer(KerasConfiguration(className: className, members: members))
    } catch {
      throw error.at(.layer(index: index, type: className))
    }
  }

  private static let noLayers = ModelFileError(
    .damaged, at: [.option("layers")], "the model's configuration has no list of layers")
}
