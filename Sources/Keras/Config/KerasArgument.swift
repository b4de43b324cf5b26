import FileSupport

/// Something that a layer is called with.
public indirect enum KerasArgument: Sendable {
  /// A value of the model.
  case tensor(KerasTensorReference)
  /// Several things.
  case list([KerasArgument])
  /// Several things with a name each, in the order of the file.
  case dictionary([(name: String, value: KerasArgument)])
  /// Anything that stands in the configuration itself: a number, `true`, a slice.
  case constant(JSONValue)

  /// The values of the model in it, in order; those of a dictionary in the order of their names, which is Keras's.
  var tensors: [KerasTensorReference] {
    switch self {
    case .tensor(let reference): [reference]
    case .list(let arguments): arguments.flatMap(\.tensors)
    case .dictionary(let members):
      members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        .flatMap(\.value.tensors)
    case .constant: []
    }
  }

  /// What it is made of: values and constants that lie in no list.
  var leaves: [KerasArgument] {
    switch self {
    case .tensor, .constant: [self]
    case .list(let arguments): arguments.flatMap(\.leaves)
    case .dictionary(let members): members.flatMap(\.value.leaves)
    }
  }

  /// The values of a list of which some elements may be `null`.
  var optionalTensors: [KerasTensorReference?] {
    guard case .list(let arguments) = self else { return tensors }
    return arguments.map(\.tensors.first)
  }

  /// What stands in the configuration, if no value of the model is in it.
  var constant: JSONValue? {
    switch self {
    case .tensor: return nil
    case .constant(let value): return value
    case .list(let arguments):
      let values = arguments.compactMap(\.constant)
      return values.count == arguments.count ? .array(values) : nil
    case .dictionary(let members):
      var object = JSONObject()
      for member in members {
        guard let value = member.value.constant else { return nil }
        object[member.name] = value
      }
      return .object(object)
    }
  }

  /// Whether it is `null`, which is Python's `None`.
  var isNull: Bool { constant == .null }

  /// The same with every value of the model replaced.
  func mapping(
    _ transform: (KerasTensorReference) -> KerasTensorReference
  ) -> KerasArgument {
    switch self {
    case .tensor(let reference): .tensor(transform(reference))
    case .list(let arguments): .list(arguments.map { $0.mapping(transform) })
    case .dictionary(let members):
      .dictionary(members.map { ($0.name, $0.value.mapping(transform)) })
    case .constant: self
    }
  }

  /// As a message shows it.
  var summary: String {
    if let constant {
      return String(decoding: JSONWriter().bytes(of: constant).prefix(80), as: UTF8.self)
    }
    switch self {
    case .tensor(let reference): return "a value of '\(reference.layer.escapedForTerminal)'"
    case .dictionary: return "a dictionary"
    default: return "a list"
    }
  }
}

extension KerasArgument {
  /// As Keras 2 writes an argument that is passed by name: a value is its name and two numbers.
  init(version2 value: JSONValue) {
    if let reference = KerasTensorReference(value) {
      self = .tensor(reference)
    } else if value[0]?.text == "_CONSTANT_VALUE", value[1]?.int == -1, let constant = value[2] {
      self = .constant(constant)
    } else if let elements = value.elements {
      self = .list(elements.map(KerasArgument.init(version2:)))
    } else {
      self = .constant(value)
    }
  }

  /// As Keras 3 writes an argument: a value is an object of class `__keras_tensor__`.
  init(version3 value: JSONValue) {
    if let history = value["config"]?["keras_history"], let found = KerasTensorReference(history) {
      self = .tensor(found)
    } else if let elements = value.elements {
      self = .list(elements.map(KerasArgument.init(version3:)))
    } else if value["class_name"]?.text == "__tuple__", let items = value["items"]?.elements {
      self = .list(items.map(KerasArgument.init(version3:)))
    } else if let members = value.object, members["class_name"] == nil {
      self = .dictionary(members.map { ($0.key, KerasArgument(version3: $0.value)) })
    } else {
      self = .constant(value)
    }
  }
}

extension KerasArgument: Hashable {
  /// Whether both name the same values and constants, under the same names in the same order.
  public static func == (first: KerasArgument, second: KerasArgument) -> Bool {
    switch (first, second) {
    case (.tensor(let a), .tensor(let b)): a == b
    case (.list(let a), .list(let b)): a == b
    case (.dictionary(let a), .dictionary(let b)):
      a.elementsEqual(b) { $0.name.utf8.elementsEqual($1.name.utf8) && $0.value == $1.value }
    case (.constant(let a), .constant(let b)): a == b
    default: false
    }
  }

  /// Takes the values and constants in order; where they lie doesn't tell calls apart that a model has.
  public func hash(into hasher: inout Hasher) {
    for leaf in leaves {
      switch leaf {
      case .tensor(let reference): hasher.combine(reference)
      case .constant(let value): hasher.combine(value)
      case .list, .dictionary: break
      }
    }
  }
}
