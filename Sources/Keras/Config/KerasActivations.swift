import FileSupport
import ModelGraph

/// The function that a layer applies to its result: one of Keras's by its name, or an activation layer
/// in its place, as Keras 3 writes it.
public struct KerasActivation: Sendable {
  /// The name: `relu`; the class of a layer.
  public let name: String
  /// As it stands in a configuration.
  let json: JSONValue
  let layer: (any KerasLayerClass)?
  /// The type that the layer computes in.
  var policy: KerasPolicy { KerasPolicy(ofLayer: json) }

  /// A function by its name.
  public init(_ name: String) {
    self.name = name
    json = .string(name)
    layer = nil
  }

  init(layer: any KerasLayerClass, json: JSONValue) {
    name = layer.className
    self.json = json
    self.layer = layer
  }

  /// No function.
  public static let linear = KerasActivation("linear")

  /// Whether there is no function.
  var isLinear: Bool { layer == nil && name == "linear" }

  /// Whether it takes each number for itself, so that it is the same wherever the channels are.
  var isElementwise: Bool {
    guard layer == nil, !KerasActivations.compound.contains(name) else { return false }
    switch KerasActivations.function(name, .third) {
    case nil, .logSoftmax, .sparsemax: return false
    default: return true
    }
  }

  /// Refuses a layer with variables in the place of a recurrent cell's function. Where they stand in the file goes by the
  /// version of Keras, and by whether the layer was built before it was saved.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported`.
  func refuseVariables(
    _ attribute: String = "activation", on shape: () throws(ModelFileError) -> KerasShape
  ) throws(ModelFileError) {
    guard try !variables(attribute, on: shape).isEmpty else { return }
    throw ModelFileError(
      .unsupported, at: [.option(attribute)],
      "a layer with variables of its own in place of a recurrent cell's function is not supported",
      found: "'\(name.escapedForTerminal)'")
  }

  /// The variables of the layer that stands in the place of the function, as those of the layer around it.
  ///
  /// - Parameters:
  ///   - attribute: what the layer around it calls the function.
  ///   - shape: what the function is applied to.
  func variables(
    _ attribute: String = "activation", on shape: () throws(ModelFileError) -> KerasShape
  ) throws(ModelFileError) -> [KerasVariableForm] {
    guard let layer else { return [] }
    if let unknown = layer as? UnknownLayer { throw unknown.refusal.at(.option(attribute)) }
    let isTrainable = json["config"]?["trainable"]?.pythonTruth ?? true
    return try layer.variables(for: [try shape()]).map {
      $0.inside(
        [attribute], prefix: attribute, isTrainable: isTrainable, presence: .onceBuilt)
    }
  }
}

/// The functions that Keras knows by name.
public enum KerasActivations {
  /// The names in all versions, those that only one of Keras 2 and 3 has among them.
  public static let names: Set<String> = [
    "celu", "elu", "exponential", "gelu", "glu", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu",
    "relu6", "selu", "sigmoid", "silu", "soft_shrink", "softmax", "softplus", "softsign",
    "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus", "swish", "tanh", "tanh_shrink",
    "threshold",
  ]

  /// Whether a layer that ends with the function can be computed.
  static func isComputed(_ name: String) -> Bool {
    compound.contains(name) || function(name, .third) != nil
  }

  /// Functions that several operations make up.
  static let compound: Set<String> = ["softmax", "glu"]

  /// The formula of a function that takes each number for itself, or a row of channels; `nil` for one
  /// in ``compound``, and for `threshold`, which has no defaults.
  ///
  /// Constants are those of `keras/src/activations/activations.py`; those of Keras 2 are the same but
  /// for `hard_sigmoid`.
  static func function(
    _ name: String, _ generation: KerasGeneration
  ) -> ActivationFunction? {
    switch name {
    case "linear": .linear
    case "relu": .relu(maximum: nil)
    case "relu6": .relu(maximum: 6)
    case "leaky_relu": .leakyRelu(slope: 0.2)
    case "elu": .elu(alpha: 1)
    case "selu": .scaledElu(alpha: 1.6732632423543772, scale: 1.0507009873554805)
    case "celu": .celu(alpha: 1)
    case "sigmoid": .logistic
    case "hard_sigmoid":
      generation == .third
        ? .leakyStep(scale: 1 / 6, offset: 0.5, slope: 0)
        : .leakyStep(scale: 0.2, offset: 0.5, slope: 0)
    case "log_sigmoid": .logSigmoid
    case "tanh": .tanh
    case "hard_tanh": .hardTanh
    case "softplus": .softplus
    case "softsign": .softsign
    case "exponential": .exponential
    case "gelu": .gelu
    case "silu", "swish": .swish
    case "hard_silu", "hard_swish": .hardSwish
    case "mish": .mish
    case "soft_shrink": .softShrink(threshold: 0.5)
    case "hard_shrink": .hardShrink(threshold: 0.5)
    case "tanh_shrink": .tanhShrink
    case "squareplus": .squareplus(b: 4)
    case "sparse_plus": .sparsePlus
    case "sparse_sigmoid": .sparseSigmoid
    case "log_softmax": .logSoftmax
    case "sparsemax": .sparsemax
    default: nil
    }
  }
}
