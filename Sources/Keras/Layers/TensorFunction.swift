import FileSupport
import ModelGraph

/// A function of values that was called outside any layer: `x + y`, `x[:, 1:3]`, `keras.ops.mean(x)`.
///
/// Keras 3 keeps it as a node of the function's class out of `keras.src.ops`, tf_keras as a layer of class
/// `TFOpLambda` or `SlicingOpLambda` that names a function of TensorFlow. Only the functions that are
/// listed here are known; any other name stays an ``UnknownLayer``.
struct TensorFunction: KerasLayerClass {
  /// The functions, by their names in `keras.ops`.
  enum Function: String, CaseIterable {
    case add, subtract, multiply, trueDivide = "true_divide", divide, power, maximum, minimum
    case negative, absolute, abs, square, clip, cast, round
    case mean, average, sum, max, min, amax, amin, prod
    case reshape, transpose, expandDims = "expand_dims", squeeze, concatenate, stack
    case matmul, dot, getItem = "get_item", softmax, leakyRelu = "leaky_relu", gelu
    case relu, relu6, sigmoid, tanh, exp, elu, selu, silu, softplus, softsign
    case hardSigmoid = "hard_sigmoid", logSigmoid = "log_sigmoid", hardSilu = "hard_silu"
    case hardTanh = "hard_tanh", celu, mish, logSoftmax = "log_softmax", glu, sparsemax
    case hardShrink = "hard_shrink", softShrink = "soft_shrink", squareplus, threshold
    case sparsePlus = "sparse_plus", sparseSigmoid = "sparse_sigmoid"
    case equal, notEqual = "not_equal", greater, greaterEqual = "greater_equal", less
    case lessEqual = "less_equal", logicalAnd = "logical_and", logicalOr = "logical_or"
    case logicalNot = "logical_not", any, all, onesLike = "ones_like", zerosLike = "zeros_like"
    case selection = "where", convertToTensor = "convert_to_tensor", pad, split, swapaxes, flip
    case `repeat`, reciprocal, floorDivide = "floor_divide", mod, `var`, std, logsumexp, unstack
    case tanhShrink = "tanh_shrink", stopGradient = "stop_gradient", copy, identity

    /// What TensorFlow calls some of them.
    private static let tensorFlowNames: [String: Function] = [
      "sub": .subtract, "mul": .multiply, "truediv": .trueDivide, "pow": .power, "neg": .negative,
      "reduce_mean": .mean, "reduce_sum": .sum, "reduce_max": .max,
      "reduce_min": .min, "reduce_prod": .prod, "concat": .concatenate, "getitem": .getItem,
      "clip_by_value": .clip, "floor_div": .floorDivide, "floordiv": .floorDivide, "floormod": .mod,
      "reduce_variance": .var, "reduce_std": .std, "reduce_logsumexp": .logsumexp,
      "swish": .silu, "reduce_any": .any, "reduce_all": .all,
    ]

    /// What TensorFlow calls some of the functions of single numbers.
    static let tensorFlowElementNames: [String: ElementFunction.Function] = [
      "acos": .arccos, "acosh": .arccosh, "asin": .arcsin, "asinh": .arcsinh, "atan": .arctan,
      "atanh": .arctanh, "is_nan": .isnan, "is_inf": .isinf, "is_finite": .isfinite,
    ]

    /// Functions of single numbers that TensorFlow does not have.
    static let withoutTensorFlow: Set<ElementFunction.Function> = [
      .trunc, .log2, .log10, .exp2, .cbrt,
    ]

    /// The function that TensorFlow calls so.
    init?(tensorFlow name: String) {
      guard let found = Self.tensorFlowNames[name] ?? Function(rawValue: name) else { return nil }
      self = found
    }
  }

  /// The slope of `leaky_relu` if none is passed.
  static let leakySlope = 0.2
  /// No class of Keras's layers.
  static let className = "Operation"
  /// All arguments may be values.
  static let callParameters: [String] = []
  /// All arguments may be values.
  static let inputParameterCount = 0
  /// The class of the node.
  let className: String
  /// The configuration as the file has it.
  let configuration: JSONObject
  let kind: Kind
  /// Whether it is one of TensorFlow's rather than of Keras's.
  let isTensorFlow: Bool

  /// A function of values, or one of each number.
  enum Kind {
    case function(Function)
    case element(ElementFunction.Function)

    /// The function of `keras.ops` whose class is called so, if it is known.
    init?(keras className: String) {
      self.init(name: KerasPath.snakeCase(className))
    }

