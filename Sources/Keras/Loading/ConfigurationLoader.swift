import FileSupport

/// Why a Keras does not load a model.
struct LoadingRefusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// Goes through a model's configuration as one generation of Keras does when it makes a model of it: which
/// classes it finds, which keys and values they take, and how the layers are called.
///
/// Sources: `keras/src/saving/serialization_lib.py`, `keras/src/legacy/saving/saving_utils.py`,
/// `keras/src/models`; `tf_keras/src/layers/serialization.py`, `tf_keras/src/saving/legacy/serialization.py`,
/// `tf_keras/src/engine`.
struct ConfigurationLoader {
  let generation: LoadingGeneration
  /// Whether the file is a `.keras` archive, whose configuration names the module of every class.
  let isArchive: Bool
  /// Whether the same generation wrote the file, so that what it calls layers with is its own.
  let isOwn: Bool
  /// What the rules don't tell of.
  private(set) var doubts: [String] = []
  let names: KerasNames
  /// Whether anything is said to be of another type than float32.
  var hasOtherTypes = false
  /// Whether an input leaves the number of samples open.
  var isBatchOpen = false
  /// A layer that keeps its state from call to call.
  var stateful: String?

  init(_ generation: LoadingGeneration, isArchive: Bool, isOwn: Bool) {
    self.generation = generation
    self.isArchive = isArchive
    self.isOwn = isOwn
    names = generation == .second ? .second : .third
  }

  /// What a class turned out to be.
  enum Found {
    case model
    case layer(NameTable.Row)
    case operation(NameTable.Row)
    /// A class that is there, but of which no more is known.
    case unknown
  }

  /// Where an object of a configuration stands, which decides how its class is looked for.
  enum Place: Equatable {
    /// The model of the file.
    case top
    /// A model's list of layers.
    case list
    /// A key of a layer.
    case key
  }

  mutating func doubt(_ what: String) {
    if !doubts.contains(what) { doubts.append(what) }
  }

  /// Goes through the model of a file.
  mutating func load(_ configuration: JSONValue) throws(LoadingRefusal) {
    _ = try object(configuration, in: .top)
    if let stateful, isBatchOpen {
      doubt(
        "\(Self.shown(stateful)) keeps its state, for which the number of samples must be known")
    }
  }

  /// Goes through a layer or model with its class.
  mutating func object(_ entry: JSONValue, in place: Place) throws(LoadingRefusal) -> Found {
    guard let className = entry["class_name"]?.text, let config = entry["config"] else {
      throw LoadingRefusal("a layer has no class or no configuration")
    }
    let shown = Self.shown(className)
    guard let found = try find(className, entry, in: place) else {
      throw LoadingRefusal("\(generation.name) has no class \(shown)")
    }
    switch found {
    case .model: try model(className, config, in: place)
    case .layer(let row):
      if place == .top { doubt("the model is a layer of class \(shown) alone") }
      try layer(className, config, row, isLegacy: isLegacy(entry, in: place))
    case .operation(let row): try function(className, config.object ?? [:], row)
    case .unknown: doubt("what tf_keras makes of a \(shown) is not known")
    }
    return found
  }

  /// Whether Keras looks for a class in the old way, by its name alone.
  private func isLegacy(_ entry: JSONValue, in place: Place) -> Bool {
    switch place {
    case .top: !isArchive
    case .list: entry["module"] == nil
    case .key: generation == .second
    }
  }

  // MARK: Classes

  private mutating func find(
    _ className: String, _ entry: JSONValue, in place: Place
  ) throws(LoadingRefusal) -> Found? {
    if generation == .second {
      if place == .top, isArchive { return try findByModule2(className, entry) }
      // Of an object with a module the name counts; one with none in place of it is a class of the author's, which only
      // an archive tells.
      guard !isArchive || entry["module"] != .null else { return nil }
      return byName(className)
    }
    return isLegacy(entry, in: place) ? byName(className) : try findByModule3(className, entry)
  }

  private func byName(_ className: String) -> Found? {
    if NestedModel.classNames.contains(className) { return .model }
    return names.layers[className].map { .layer($0) }
  }

  /// The model of an archive, as tf_keras finds it: among the public names, or by importing its module.
  private mutating func findByModule2(
    _ className: String, _ entry: JSONValue
  ) throws(LoadingRefusal) -> Found? {
    guard let module = entry["module"]?.text else { return nil }
    let tail = module.hasPrefix("tf_") ? String(module.dropFirst(3)) : module
    if tail == "keras.experimental" { return .unknown }
    guard NestedModel.classNames.contains(className) else { return nil }
    switch (tail, className) {
    case ("keras", "Sequential"), ("keras", "Model"), ("keras.models", "Sequential"),
      ("keras.models", "Model"), ("keras.src.engine.functional", "Functional"),
      ("keras.src.engine.sequential", "Sequential"), ("keras.src.engine.training", "Model"):
      return .model
    default:
      // Keras 2.12 and Keras 3 have it in modules of other names.
      guard tail.hasPrefix("keras.engine.") || tail.hasPrefix("keras.src.models.") else {
        doubt("where tf_keras finds \(Self.shown("\(module).\(className)")) is not known")
        return .model
      }
      throw LoadingRefusal("tf_keras has no module \(Self.shown(module))")
    }
  }

