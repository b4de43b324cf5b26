import FileSupport
import ModelGraph
import Synchronization

/// The configuration of one layer as read from a file, with checked access to its keys.
public struct KerasConfiguration: Sendable {
  /// The name of the layer's class.
  public let className: String
  /// All keys; those of Keras 1 under the names that Keras 2 has for them.
  public let members: JSONObject
  /// Whether the keys were Keras 1's, whose kernels are laid out in its own way.
  public let isFirstGeneration: Bool
  /// The module of Python that the class lies in, where the file says so.
  let module: String?
  /// Whether the file says that the class lies in a module outside of Keras, or in none that it can name.
  let isOutside: Bool
  /// How deep the layer lies inside of others.
  let depth: Int
  /// Which keys were asked for.
  private let ledger = KeyLedger()

  /// The deepest that layers may lie in others. Real models have two or three levels.
  static let maximumDepth = 16

  /// The largest extent, stride or count that is taken. Products of two such numbers still fit an
  /// `Int`, so no file can make the shape rules overflow.
  public static let largest = 1 << 31

  /// A configuration of a layer of this class.
  public init(className: String, members: JSONObject) {
    self.init(className: className, members: members, origin: nil, depth: 0)
  }

  /// - Parameter origin: the object that names the class, if it can tell its module.
  init(className: String, members: JSONObject, origin: JSONValue?, depth: Int) {
    let isFunction = origin.map(TensorFunction.isMeant(by:)) == true
    module = isFunction ? TensorFunction.module : origin?["module"]?.text
    isOutside = Self.isOutside(origin)
    self.className = className
    isFirstGeneration = FirstGenerationKeys.areUsed(by: members)
    self.members =
      isFirstGeneration ? FirstGenerationKeys.renamed(members, of: className) : members
    self.depth = depth
  }

  /// The value of a key, which then counts as taken up. All reading goes through here.
  func value(_ key: String) -> JSONValue? {
    ledger.note(key)
    return members[key]
  }

  /// Keras has its classes in its own packages, and registers none of them under a name.
  private static func isOutside(_ origin: JSONValue?) -> Bool {
    guard let module = origin?["module"] else { return false }
    let package = module.text?.prefix { $0 != "." } ?? ""
    return !["keras", "tf_keras", "tensorflow"].contains(package)
      || origin?["registered_name"]?.text?.contains(">") == true
  }

  /// Whether a key is there and not `null`.
  func isSet(_ key: String) -> Bool { value(key).map { $0 != .null } ?? false }

  /// Refuses what the layer's class did not ask for and what is not known to mean nothing.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming the key.
  func refuseRest() throws(ModelFileError) {
    let replaced = isFirstGeneration ? FirstGenerationKeys.replaced : []
    for (key, value) in members
    where !ledger.contains(key) && !replaced.contains(key)
      && !(isFirstGeneration
        && FirstGenerationKeys.originals(of: key).contains(where: ledger.contains))
      && !MeaninglessKeys.contain(key, value)
    {
      throw ModelFileError(
        .unsupported, at: [.option(key)],
        "the layer's configuration has a key that is not known for its class, so that it can't be told what it means",
        found: String(decoding: JSONWriter().bytes(of: value).prefix(80), as: UTF8.self))
    }
  }

  /// The configuration of a layer in this one.
  func inner(_ key: String) throws(ModelFileError) -> KerasConfiguration {
    guard let value = value(key), let name = value["class_name"]?.text,
      let inside = value["config"]?.object
    else { throw wrong(key, expected: "a layer with 'class_name' and 'config'") }
    guard depth < Self.maximumDepth else {
      throw ModelFileError(
        .damaged, at: [.option(key)], "layers lie too deep in one another",
        expected: "at most \(Self.maximumDepth) levels")
    }
    return KerasConfiguration(
      className: name, members: inside, origin: value, depth: depth + 1)
  }

  /// A layer in this one.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a whole model, whose weights are not known.
  func innerLayer(_ key: String) throws(ModelFileError) -> InnerLayer {
    let layer = try KerasLayers.layer(try inner(key))
    if let unknown = layer as? UnknownLayer { throw unknown.refusal.at(.option(key)) }
    return InnerLayer(
      layer: layer, trains: members[key]?["config"]?["trainable"]?.truth ?? true,
      policy: KerasPolicy(ofLayer: members[key]))
  }