    fileprivate init?(name: String) {
      if let function = Function(rawValue: name) {
        self = .function(function)
      } else if let function = ElementFunction.Function(rawValue: name) {
        self = .element(function)
      } else {
        return nil
      }
    }

    /// The function that TensorFlow calls so, if it is known.
    fileprivate init?(tensorFlow name: String) {
      if let function = Function(tensorFlow: name) {
        self = .function(function)
      } else if let function = Function.tensorFlowElementNames[name] {
        self = .element(function)
      } else {
        self.init(name: name)
        if case .element(let function) = self, Function.withoutTensorFlow.contains(function) {
          return nil
        }
      }
    }
  }

  /// Where Keras 3 has the classes of its functions.
  static let module = "keras.src.ops"
  /// The classes of tf_keras's layers around functions of TensorFlow.
  static let layerClasses: Set<String> = ["TFOpLambda", "SlicingOpLambda"]

  /// Where TensorFlow has those of its functions that take values as they are. Others, of pictures, chance and the
  /// like, have some of the same names.
  private static let packages: Set<String> = [
    "", "math", "nn", "linalg", "__operators__", "compat.v1", "compat.v1.math", "compat.v1.nn",
  ]

  /// Whether a configuration is that of a function rather than that of a layer.
  static func isDescribed(by configuration: KerasConfiguration) -> Bool {
    layerClasses.contains(configuration.className)
      || configuration.module?.hasPrefix(module) == true
  }

  /// Whether a layer of a model is a function of `keras.ops`, where the file has no module for its class, as an `.h5` by
  /// Keras 3 has none.
  ///
  /// All layers of Keras 3 write whether they are trainable, its functions never do. A few classes have the name of a
  /// layer's; of these the call tells, too, since a layer takes its values in a list.
  static func isMeant(by layer: JSONValue) -> Bool {
    guard layer["module"] == nil, layer["config"]?["trainable"] == nil,
      let calls = layer["inbound_nodes"]?.elements, !calls.isEmpty,
      calls.allSatisfy({ $0["args"] != nil })
    else { return false }
    switch layer["class_name"]?.text {
    case "Add", "Average", "Dot", "Maximum", "Minimum", "Multiply", "Subtract":
      return !calls.contains { $0["args"]?.elements?.count == 1 && $0["args"]?[0]?.elements != nil }
    case "Reshape": return layer["config"]?["target_shape"] == nil
    case let name? where RefusedClasses.reasons[name] != nil: return false
    case let name?: return !KerasLayers.isKnown(name) || ["Softmax", "Concatenate"].contains(name)
    case nil: return false
    }
  }

  /// The function that a layer of tf_keras names by its path, if it is known.
  private static func kind(tensorFlow path: String) -> Kind? {
    let parts = path.split(separator: ".").map(String.init)
    guard packages.contains(parts.dropLast().joined(separator: ".")) else { return nil }
    return Kind(tensorFlow: parts.last ?? "")
  }

  /// Whether a function of TensorFlow is known by its path.
  static func isKnown(tensorFlow path: String) -> Bool { kind(tensorFlow: path) != nil }

  /// Finds the function.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is not known.
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    className = configuration.className
    self.configuration = configuration.members
    let path = configuration.value("function")?.text
    isTensorFlow = Self.layerClasses.contains(className)
    guard let known = isTensorFlow ? Self.kind(tensorFlow: path ?? "") : Kind(keras: className)
    else {
      throw ModelFileError(
        .unsupported,
        "the function '\((path ?? className).escapedForTerminal)' called outside a layer can't be computed"
      )
    }
    kind = known
  }

  /// - Throws: `ModelFileError` of kind `unsupported`: the other arguments matter.
  func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
    throw ModelFileError(.unsupported, "the shape of '\(className)' depends on its arguments")
  }

  /// The shapes that the function gives, found by lowering it alone.
  func outputShapes(
    of inputs: [KerasShape], in call: KerasCall
  ) throws(ModelFileError) -> [KerasShape] {
    var context = LoweringContext(generation: .third, backend: nil)
    var values: [KerasValue] = []
    for shape in inputs {
      values.append(try context.input(named: "x", shape: try shape.closed()))
    }
    let given = Array(zip(call.references, values))
    let lowered = try lower(
      LayerCall(call, of: self, inputs: values) { reference in
        given.first { $0.0 == reference }?.1
      }, at: &context)
    return lowered.map { KerasShape(context.shape($0)) }
  }
}
