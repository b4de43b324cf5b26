import FileSupport
import HDF5
import ModelGraph

/// The layers of a configuration and how they are wired, before any shape is worked out.
struct ModelWiring: Sendable {
  /// A layer as it stands in the file.
  struct Entry: Sendable {
    let name: String
    let layerClass: any KerasLayerClass
    let calls: [KerasCall]
    let index: Int
    let policy: KerasPolicy
    /// Whether training changes the layer's variables if it changes the model's.
    let isTrainable: Bool
    /// Whether the layer itself is told not to be trained.
    let isFrozen: Bool

    /// Where an error about it is.
    var place: ModelFileError.Place { .layer(index: index, type: layerClass.className) }
  }

  private(set) var entries: [Entry] = []
  /// Names are compared by their bytes here and below.
  private(set) var positions: [LinkName: Int] = [:]
  private(set) var inputs: [KerasTensorReference] = []
  /// What the inputs are called, if the model takes a dictionary of them, in the order of ``inputs``.
  private(set) var inputNames: [String]?
  private(set) var outputs: [KerasTensorReference] = []
  let name: String
  let isSequential: Bool
  private let depth: Int

  /// Reads the `config` of a model of this class.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` naming the layer and key, of kind `unsupported` for
  ///   a class that is not described by its layers.
  init(_ config: JSONValue, className: String, depth: Int) throws(ModelFileError) {
    self.depth = depth
    name = config["name"]?.text ?? "model"
    isSequential = className == "Sequential"
    switch className {
    case "Sequential": try readSequential(config)
    case "Functional", "Model": try readFunctional(config)
    default:
      throw ModelFileError(
        .unsupported, at: [.option("class_name")],
        "a model of class '\(className.escapedForTerminal)' can't be read from its configuration",
        expected: "'Sequential' or 'Functional'")
    }
  }

  private mutating func readSequential(_ config: JSONValue) throws(ModelFileError) {
    // Keras before 2.2.3 wrote the list of layers alone.
    guard let layers = config["layers"]?.elements ?? config.elements else { throw Self.noLayers }
    var previous: KerasTensorReference?
    let names = try Self.names(of: layers)
    for (index, layer) in layers.enumerated() {
      let name = names[index]
      if index == 0, layer["class_name"]?.text != KerasLayers.InputLayer.className {
        // The input of such a model has no layer of its own in the file.
        let before = "\(name)_input"
        let input = try Self.input(of: layer, model: config)
        try append(before, input, calls: [], of: layer, index: 0)
        previous = KerasTensorReference(layer: before)
      }
      try append(
        name, try layerClass(of: layer, name: name, index: index),
        calls: previous.map { [KerasCall([$0])] } ?? [], of: layer, index: index)
      previous = KerasTensorReference(layer: name)
    }
    inputs = entries.first.map { [KerasTensorReference(layer: $0.name)] } ?? []
    outputs = previous.map { [$0] } ?? []
  }

  private mutating func readFunctional(_ config: JSONValue) throws(ModelFileError) {
    guard let layers = config["layers"]?.elements else { throw Self.noLayers }
    for (index, layer) in layers.enumerated() {
      let name = try Self.name(of: layer, index: index)
      let layerClass = try layerClass(of: layer, name: name, index: index)
      let calls = (layer["inbound_nodes"]?.elements ?? []).map(KerasCall.init(node:))
      try append(name, layerClass, calls: calls, of: layer, index: index)
    }
    inputs = try endpoints(config, "input_layers")
    let named = config["input_layers"]?.object?.map(\.key)
    inputNames = named?.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard Set(inputs.map { LinkName($0.layer) }).count == inputs.count else {
      throw ModelFileError(.damaged, at: [.option("input_layers")], "names an input twice")
    }
    outputs = try endpoints(config, "output_layers")
    try checkNodes(
      isThirdGeneration: layers.contains { $0["inbound_nodes"]?[0]?.object != nil })
  }

  /// Holds the numbers of calls against those that there are, and counts those of nested models anew:
  /// Keras 2 counts the call by which such a model was made; Keras 3 does so for a functional one among
  /// the outputs, but not among what layers take (`keras/src/models/functional.py: get_config`).
  private mutating func checkNodes(isThirdGeneration: Bool) throws(ModelFileError) {
    if isThirdGeneration {
      outputs = outputs.map { [entries, positions] reference in
        let nested =
          positions[LinkName(reference.layer)].map { entries[$0].layerClass } as? NestedModel
        guard let nested, nested.className != "Sequential", reference.node > 0 else {
          return reference
        }
        return KerasTensorReference(
          layer: reference.layer, node: reference.node - 1, tensor: reference.tensor)
      }
    }
    var last = [Int](repeating: 0, count: entries.count)
    let used = entries.flatMap { entry in entry.calls.flatMap(\.references) } + outputs
    for reference in used {
      guard let source = positions[LinkName(reference.layer)] else { continue }
      last[source] = max(last[source], reference.node)
    }
    var offsets = [Int](repeating: 0, count: entries.count)
    for (position, entry) in entries.enumerated() {
      let count = max(entry.calls.count, 1)
      let extra = last[position] - (count - 1)
      guard extra > 0 else { continue }
      guard entry.layerClass is NestedModel || entry.layerClass is UnknownLayer, extra == 1 else {
        throw ModelFileError(
          .damaged, at: [entry.place], "a value of a call that is not there is taken",
          expected: "a call below \(count)", found: "call \(last[position])")
      }
      offsets[position] = 1
    }
    guard offsets.contains(1) else { return }
    let shift = { [positions] (reference: KerasTensorReference) -> KerasTensorReference in
      let offset = positions[LinkName(reference.layer)].map { offsets[$0] } ?? 0
      return KerasTensorReference(
        layer: reference.layer, node: max(reference.node - offset, 0), tensor: reference.tensor)
    }
    entries = entries.map { entry in
      Entry(
        name: entry.name, layerClass: entry.layerClass,
        calls: entry.calls.map { $0.mapping(shift) },
        index: entry.index, policy: entry.policy, isTrainable: entry.isTrainable,
        isFrozen: entry.isFrozen)
    }
    outputs = outputs.map(shift)
  }

