import FileSupport

extension ConfigurationLoader {
  /// Holds the value of a layer's key against what the generation takes for it.
  mutating func value(
    _ value: JSONValue, of key: String, _ kind: NameTable.Kind?, in className: String
  ) throws(LoadingRefusal) {
    switch key {
    case "name": try name(value)
    case "trainable":
      guard value.truth == nil else { return }
      // tf_keras's normalization keeps it without a look.
      guard generation == .second, className.hasSuffix("BatchNormalization") else {
        throw refusal(value, of: key, in: className)
      }
      doubt("\(Self.shown(className)) has an unusual 'trainable'")
    case "dtype": try dtype(value, of: className)
    case "activation", "recurrent_activation": try activation(value)
    case "layer", "cell", "backward_layer", "forward_layer":
      if value != .null { _ = try object(value, in: .key) }
    case "cells":
      for cell in value.elements ?? [] { _ = try object(cell, in: .key) }
    default:
      if key.hasSuffix("_initializer") {
        try named(value, of: key, names.initializers)
      } else if key.hasSuffix("_regularizer") {
        try named(value, of: key, names.regularizers)
      } else if key.hasSuffix("_constraint") {
        try named(value, of: key, names.constraints)
      } else {
        plain(value, of: key, kind, in: className)
      }
    }
  }

  func name(_ value: JSONValue) throws(LoadingRefusal) {
    guard let name = value.text else {
      if value != .null { throw LoadingRefusal("a layer's name is no text") }
      return
    }
    guard generation.takes(name: name) else {
      throw LoadingRefusal("\(generation.name) takes no layer called \(Self.shown(name))")
    }
  }

  func refusal(_ value: JSONValue, of key: String, in className: String) -> LoadingRefusal {
    let text = String(decoding: JSONWriter().bytes(of: value).prefix(60), as: UTF8.self)
    return LoadingRefusal(
      "\(generation.name)'s \(Self.shown(className)) does not take \(text.escapedForTerminal) "
        + "for '\(key)'")
  }

  // MARK: Functions and small objects

  /// A function by its name, or an object in its place.
  private mutating func activation(_ value: JSONValue) throws(LoadingRefusal) {
    switch value {
    case .null: return
    case .string(let name):
      guard names.activations.contains(name[...]) else {
        throw LoadingRefusal("\(generation.name) has no activation \(Self.shown(name))")
      }
    case .object(let object):
      guard let className = object["class_name"]?.text else {
        throw LoadingRefusal("an activation has no class")
      }
      guard className == "function" else {
        _ = try self.object(value, in: .key)
        return
      }
      let name = object["config"]?.text ?? ""
      let registered = object["registered_name"]?.text
      let isPublic =
        generation == .second
        || (object["module"]?.text).map { $0 == "builtins" || $0 == "keras.activations" } == true
      guard isPublic, names.activations.contains(name[...]),
        names.activations.contains((registered ?? name)[...])
      else { throw LoadingRefusal("\(generation.name) has no activation \(Self.shown(name))") }
    default: throw LoadingRefusal("an activation is no name")
    }
  }

  /// An initializer, regularizer or constraint: by its name, or as a class with what it takes.
  private mutating func named(
    _ value: JSONValue, of key: String, _ table: NameTable
  ) throws(LoadingRefusal) {
    let kind = key.split(separator: "_").last.map(String.init) ?? key
    switch value {
    case .null: return
    case .string(let name):
      guard table[name] != nil else {
        throw LoadingRefusal("\(generation.name) has no \(kind) \(Self.shown(name))")
      }
    case .object(let object):
      guard object["class_name"] != nil else { return doubt("a layer's \(kind) has no class") }
      guard let className = object["class_name"]?.text, object["module"] != .null,
        let row = table[className]
      else {
        let name = object["class_name"]?.text ?? "without a class"
        throw LoadingRefusal("\(generation.name) has no \(kind) \(Self.shown(name))")
      }
      for (key, value) in object["config"]?.object ?? [:] {
        guard row.keys[key] != nil || (key == "dtype" && generation == .second) else {
          throw LoadingRefusal(
            "\(generation.name)'s \(kind) \(Self.shown(className)) does not take "
              + "\(Self.shown(key))")
        }
        if value.object != nil, generation == .second {
          doubt("the \(kind) \(Self.shown(className)) holds an object")
        }
      }
    default: doubt("a layer's \(kind) is no name")
    }
  }

  // MARK: Types

  private mutating func dtype(_ value: JSONValue, of className: String) throws(LoadingRefusal) {
    switch value {
    case .null: return
    case .string(let name): try policy(name)
    case .object(let object):
      let className = object["class_name"]?.text ?? ""
      guard object["module"] != .null, generation.policyClasses.contains(className) else {
        throw LoadingRefusal(
          "\(generation.name) has no dtype policy of class \(Self.shown(className))")
      }
      if object["config"]?["mode"]?.text == "float8", !isArchive {
        // A layer that was quantized has its weights in another order than one that is made so.
        doubt("in which order the weights of a layer quantized to float8 lie is not known")
      }
      if let name = object["config"]?["name"]?.text {
        try policy(name)
      } else if object["config"]?["source_name"]?.text == nil {
        doubt("the dtype policy \(Self.shown(className)) has no name")
      }
    case _ where generation == .second: doubt("a layer's dtype is no name")
    default: throw LoadingRefusal("a layer's dtype is no name")
    }
  }

  private mutating func policy(_ name: String) throws(LoadingRefusal) {
    if name != KerasPolicy.standard.name { hasOtherTypes = true }
    if KerasPolicy.plainNames.contains(name) { return }
    let isQuantized = ["int8_from_", "int4", "float8_from_", "gptq", "awq"].contains(
      where: name.hasPrefix)
    guard isQuantized, generation == .third else {
      if name == "half" || name == "float" || name == "double" || name.hasPrefix("complex") {
        doubt("whether \(generation.name) takes the dtype \(Self.shown(name)) is not known")
        return
      }
      throw LoadingRefusal("\(generation.name) has no dtype \(Self.shown(name))")
    }
  }
}
