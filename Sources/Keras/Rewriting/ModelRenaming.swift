import FileSupport
import ModelGraph

/// Gives layers other names where those of a model can't be had: Keras 3 takes none with a slash, tf_keras only what
/// TensorFlow takes for a scope.
struct ModelRenaming {
  private let generations: [LoadingGeneration]
  /// Names that Keras 3 wants for what it makes itself: of masks that are put together.
  private let reserved: Set<String>

  /// - Parameter isMasked: whether the model has masks that Keras 3 will have to make.
  init(_ form: KerasForm, isMasked: Bool = false) {
    generations = form.generations
    reserved = isMasked && generations.contains(.third) ? ["concatenate"] : []
  }

  /// The configuration with names that all take; `nil` if it has no others.
  func renamed(_ configuration: JSONValue) -> JSONValue? {
    var isChanged = false
    let result = model(configuration, &isChanged)
    // Not `nil` beside a value: that would be JSON's `null`.
    return isChanged ? result : JSONValue?.none
  }

  /// A model, in a file or inside another.
  private func model(_ entry: JSONValue, _ isChanged: inout Bool) -> JSONValue {
    guard var members = entry.object, var config = entry["config"]?.object,
      let layers = config["layers"]?.elements
    else { return entry }
    let names = layers.compactMap { ($0["name"] ?? $0["config"]?["name"])?.text }
    var new: [String: String] = [:]
    var unused = UniqueNames()
    // Names that stay come first, so that no other takes their place.
    for name in names where isTaken(name) {
      new[name] = name
      _ = unused.take(name)
    }
    for name in names where !isTaken(name) {
      let found = unused.unused(sound(name))
      new[name] = found
      _ = unused.take(found)
      isChanged = true
    }
    if let name = config["name"]?.text, !isTaken(name) {
      config["name"] = .string(sound(name))
      isChanged = true
    }
    var written: [JSONValue] = []
    for layer in layers { written.append(self.layer(layer, new, &isChanged)) }
    config["layers"] = .array(written)
    for key in ["input_layers", "output_layers"] where config[key] != nil {
      config[key] = references(config[key] ?? .null, new)
    }
    members["config"] = .object(config)
    return .object(members)
  }

  private func layer(
    _ entry: JSONValue, _ names: [String: String], _ isChanged: inout Bool
  ) -> JSONValue {
    guard var members = model(entry, &isChanged).object else { return entry }
    if let name = members["name"]?.text { members["name"] = .string(names[name] ?? name) }
    if var config = members["config"]?.object {
      if let name = config["name"]?.text {
        config["name"] = .string(names[name] ?? (isTaken(name) ? name : sound(name)))
      }
      for key in ["layer", "backward_layer", "cell"] where config[key]?.object != nil {
        config[key] = layer(config[key] ?? .null, [:], &isChanged)
      }
      members["config"] = .object(config)
    }
    if let nodes = members["inbound_nodes"] { members["inbound_nodes"] = references(nodes, names) }
    return .object(members)
  }

  /// Calls and endpoints with the layers' new names.
  private func references(_ value: JSONValue, _ names: [String: String]) -> JSONValue {
    if let object = value.object {
      return .object(JSONObject(object.map { ($0.key, references($0.value, names)) }))
    }
    guard var elements = value.elements else { return value }
    if KerasTensorReference(value) != nil, let name = elements[0].text {
      elements[0] = .string(names[name] ?? name)
    }
    return .array(elements.map { references($0, names) })
  }

  private func isTaken(_ name: String) -> Bool {
    !reserved.contains(name) && generations.allSatisfy { $0.takes(name: name) }
  }

  /// The name with `_` for what not all take.
  private func sound(_ name: String) -> String {
    if reserved.contains(name) { return "\(name)_layer" }
    let text = String(name.unicodeScalars.map { isTaken("a\($0)") ? Character($0) : "_" })
    return isTaken(text) ? text : "layer\(text)"
  }
}

extension LoadingGeneration {
  /// Whether a layer can be called so: tf_keras makes scopes of TensorFlow of the names, Keras 3 paths of its own.
  func takes(name: String) -> Bool {
    self == .third ? !name.utf8.contains(UInt8(ascii: "/")) : Self.isScope(name)
  }

  private static func isScope(_ name: String) -> Bool {
    name.utf8.enumerated().allSatisfy { position, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."): true
      case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
        UInt8(ascii: "/"):
        position > 0
      default: false
      }
    }
  }
}
