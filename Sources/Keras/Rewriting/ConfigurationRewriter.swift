import FileSupport
import ModelGraph

/// Rewrites the configuration of a model, and of those inside it, in the form of other generations of Keras.
struct ConfigurationRewriter {
  let form: KerasForm
  private var objects: ObjectRewriter

  init(_ form: KerasForm) {
    self.form = form
    objects = ObjectRewriter(form)
  }

  /// What had no place.
  var leftOut: [LeftOut] { objects.leftOut }

  /// The configuration of a model, with its class and, for an archive, where that is found.
  ///
  /// - Parameters:
  ///   - configuration: as a file has it.
  ///   - model: the same, read.
  ///   - isArchive: whether it is to lie in a `.keras` archive, in which both Kerases look for the model by its module.
  /// - Throws: `ModelFileError` of kind `unsupported` naming a layer that can't be rewritten.
  mutating func rewritten(
    _ configuration: JSONValue, of model: KerasModel, isArchive: Bool
  ) throws(ModelFileError) -> JSONValue {
    let content = try content(configuration["config"] ?? .null, of: model, path: [])
    let isSequential = model.isSequential
    guard isArchive else {
      return [
        "class_name": .string(isSequential ? "Sequential" : "Functional"), "config": content,
      ]
    }
    guard form.isThird else {
      // Public names, which both have; a functional model is one of the class `Model` by them.
      return [
        "module": "keras", "class_name": .string(isSequential ? "Sequential" : "Model"),
        "config": content, "registered_name": .null,
      ]
    }
    return .object(objects.model(isSequential: isSequential, content))
  }

  /// The `config` of a model.
  private mutating func content(
    _ config: JSONValue, of model: KerasModel, path: [String]
  ) throws(ModelFileError) -> JSONValue {
    let entries = config["layers"]?.elements ?? config.elements ?? []
    return model.isSequential
      ? try sequential(config, entries, of: model, path: path)
      : try functional(config, entries, of: model, path: path)
  }

  // MARK: Layers

  /// A layer, or a model among the layers.
  private mutating func layer(
    _ entry: JSONValue, of model: KerasModel, _ layer: KerasLayer, path: [String]
  ) throws(ModelFileError) -> JSONObject {
    do {
      if let nested = layer.layerClass as? NestedModel {
        let inner = try nested.model(for: model.inputShapes(of: layer))
        let content = try content(entry["config"] ?? .null, of: inner, path: path)
        return objects.model(isSequential: inner.isSequential, content)
      }
      if let function = layer.layerClass as? TensorFunction {
        return try FunctionRewriter(form: form).rewritten(function, entry)
      }
      return try objects.layer(
        layer.layerClass.className, entry["config"]?.object ?? [:],
        path: path.joined(separator: "/"))
    } catch {
      throw layer.source.map { error.at($0.place) } ?? error
    }
  }

  // MARK: Sequential

  private mutating func sequential(
    _ config: JSONValue, _ entries: [JSONValue], of model: KerasModel, path: [String]
  ) throws(ModelFileError) -> JSONValue {
    var layers: [JSONValue] = []
    // The input of older files has no layer of its own; its shape stands in the first layer.
    let hasInput = entries.first?["class_name"]?.text == KerasLayers.InputLayer.className
    if !hasInput, let input = model.layers.first, let shape = Self.inputShape(entries, config) {
      layers.append(
        .object(
          try objects.layer(
            KerasLayers.InputLayer.className,
            [
              "batch_input_shape": shape, "dtype": .string(Self.inputType(entries)),
              "name": .string(input.name),
            ], path: input.name)))
    }
    for layer in model.layers {
      guard let index = layer.source?.index, entries.indices.contains(index),
        hasInput || !(layer.layerClass is KerasLayers.InputLayer)
      else { continue }
      let written = try self.layer(
        entries[index], of: model, layer, path: path + [layer.name])
      layers.append(Self.named(layer.name, written))
    }
    return ["name": .string(model.name), "layers": .array(layers)]
  }

  /// The shape with the batch axis that the first layer, or the first one in it, says that it takes.
  private static func inputShape(_ entries: [JSONValue], _ config: JSONValue) -> JSONValue? {
    var first = entries.first
    for _ in 0..<KerasConfiguration.maximumDepth {
      let inner = first?["config"]
      if let shape = inner?["batch_input_shape"] ?? inner?["batch_shape"] { return shape }
      guard let next = inner?["layers"]?[0] ?? inner?[0] ?? inner?["layer"] else { break }
      first = next
    }
    let built = config["build_input_shape"]
    return built == .null ? nil : built
  }