  /// Whether numbers are stored in 8 bits with a scale.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for other ways to store them.
  func isQuantized() throws(ModelFileError) -> Bool {
    let dtype = value("dtype")
    let mode =
      dtype?["config"]?["mode"]?.text ?? KerasPolicy(dtype).quantizedMode
      ?? value("quantization_mode")?.text
    let way = value("quantization_config") ?? .null
    // A layer that can't be stored in a way keeps the wish alone, and stays as it was (`model.quantize("float8")` and an
    // Embedding): what counts is the type.
    guard let mode else { return false }
    guard mode == "int8" else {
      throw ModelFileError(
        .unsupported, at: [.option("dtype")],
        "weights quantized as '\(mode.escapedForTerminal)' are not supported")
    }
    // Older versions have no such key. What the weights were rounded by is of no matter any more.
    guard way != .null else { return true }
    let quantizer = way["config"]?["activation_quantizer"]
    guard quantizer?["class_name"]?.text == "AbsMaxQuantizer",
      quantizer?["config"]?["value_range"] == [-127, 127],
      quantizer?["config"]?["epsilon"]?.double == 1e-7
    else {
      throw ModelFileError(
        .unsupported, at: [.option("quantization_config")],
        "values rounded to 8 bits in another way are not supported",
        expected: "AbsMaxQuantizer from -127 to 127 with an epsilon of 1e-07")
    }
    return true
  }

  /// The function applied to a result.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is none of Keras's.
  func activation(
    _ key: String = "activation", default fallback: String = "linear"
  ) throws(ModelFileError) -> KerasActivation {
    let name = try function(key, default: fallback)
    guard let value = value(key), value != .null, value.text == nil else {
      guard KerasActivations.names.contains(name) else {
        throw ModelFileError(
          .damaged, at: [.option(key)], "the activation is none that Keras knows",
          expected: "relu, sigmoid, tanh, …", found: "'\(name.escapedForTerminal)'")
      }
      return KerasActivation(name)
    }
    // An object is an activation layer in place of a function, or a function of the author's own.
    guard value["config"]?.object != nil else { return KerasActivation(name) }
    return KerasActivation(layer: try KerasLayers.layer(try inner(key)), json: value)
  }

  /// A flag as Python takes it: `1` and `1.0` are true, and so is nothing that is `null`.
  public func truth(_ key: String, default fallback: Bool) throws(ModelFileError) -> Bool {
    guard let value = value(key) else { return fallback }
    guard value != .null else { return false }
    guard let truth = value.pythonTruth else { throw wrong(key, expected: "true or false") }
    return truth
  }

  /// A text.
  public func text(_ key: String, default fallback: String) throws(ModelFileError) -> String {
    guard let value = value(key), value != .null else { return fallback }
    guard let text = value.text else { throw wrong(key, expected: "a text") }
    return text
  }

  /// The name of a function: a text, or an object that Keras made of a function or a layer.
  public func function(_ key: String, default fallback: String) throws(ModelFileError) -> String {
    guard let value = value(key), value != .null else { return fallback }
    guard let name = value.text ?? value["config"]?.text ?? value["class_name"]?.text else {
      throw wrong(key, expected: "the name of a function")
    }
    return name
  }

  /// The `padding` of a window.
  func padding(allowsCausal: Bool = false) throws(ModelFileError) -> WindowPadding {
    // Keras takes it in any case, as it does `data_format`.
    let name = try text("padding", default: WindowPadding.valid.rawValue).lowercased()
    guard let padding = WindowPadding(rawValue: name), padding != .causal || allowsCausal else {
      throw wrong("padding", expected: "'valid' or 'same'")
    }
    return padding
  }

  /// The `data_format`.
  func layout() throws(ModelFileError) -> ImageLayout {
    switch try text("data_format", default: "channels_last").lowercased() {
    case "channels_last": return .channelsLast
    case "channels_first": return .channelsFirst
    default: throw wrong("data_format", expected: "'channels_last' or 'channels_first'")
    }
  }

  func wrong(_ key: String, expected: String) -> ModelFileError {
    let found = value(key).map {
      String(decoding: JSONWriter().bytes(of: $0).prefix(80), as: UTF8.self)
    }
    return ModelFileError(
      .damaged, at: [.option(key)], "the layer's configuration has a wrong value",
      expected: expected, found: found ?? "nothing")
  }

  func missing(_ key: String) -> ModelFileError {
    ModelFileError(
      .damaged, at: [.option(key)], "a layer of class '\(className)' lacks this key")
  }
}

/// A layer in another one.
struct InnerLayer: Sendable {
  /// The layer.
  var layer: any KerasLayerClass = KerasLayers.Unchanged()
  /// Whether training changes its variables, as far as its configuration says.
  var trains = true
  /// The type that it computes in.
  var policy = KerasPolicy.standard
}

/// Which keys of a configuration were asked for.
private final class KeyLedger: Sendable {
  private let keys = Mutex<Set<String>>([])

  func note(_ key: String) { keys.withLock { _ = $0.insert(key) } }

  func contains(_ key: String) -> Bool { keys.withLock { $0.contains(key) } }
}
