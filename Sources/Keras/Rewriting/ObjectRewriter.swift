import FileSupport

/// Something of a model that the form in which it is written has no place for. It does not change what the model computes.
struct LeftOut: Sendable, Hashable {
  /// The layer, with the models that it lies in.
  let layer: String
  /// The key of its configuration.
  let key: String
}

/// Rewrites the objects of a configuration, each a class with what it is made with, in the form of other generations of
/// Keras: layers, and what stands in the keys of layers.
///
/// Keys are those that every generation takes which is to load the file. What is left out on the way is held against the
/// graph afterwards (``RewrittenModel``): it must not change what is computed.
struct ObjectRewriter {
  let form: KerasForm
  /// What had no place and is not known to mean nothing.
  private(set) var leftOut: [LeftOut] = []

  init(_ form: KerasForm) { self.form = form }

  /// A layer of the class with the keys.
  ///
  /// - Parameters:
  ///   - className: its name in the file.
  ///   - members: its configuration there.
  ///   - path: the layer's name behind those of the models that it lies in.
  ///   - isInner: whether it stands in a key of another layer, where Keras 3 finds a class by its module alone.
  /// - Returns: the members of its object: class, configuration and where the class is found.
  /// - Throws: `ModelFileError` of kind `unsupported` for a class that one of the generations lacks.
  mutating func layer(
    _ className: String, _ members: JSONObject, path: String, isInner: Bool = false
  ) throws(ModelFileError) -> JSONObject {
    let name = KeyRewriting.className(className, in: form)
    let configuration = KerasConfiguration(className: className, members: members)
    var members = configuration.members
    if configuration.isFirstGeneration {
      for key in FirstGenerationKeys.replaced { members[key] = nil }
    }
    KeyRewriting.rename(&members, of: className, to: name, in: form)
    var rows: [NameTable.Row] = []
    for (generation, names) in zip(form.generations, form.names) {
      let aliased = names.aliases[name]?.keys.keys.first
      guard let row = names.layers[name] ?? aliased.flatMap({ names.layers[$0] }) else {
        throw ModelFileError(
          .unsupported, "\(generation.name) has no layer of class '\(name.escapedForTerminal)'",
          remedy: form == .both
            ? "write the file for the other one alone: --keras \(generation == .second ? 3 : 2)"
            : nil)
      }
      rows.append(row)
    }
    var kept = JSONObject()
    for (key, value) in members {
      guard Self.isShape(key, of: name) || rows.allSatisfy({ $0.keys[key] != nil }),
        let rewritten = try self.value(value, of: key, in: name, path: path)
      else {
        if !KeyRewriting.isNoLoss(key, value) { leftOut.append(LeftOut(layer: path, key: key)) }
        continue
      }
      kept[key] = rewritten
    }
    return object(name, kept, module: "keras.layers", isNamed: isInner)
  }

  /// Whether a key tells the shape of an input: each Keras takes other keys than those of its constructor for it.
  private static func isShape(_ key: String, of className: String) -> Bool {
    className == KerasLayers.InputLayer.className
      && (key == "batch_shape" || key == "batch_input_shape")
  }

  /// An object of a class.
  ///
  /// - Parameters:
  ///   - module: where the class is found.
  ///   - registered: under which name, if it is not found there.
  ///   - isNamed: whether the module is named for tf_keras too. Among the layers of a model it is not: by the name alone
  ///     both find the class, and read the rest of the layer in Keras 2's way.
  func object(
    _ className: String, _ config: JSONObject, module: String, registered: String? = nil,
    isNamed: Bool = false
  ) -> JSONObject {
    guard form.isThird || isNamed else {
      return ["class_name": .string(className), "config": .object(config)]
    }
    return [
      "module": .string(module), "class_name": .string(className), "config": .object(config),
      "registered_name": registered.map(JSONValue.string) ?? .null,
    ]
  }

  /// The value of a key; `nil` for one that can be done without and that not all know.
  private mutating func value(
    _ value: JSONValue, of key: String, in className: String, path: String
  ) throws(ModelFileError) -> JSONValue? {
    switch key {
    case "dtype": return type(value, in: className)
    case "layer", "cell", "backward_layer", "forward_layer":
      return value == .null ? value : try inner(value, path: "\(path)/\(key)")
    case "cells":
      var cells: [JSONValue] = []
      for cell in value.elements ?? [] { cells.append(try inner(cell, path: "\(path)/\(key)")) }
      return .array(cells)
    case "axis":
      // A list of one, which Keras 3 does not take for the number everywhere.
      return value.elements?.count == 1 ? value[0] : plain(value)
    case "seed": return value.object == nil ? value : .null
    default: break
    }
    if key.hasSuffix("activation") { return try activation(value, path: "\(path)/\(key)") }
    if key.hasSuffix("_initializer") { return named(value, "initializers", \.initializers) }
    if key.hasSuffix("_regularizer") { return named(value, "regularizers", \.regularizers) }
    if key.hasSuffix("_constraint") { return named(value, "constraints", \.constraints) }
    return plain(value)
  }

  /// A layer, or a whole model, in the key of another.
  private mutating func inner(
    _ entry: JSONValue, path: String
  ) throws(ModelFileError) -> JSONValue {
    guard let className = entry["class_name"]?.text, let members = entry["config"]?.object else {
      return entry
    }
    guard !NestedModel.classNames.contains(className) else {
      throw ModelFileError(
        .unsupported, "a whole model inside of a layer can't be rewritten for \(form.readers)")
    }
    return .object(try layer(className, members, path: path, isInner: true))
  }

  /// The type of numbers: a name for both, which tf_keras's policies have too, and for Keras 3 the object that it writes.
  private func type(_ value: JSONValue, in className: String) -> JSONValue {
    if case .object = value,
      value["config"]?["mode"] != nil || value["config"]?["source_name"] != nil
    {
      return value
    }
    let name = KerasPolicy(value).name
    guard form.isThird, className != KerasLayers.InputLayer.className else { return .string(name) }
    return .object(object("DTypePolicy", ["name": .string(name)], module: "keras"))
  }

  /// A function by its name, or a layer in its place.
  private mutating func activation(
    _ value: JSONValue, path: String
  ) throws(ModelFileError) -> JSONValue {
    guard let className = value["class_name"]?.text else { return value }
    if className == "function" { return value["config"] ?? .null }
    return try inner(value, path: path)
  }

  /// An initializer, regularizer or constraint, if all know it. It means nothing for what a model computes.
  private func named(
    _ value: JSONValue, _ module: String, _ table: KeyPath<KerasNames, NameTable>
  ) -> JSONValue? {
    guard value != .null else { return value }
    let given = value.text ?? value["class_name"]?.text ?? ""
    let name = given.hasSuffix("V2") ? String(given.dropLast(2)) : given
    let rows = form.names.compactMap { $0[keyPath: table][name] }
    guard rows.count == form.names.count else { return nil }
    guard value.text == nil else { return .string(name) }
    var members = JSONObject()
    for (key, value) in value["config"]?.object ?? [:]
    where rows.allSatisfy({ $0.keys[key] != nil }) {
      members[key] = value.object == nil ? plain(value) : .null
    }
    return .object(object(name, members, module: "keras.\(module)", isNamed: true))
  }

  /// A value without the objects in which Keras 3 puts what JSON has no word for.
  private func plain(_ value: JSONValue) -> JSONValue {
    if let items = value["items"]?.elements, value["class_name"]?.text == "__tuple__" {
      return .array(items.map(plain))
    }
    if let elements = value.elements { return .array(elements.map(plain)) }
    return value
  }
}
