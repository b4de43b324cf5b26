import FileSupport
import HDF5
import ModelGraph

/// Holds the weights of a file against a model as a Keras does that loads them.
///
/// Sources: `keras/src/legacy/saving/legacy_h5_format.py`, `tf_keras/src/saving/legacy/hdf5_format.py`:
/// layers that have weights are paired by their order, names don't count; then numbers and shapes must agree.
struct LoadedWeights {
  private let generation: LoadingGeneration
  private let checkpoint: KerasCheckpoint
  private let isOwn: Bool
  /// What the rules don't tell of.
  private(set) var doubts: [String] = []

  init(_ generation: LoadingGeneration, _ checkpoint: KerasCheckpoint, isOwn: Bool) {
    self.generation = generation
    self.checkpoint = checkpoint
    self.isOwn = isOwn
  }

  private var isArchive: Bool { checkpoint.container == .archive }

  mutating func hold(
    against configuration: JSONValue, _ model: KerasModel?
  ) throws(LoadingRefusal) {
    let stored = checkpoint.layers.filter { !$0.weights.isEmpty }
    for weight in stored.flatMap(\.weights) { try check(weight) }
    try lacksResetAfter(configuration)
    if isArchive { return try hold(paths: stored) }
    if !isBuilt(configuration), !stored.isEmpty {
      throw LoadingRefusal(
        "the Sequential has no input that \(generation.name) takes, so its layers have no weights")
    }
    guard let model = try doubled(configuration) ?? model else { return }
    try pair(stored, with: model)
    if generation == .second, !checkpoint.weightsNameVersion { try convert(model) }
  }

  private func check(_ weight: StoredWeight) throws(LoadingRefusal) {
    if weight.dataset.datatype.kind == .opaque,
      generation == .second || !isArchive
        || (try? weight.dataset.attribute(named: "dtype")) == nil
    {
      throw LoadingRefusal("\(generation.name) does not read these weights in bfloat16")
    }
    if generation == .third, !isArchive, weight.name.bytes.first == UInt8(ascii: "/") {
      throw LoadingRefusal("a weight's name leads out of its layer, which Keras 3 refuses")
    }
  }

  // MARK: Archives

  /// Keras 2.12 kept the layers under another name, and counted them in steps: tf_keras does not look there
  /// any more, and Keras 3 finds the first of each class.
  private func hold(paths stored: [StoredLayer]) throws(LoadingRefusal) {
    for layer in stored {
      let names = (layer.group ?? []) + layer.weights.flatMap { LegacyNames.path(of: $0.name) }
      guard names.contains(Version3Layout.containers[1]) else { continue }
      guard generation == .third else {
        throw LoadingRefusal("the weights are laid out in Keras 2.12's way")
      }
      // `dense_2`, but not `vars/2`.
      for name in names
      where NumberedName(name).number > 0 && !NumberedName(name).stem.bytes.isEmpty {
        throw LoadingRefusal("the weights are laid out in Keras 2.12's way, which counts otherwise")
      }
    }
  }

  // MARK: Order

  private mutating func pair(
    _ stored: [StoredLayer], with model: KerasModel
  ) throws(LoadingRefusal) {
    guard model.layers.allSatisfy({ $0.forms != nil }) else {
      if !isOwn { doubts.append("the weights of a class are not known") }
      return
    }
    let isCalledOnce = model.layers.allSatisfy { $0.calls.count <= 1 }
    let ordered =
      model.isSequential || !isCalledOnce
      ? model.layers : LayerOrder(model.layers, outputs: model.outputs).sorted
    let needing = ordered.filter { $0.forms?.isEmpty == false }
    if generation == .second, needing.contains(where: \.hasUnequalDirections) {
      doubts.append("what tf_keras makes of a Bidirectional of unequal layers is not known")
    }
    guard needing.count == stored.count else {
      throw LoadingRefusal(
        "\(stored.count) layers of the file have weights, and \(needing.count) of the model")
    }
    for (layer, stored) in zip(needing, stored) {
      let expected = WeightAssignment.legacyOrder(layer.forms ?? []).map(\.shape)
      let found = stored.weights.map { try? $0.shape() }
      guard expected.map(Optional.some) != found else { continue }
      let names = "'\(stored.name.description.escapedForTerminal)'"
      guard isCalledOnce else {
        doubts.append("the order of layers that are called several times is not known")
        return
      }
      throw LoadingRefusal(
        "the weights of \(names) are not of the shapes that "
          + "\(ConfigurationLoader.shown(layer.name)) has in its place")
    }
  }

  // MARK: Sequential models without an input

  /// Whether the layers of a `Sequential` are given their weights.
  private func isBuilt(_ configuration: JSONValue) -> Bool {
    guard configuration["class_name"]?.text == "Sequential" else { return true }
    let config = configuration["config"]
    if config?["build_input_shape"]?.elements != nil { return true }
    return Self.startsWithInput(config)
  }