  private mutating func append(
    _ name: String, _ layerClass: any KerasLayerClass, calls: [KerasCall],
    of layer: JSONValue, index: Int
  ) throws(ModelFileError) {
    guard positions[LinkName(name)] == nil else {
      throw ModelFileError(
        .damaged, at: [.layer(index: index, type: layerClass.className)],
        "two layers are called '\(name)'")
    }
    positions[LinkName(name)] = entries.count
    entries.append(
      Entry(
        name: name, layerClass: layerClass, calls: calls, index: index,
        policy: KerasPolicy(ofLayer: layer),
        isTrainable: Self.isTrainable(layer, layerClass), isFrozen: Self.isFrozen(layer)))
  }

  /// Whether training changes the layer's variables. Keras 2 freezes what is in a frozen layer too; Keras 3, which alone
  /// writes a `DTypePolicy`, goes by the flag of the layer that made the variable.
  private static func isTrainable(_ layer: JSONValue, _ layerClass: any KerasLayerClass) -> Bool {
    let isThirdGeneration = layer["config"]?["dtype"]?["class_name"]?.text == "DTypePolicy"
    return isThirdGeneration && !layerClass.ownsVariables || !isFrozen(layer)
  }

  private static func isFrozen(_ layer: JSONValue) -> Bool {
    layer["config"]?["trainable"]?.truth == false
  }

  private func endpoints(
    _ config: JSONValue, _ key: String
  ) throws(ModelFileError) -> [KerasTensorReference] {
    let references = config[key].map { KerasTensorReference.endpoints(in: $0) } ?? []
    for reference in references where positions[LinkName(reference.layer)] == nil {
      throw ModelFileError(
        .damaged, at: [.option(key)], "names a layer that is not there",
        found: "'\(reference.layer)'")
    }
    return references
  }

  private func layerClass(
    of layer: JSONValue, name: String, index: Int
  ) throws(ModelFileError) -> any KerasLayerClass {
    guard let className = layer["class_name"]?.text else {
      throw ModelFileError(
        .damaged, at: [.layer(index: index, type: "?")], "the layer '\(name)' has no class")
    }
    var members = layer["config"]?.object ?? JSONObject()
    // The list that Keras 1 has in place of a configuration.
    if let layers = layer["config"]?.elements { members["layers"] = .array(layers) }
    do {
      return try KerasLayers.layer(
        KerasConfiguration(
          className: className, members: members, origin: layer, depth: depth))
    } catch {
      throw error.at(.layer(index: index, type: className))
    }
  }

  /// The input of a list of layers: what its first layer says of it, or the model.
  private static func input(
    of layer: JSONValue, model: JSONValue
  ) throws(ModelFileError) -> KerasLayers.InputLayer {
    var first = layer
    for _ in 0..<KerasConfiguration.maximumDepth {
      let config = first["config"]
      if let shape = config?["batch_input_shape"] ?? config?["batch_shape"] {
        return try KerasLayers.InputLayer(
          KerasConfiguration(
            className: KerasLayers.InputLayer.className, members: ["batch_input_shape": shape]))
      }
      guard let inner = config?["layers"]?[0] ?? config?[0] ?? config?["layer"] else { break }
      first = inner
    }
    guard let shape = model["build_input_shape"], shape != .null else {
      return KerasLayers.InputLayer()
    }
    return try KerasLayers.InputLayer(
      KerasConfiguration(
        className: KerasLayers.InputLayer.className, members: ["batch_input_shape": shape]))
  }

  /// The names of a Sequential's layers. A configuration may lack one, as that of an author's class does which says nothing
  /// of how it is described; Keras calls the layer after its class then.
  private static func names(of layers: [JSONValue]) throws(ModelFileError) -> [String] {
    let given = Set(layers.compactMap { ($0["name"] ?? $0["config"]?["name"])?.text })
    var names: [String] = []
    var counts: [String: Int] = [:]
    for (index, layer) in layers.enumerated() {
      let isNamed = (layer["name"]?.text ?? layer["config"]?["name"]?.text) != nil
      guard !isNamed, layer["config"]?.object != nil, let className = layer["class_name"]?.text
      else {
        names.append(try name(of: layer, index: index))
        continue
      }
      let stem = KerasPath.snakeCase(KerasPath.plainClass(className))
      var name = stem
      repeat {
        let count = counts[stem, default: 0]
        counts[stem] = count + 1
        name = count == 0 ? stem : "\(stem)_\(count)"
      } while given.contains(name)
      names.append(name)
    }
    return names
  }

  private static func name(of layer: JSONValue, index: Int) throws(ModelFileError) -> String {
    guard let name = layer["name"]?.text ?? layer["config"]?["name"]?.text else {
      guard layer["config"]?.elements == nil else { return "sequential_\(index + 1)" }
      throw ModelFileError(
        .damaged, at: [.layer(index: index, type: layer["class_name"]?.text ?? "?")],
        "the layer has no name")
    }
    return name
  }

  private static let noLayers = ModelFileError(
    .damaged, at: [.option("layers")], "the model's configuration has no list of layers")
}
