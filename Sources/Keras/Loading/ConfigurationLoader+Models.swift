import FileSupport
import HDF5

extension ConfigurationLoader {
  /// A layer of a functional model, as far as its calls go.
  struct Called {
    /// The class, for messages.
    let className: String
    let found: Found
    /// How many calls are listed.
    let calls: Int
    /// Whether it is a model with an input of its own, which it was called with when it was made.
    let startsWithInput: Bool

    var isModel: Bool { if case .model = found { true } else { false } }
    var isFunctional: Bool { isModel && className != "Sequential" }
  }

  /// Goes through the layers of a model.
  mutating func model(
    _ className: String, _ config: JSONValue, in place: Place
  ) throws(LoadingRefusal) {
    let count = config["layers"]?.elements?.count ?? config.elements?.count ?? 0
    if generation == .second, count > Self.deepestForPython {
      doubt(
        "tf_keras goes along \(count) layers by recursion, for which Python's limit is about 1,000")
    }
    className == "Sequential"
      ? try sequential(config, in: place) : try functional(config, in: place)
  }

  /// tf_keras uses a model's name where it is called.
  private func modelName(_ name: JSONValue?, in place: Place) throws(LoadingRefusal) {
    if place != .top || generation == .third { try self.name(name ?? .null) }
  }

  private mutating func sequential(
    _ config: JSONValue, in place: Place
  ) throws(LoadingRefusal) {
    if let layers = config.elements {
      guard generation == .second else {
        throw LoadingRefusal("Keras 3 takes no Sequential that is a mere list of layers")
      }
      for layer in layers { _ = try object(layer, in: .list) }
      return
    }
    guard let name = config["name"], let layers = config["layers"]?.elements else {
      throw LoadingRefusal("the Sequential has no name or no list of layers")
    }
    try modelName(name, in: place)
    if generation == .third, layers.count > Self.manyLayersOfSequential {
      doubt(
        "Keras 3 makes a Sequential anew for each of its \(layers.count) layers, which takes minutes"
      )
    }
    var isList = false
    for (position, layer) in layers.enumerated() {
      let found = try object(layer, in: .list)
      if generation == .third { try follow(layer, isLast: position == layers.count - 1, &isList) }
      if case .operation = found {
        throw LoadingRefusal("a Sequential holds a function that is no layer")
      }
      if position > 0, layer["class_name"]?.text == KerasLayers.InputLayer.className {
        doubt("a Sequential has an input behind its first layer")
      }
    }
  }

  /// Behind one another, so many layers are gone through without an error (`tf_keras/src/engine/functional.py`).
  private static let deepestForPython = 900

  /// Above so many layers Keras 3 takes longer to load a `Sequential` than most wait: 3 minutes for 800.
  private static let manyLayersOfSequential = 200

  /// Layers of Keras 3 without weights that work on each number, and so take a list of values for a value.
  private static let takingLists: Set<String> = [
    "Activation", "ActivityRegularization", "AlphaDropout", "Dropout", "ELU", "GaussianDropout",
    "GaussianNoise", "LeakyReLU", "ReLU", "Rescaling", "Softmax", "UnitNormalization",
  ]

  /// Holds a layer of a `Sequential` against what the layers before it give: in Keras 3, a functional model of an
  /// `.h5` by Keras 2 gives a list of its one output, which most layers don't take.
  ///
  /// - Parameter isList: whether a list comes, and then whether one goes on.
  private mutating func follow(
    _ layer: JSONValue, isLast: Bool, _ isList: inout Bool
  ) throws(LoadingRefusal) {
    let className = layer["class_name"]?.text ?? ""
    if className == "Sequential" {
      isList = false
    } else if NestedModel.classNames.contains(className) {
      isList = layer["config"]?["output_layers"]?[0]?.elements != nil
    } else if isList, !Self.takingLists.contains(className) {
      // Pooling does something with a list, with which nothing can go on.
      guard isLast, className.contains("Pooling") else {
        throw LoadingRefusal(
          "Keras 3 gives \(Self.shown(className)) the model's output in a list, which it does not take"
        )
      }
      doubt("Keras 3 gives \(Self.shown(className)) the model's output in a list")
    }
  }