  static func startsWithInput(_ config: JSONValue?, depth: Int = 0) -> Bool {
    guard let first = config?["layers"]?[0] ?? config?[0], depth < KerasConfiguration.maximumDepth
    else { return false }
    let className = first["class_name"]?.text
    if className == KerasLayers.InputLayer.className { return true }
    let inner = first["config"]
    if className == "Sequential" { return startsWithInput(inner, depth: depth + 1) }
    if NestedModel.classNames.contains(className ?? "") { return true }
    return ["batch_input_shape", "input_shape", "input_dim"].contains {
      inner?[$0] != nil && inner?[$0] != .null
    }
  }

  /// The model as Keras 3 makes it of a `Sequential` whose first layer has a `batch_input_shape`: it takes
  /// that for a shape without the batch axis, and puts one in front of it.
  private mutating func doubled(_ configuration: JSONValue) throws(LoadingRefusal) -> KerasModel? {
    guard generation == .third, configuration["class_name"]?.text == "Sequential",
      var config = configuration["config"]?.object, var layers = config["layers"]?.elements,
      let first = layers.first?["config"], layers.first?["module"] == nil,
      layers.first?["class_name"]?.text != KerasLayers.InputLayer.className,
      let shape = first["batch_input_shape"]?.elements
    else { return nil }
    if let layer = layers.prefix(while: { !Self.isFlattening($0) }).first(where: Self.isSpatial) {
      throw LoadingRefusal(
        "Keras 3 takes the first layer's 'batch_input_shape' for one without the batch axis, which does "
          + "not fit '\((layer["class_name"]?.text ?? "").escapedForTerminal)'")
    }
    layers.insert(
      [
        "class_name": "InputLayer",
        "config": [
          "batch_input_shape": .array([.null] + shape), "name": "input of Keras 3",
          "dtype": "float32",
        ],
      ], at: 0)
    config["layers"] = .array(layers)
    do throws(ModelFileError) {
      let model = try KerasModel(configuration: [
        "class_name": "Sequential", "config": .object(config),
      ])
      if model.layers.contains(where: { $0.outputShape == nil }) {
        doubts.append("what Keras 3 makes of the first layer's 'batch_input_shape' is not known")
      }
      return model
    } catch {
      throw LoadingRefusal(
        "Keras 3 takes the first layer's 'batch_input_shape' for one without the batch axis, which "
          + "does not fit: \(error.problem)")
    }
  }

  private static func isFlattening(_ layer: JSONValue) -> Bool {
    ["Flatten", "Reshape"].contains(layer["class_name"]?.text ?? "")
  }

  /// Whether a layer takes values with a certain number of axes only.
  private static func isSpatial(_ layer: JSONValue) -> Bool {
    let name = layer["class_name"]?.text ?? ""
    return ["1D", "2D", "3D"].contains(where: name.hasSuffix)
      || ["LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "RepeatVector", "Permute"]
        .contains(name)
  }

  // MARK: Weights of other versions

  /// Keras before 2.5 had GRUs that reset before the product, and did not say so.
  private func lacksResetAfter(
    _ value: JSONValue, depth: Int = 0
  ) throws(LoadingRefusal) {
    guard depth < 200 else { return }
    for element in value.elements ?? [] { try lacksResetAfter(element, depth: depth + 1) }
    guard let object = value.object else { return }
    if let name = object["class_name"]?.text, name == "GRU" || name == "GRUCell",
      let config = object["config"]?.object, config["reset_after"] == nil,
      config["use_bias"]?.truth != false
    {
      throw LoadingRefusal(
        "a GRU lacks 'reset_after', for which \(generation.name) takes true, and its weights are "
          + "those of false")
    }
    for (_, element) in object { try lacksResetAfter(element, depth: depth + 1) }
  }

  /// Weights whose group names no version are taken for those of Keras 1, and turned as its were.
  private mutating func convert(_ model: KerasModel) throws(LoadingRefusal) {
    for layer in model.layers {
      let members = layer.layerClass.configuration
      let isFirst = members["data_format"]?.text == "channels_first"
      switch layer.className {
      case "Conv1D", "Conv2DTranspose":
        throw LoadingRefusal(
          "the weights name no version, so tf_keras takes those of '\(layer.className)' for Keras 1's"
        )
      case "Conv2D" where isFirst, "Conv3D" where isFirst, "TimeDistributed", "Bidirectional",
        "Functional", "Sequential", "Model":
        doubts.append("the weights name no version, so tf_keras takes them for Keras 1's")
      default: continue
      }
    }
  }
}

extension KerasLayer {
  /// Whether it runs along a sequence in both directions with other numbers of weights: tf_keras takes half of them for
  /// each (`hdf5_format.py: preprocess_weights_for_loading`).
  fileprivate var hasUnequalDirections: Bool {
    func count(_ name: String) -> Int { (forms ?? []).count { $0.owner.contains(name) } }
    let names = KerasLayers.Bidirectional.owners
    return count(names.forward) != count(names.backward)
  }
}