  private static func inputType(_ entries: [JSONValue]) -> String {
    let config = entries.first?["config"]
    if entries.first?["class_name"]?.text == "Embedding" { return "float32" }
    return config?["input_dtype"]?.text ?? "float32"
  }

  /// The layer under a name, which a configuration may lack.
  private static func named(_ name: String, _ layer: JSONObject) -> JSONValue {
    var layer = layer
    guard var config = layer["config"]?.object else { return .object(layer) }
    config["name"] = .string(name)
    layer["config"] = .object(config)
    return .object(layer)
  }

  // MARK: Functional

  private mutating func functional(
    _ config: JSONValue, _ entries: [JSONValue], of model: KerasModel, path: [String]
  ) throws(ModelFileError) -> JSONValue {
    let written = form.isThird ? model : model.withoutWrittenMasks
    let byName = Dictionary(
      model.layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let calls = CallRewriter(form: form, layers: byName)
    var layers: [JSONValue] = []
    for read in LayerOrder(written.layers, outputs: written.outputs).sorted {
      guard let index = read.source?.index, entries.indices.contains(index) else { continue }
      let layer = FunctionRewriter(form: form).replaced(read, entries[index], in: model)
      let isReplaced = read.layerClass is TensorFunction && !(layer.layerClass is TensorFunction)
      var entry = try self.layer(
        isReplaced ? ["config": .object(layer.layerClass.configuration)] : entries[index],
        of: model, layer, path: path + [layer.name])
      if case .object(let named) = Self.named(layer.name, entry) { entry = named }
      entry["name"] = .string(layer.name)
      entry["inbound_nodes"] = calls.calls(layer.calls, of: layer.layerClass)
      layers.append(.object(entry))
    }
    // A model inside is numbered anew when it is read; the outputs are told by what was read.
    let read = KerasTensorReference.endpoints(in: config["output_layers"] ?? .null)
    let numbered = { (reference: KerasTensorReference) -> KerasTensorReference in
      zip(read, model.outputs).first { $0.0 == reference }?.1 ?? reference
    }
    return [
      "name": .string(model.name), "layers": .array(layers),
      "input_layers": calls.endpoints(config["input_layers"] ?? .null) { $0 },
      "output_layers": calls.endpoints(config["output_layers"] ?? .null, numbered),
    ]
  }
}

extension ObjectRewriter {
  /// A model with the module that it has in Keras 3.
  func model(isSequential: Bool, _ content: JSONValue) -> JSONObject {
    let config = content.object ?? [:]
    return isSequential
      ? object("Sequential", config, module: "keras")
      : object(
        "Functional", config, module: "keras.src.models.functional", registered: "Functional")
  }
}

extension KerasModel {
  /// The shape of a value; `nil` where it is not known.
  func shape(of reference: KerasTensorReference) -> KerasShape? {
    layers.first { $0.name == reference.layer }?.shape(of: reference)
  }

  /// The model without the masks that Keras 3 writes out as values of their own, and without what only they need: tf_keras
  /// makes them by itself.
  fileprivate var withoutWrittenMasks: KerasModel {
    let isMasked = layers.contains { layer in
      layer.calls.contains { $0.named.contains { Self.isMask($0.name, $0.value) } }
    }
    guard isMasked else { return self }
    let unmasked = layers.map { layer in layer.called(layer.calls.map { $0.without(Self.isMask) })
    }
    var needed = Set(outputs.map(\.layer))
    for layer in unmasked.reversed() where needed.contains(layer.name) {
      needed.formUnion(layer.inbound)
    }
    let kept = unmasked.filter {
      needed.contains($0.name) || $0.layerClass is KerasLayers.InputLayer
    }
    return KerasModel(name: name, layers: kept, inputs: inputs, outputs: outputs)
  }

  private static func isMask(_ name: String, _ value: KerasArgument) -> Bool {
    (name == "mask" || name.hasSuffix("_mask") && name != "attention_mask")
      && !value.tensors.isEmpty
  }
}

extension KerasLayer {
  /// The shape of one of its values; `nil` where it is not known.
  func shape(of reference: KerasTensorReference) -> KerasShape? {
    guard callShapes.indices.contains(reference.node), let shapes = callShapes[reference.node],
      shapes.indices.contains(reference.tensor)
    else { return nil }
    return shapes[reference.tensor]
  }
}