  private mutating func functional(
    _ config: JSONValue, in place: Place
  ) throws(LoadingRefusal) {
    try modelName(config["name"], in: place)
    guard let layers = config["layers"]?.elements, let inputs = config["input_layers"],
      let outputs = config["output_layers"], config["name"] != nil
    else { throw LoadingRefusal("a functional model lacks its name, layers, inputs or outputs") }
    var called: [LinkName: Called] = [:]
    for layer in layers {
      guard let name = layer["name"]?.text, let nodes = layer["inbound_nodes"]?.elements else {
        throw LoadingRefusal("a layer of a functional model lacks its name or its calls")
      }
      let found = try object(layer, in: .list)
      guard called[LinkName(name)] == nil else {
        throw LoadingRefusal("two layers are called \(Self.shown(name))")
      }
      called[LinkName(name)] = Called(
        className: layer["class_name"]?.text ?? "", found: found, calls: nodes.count,
        startsWithInput: LoadedWeights.startsWithInput(layer["config"]))
    }
    for layer in layers {
      guard let name = layer["name"]?.text, let callee = called[LinkName(name)] else { continue }
      for node in layer["inbound_nodes"]?.elements ?? [] {
        try call(of: callee, name, node, among: called)
      }
    }
    try order(layers, among: called)
    if generation == .third { masks(layers) }
    for endpoints in [inputs, outputs] where !endpoints.isPlainList { doubtForm("an endpoint") }
    for reference in KerasTensorReference.endpoints(in: inputs) {
      guard called[LinkName(reference.layer)] != nil else {
        throw LoadingRefusal("the model's input \(Self.shown(reference.layer)) is not there")
      }
    }
    for reference in KerasTensorReference.endpoints(in: outputs) {
      try output(reference, among: called)
    }
  }

  /// Keras 3 makes masks by functions of its own in the model, where the file has not written them out, and
  /// names of theirs may be taken.
  private mutating func masks(_ layers: [JSONValue]) {
    let isMasked = layers.contains {
      $0["class_name"]?.text == KerasLayers.Masking.className
        || $0["config"]?["mask_zero"]?.truth == true
    }
    let taken = layers.contains { $0["config"]?["name"]?.text == "concatenate" }
    if isMasked, taken, !isOwn {
      doubt("masks are put together, for which Keras 3 may want a name that a layer has")
    }
  }

  /// What Keras makes of an output's number of a call.
  private mutating func output(
    _ reference: KerasTensorReference, among called: [LinkName: Called]
  ) throws(LoadingRefusal) {
    guard let source = called[LinkName(reference.layer)] else {
      throw LoadingRefusal("the model's output \(Self.shown(reference.layer)) is not there")
    }
    if generation == .second {
      try check(reference, of: source)
      return
    }
    // Keras 3 takes a functional model to have been called once before; -1 is the last call.
    let node = reference.node - (source.isFunctional ? 1 : 0)
    guard node < max(source.calls, 1) else {
      throw LoadingRefusal(
        "the output is call \(reference.node) of \(Self.shown(reference.layer)), which Keras 3 "
          + "does not make")
    }
  }

  /// What is in the names of classes of which some layers give several values.
  private static let severalOutputs = [
    "RNN", "LSTM", "GRU", "Bidirectional", "Attention", "Lambda",
  ]

  /// The number of a layer's first call: tf_keras counts the one by which a model with an input of its own was made.
  func firstCall(of source: Called) -> Int {
    let isMade = source.isFunctional || source.isModel && source.startsWithInput
    return generation == .second && isMade ? 1 : 0
  }

  /// Holds the number of a call against those that the generation counts.
  mutating func check(
    _ reference: KerasTensorReference, of source: Called
  ) throws(LoadingRefusal) {
    let first = firstCall(of: source)
    if case .layer = source.found, reference.tensor > 0,
      !Self.severalOutputs.contains(where: source.className.contains)
    {
      doubt("a further output of \(Self.shown(reference.layer)) is taken, which may have one")
    }
    guard reference.node >= first, reference.node < first + max(source.calls, 1) else {
      throw LoadingRefusal(
        "call \(reference.node) of \(Self.shown(reference.layer)) is taken, which "
          + "\(generation.name) does not make")
    }
  }
}