  /// A class by its module, as Keras 3 finds it: among the public names, or by importing its module, of
  /// its own package only.
  private mutating func findByModule3(
    _ className: String, _ entry: JSONValue
  ) throws(LoadingRefusal) -> Found? {
    guard let module = entry["module"]?.text,
      module == "keras" || module.hasPrefix("keras.")
    else { return nil }
    if let name = entry["registered_name"], name != .null, name.text == nil {
      doubtForm("a registered name")
    }
    // Its public classes are registered under no name.
    if let name = entry["registered_name"]?.text, !name.isEmpty, name != className,
      module == "keras" || module == "keras.layers"
    {
      throw LoadingRefusal(
        "\(Self.shown(className)) is registered as \(Self.shown(name)), which Keras's own are not")
    }
    switch module {
    case "keras", "keras.models":
      return className == "Sequential" || className == "Model" ? .model : nil
    case "keras.src.models.functional" where className == "Functional": return .model
    case "keras.src.models.sequential" where className == "Sequential": return .model
    case "keras.layers":
      guard KeyRewriting.publicNames[className] == nil else { return nil }
      if let row = names.layers[className] { return .layer(row) }
      let original = names.aliases[className]?.keys.keys.first
      return original.flatMap { names.layers[$0] }.map { .layer($0) }
    case let module where module.hasPrefix(TensorFunction.module + "."):
      let name = "\(module.dropFirst(TensorFunction.module.count + 1)).\(className)"
      return names.operations[name].map { .operation($0) }
    default:
      guard let row = names.layers[className], !module.hasPrefix("keras.src.engine") else {
        return nil
      }
      doubt("whether Keras 3 has the module \(Self.shown(module)) is not known")
      return .layer(row)
    }
  }

  // MARK: Layers

  private mutating func layer(
    _ className: String, _ config: JSONValue, _ row: NameTable.Row, isLegacy: Bool
  ) throws(LoadingRefusal) {
    guard var members = config.object else {
      throw LoadingRefusal("a layer of class \(Self.shown(className)) has no configuration")
    }
    if generation == .third, isLegacy {
      try Self.adapt(&members, of: className)
      try Self.mistake(members, of: className)
    }
    if className == KerasLayers.InputLayer.className {
      try input(members)
      // Keras 3's passes over what it does not know.
      guard generation == .second else { return }
    }
    try options(of: className, members, row)
    try peculiarities(of: className, members)
  }

  /// What Keras 3 changes of a configuration in an `.h5` before it makes the layer.
  private static func adapt(
    _ members: inout JSONObject, of className: String
  ) throws(LoadingRefusal) {
    if let shape = members["batch_input_shape"] {
      members["batch_input_shape"] = nil
      if shape != .null {
        let isInput = className == KerasLayers.InputLayer.className
        members[isInput ? "batch_shape" : "input_shape"] = shape
      }
    }
    if let axis = members["axis"] {
      // It passes over several axes; what depends on them gets weights of other shapes.
      let isPassedOver =
        axis.elements.map { $0.count != 1 } ?? (className == "Normalization" && axis == .null)
      if isPassedOver, members["mean"] == nil || members["mean"] == .null,
        ["LayerNormalization", "BatchNormalization", "Normalization", "RMSNormalization"]
          .contains(className)
      {
        throw LoadingRefusal("Keras 3 passes over the 'axis' of a '\(className)' in an '.h5'")
      }
      let only = axis.elements?.count == 1 ? axis[0] : axis
      members["axis"] = only?.double == nil ? JSONValue?.none : only
    }
  }

  /// The functions beside Keras 3's layers.
  private static let layerFunctions: Set<String> = [
    "Input", "add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract",
    "serialize", "deserialize",
  ]

  /// Keras 3 puts a function in the place of any text in an `.h5` that is called like one.
  private static func mistake(
    _ members: JSONObject, of className: String
  ) throws(LoadingRefusal) {
    for (key, value) in members where key != "name" {
      guard let text = value.text, layerFunctions.contains(text) else { continue }
      throw LoadingRefusal(
        "Keras 3 takes '\(text)' in an '.h5' for a function of that name, and not for the '\(key)' of a "
          + "'\(className.escapedForTerminal)'")
    }
  }

  private mutating func options(
    of className: String, _ members: JSONObject, _ row: NameTable.Row
  ) throws(LoadingRefusal) {
    try held(members, of: className, row)
    for (key, value) in members {
      try self.value(value, of: key, row.keys[key] ?? nil, in: className)
    }
  }

  private mutating func function(
    _ className: String, _ members: JSONObject, _ row: NameTable.Row
  ) throws(LoadingRefusal) {
    try held(members, of: className, row)
    let isKnown = TensorFunction.Kind(keras: className) != nil
    for (key, value) in members {
      try self.value(value, of: key, inFunction: className, isKnown: isKnown)
    }
    for key in row.required where members[key] == .null {
      doubt("whether \(Self.shown(className)) takes its '\(key)' is not known")
    }
  }

  /// Holds the names of keys against those that a class or function takes and needs.
  private func held(
    _ members: JSONObject, of className: String, _ row: NameTable.Row
  ) throws(LoadingRefusal) {
    for (key, _) in members where row.keys[key] == nil {
      throw LoadingRefusal(
        "\(generation.name)'s \(Self.shown(className)) does not take \(Self.shown(key))")
    }
    for key in row.required where members[key] == nil {
      throw LoadingRefusal("a layer of class \(Self.shown(className)) lacks '\(key)'")
    }
  }

  static func shown(_ text: String) -> String { "'\(String(text.prefix(60)).escapedForTerminal)'" }
}
