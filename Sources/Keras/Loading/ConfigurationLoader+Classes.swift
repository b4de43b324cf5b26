import FileSupport

/// A generation of Keras as it is loaded with today.
public enum LoadingGeneration: Int, Sendable, CaseIterable {
  /// tf_keras.
  case second = 2
  /// Keras 3.
  case third

  /// As messages call it.
  public var name: String { self == .second ? "tf_keras" : "Keras 3" }

  /// As the JSON of `inspect` calls it.
  public var key: String { "keras-\(rawValue)" }

  /// The classes that a layer's `dtype` can be an object of.
  var policyClasses: Set<String> {
    self == .second
      ? ["Policy", "PolicyV1"]
      : [
        "DTypePolicy", "FloatDTypePolicy", "QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy",
        "GPTQDTypePolicy", "AWQDTypePolicy", "Int4DTypePolicy", "DTypePolicyMap",
      ]
  }
}

extension ConfigurationLoader {
  /// An input's keys, of which one tells the shape.
  mutating func input(_ members: JSONObject) throws(LoadingRefusal) {
    let shapes = ["batch_shape", "batch_input_shape", "shape", "input_shape"].filter {
      members[$0] != nil && members[$0] != .null
    }
    guard shapes.count == 1 else {
      if shapes.isEmpty { throw LoadingRefusal("an input has no shape") }
      doubt("an input has its shape twice")
      return
    }
    if members[shapes[0]]?[0] == .null || !shapes[0].hasPrefix("batch") { isBatchOpen = true }
    if generation == .third { try name(members["name"] ?? .null) }
    if generation == .second, members["dtype"]?.object != nil {
      throw LoadingRefusal("tf_keras takes no dtype policy for an input")
    }
    try value(members["dtype"] ?? .null, of: "dtype", nil, in: KerasLayers.InputLayer.className)
  }

  /// What the classes ask for beyond the names of their keys.
  mutating func peculiarities(
    of className: String, _ members: JSONObject
  ) throws(LoadingRefusal) {
    if members["stateful"]?.truth == true { stateful = className }
    types(of: className, members)
    if className.hasSuffix("Attention"), members["kernel_initializer"] == .null {
      doubt("\(Self.shown(className)) has no initializer of its kernels")
    }
    switch (className, generation) {
    case ("Lambda", .third):
      try foreignCode(members["function"])
      try foreignCode(members["output_shape"])
    case ("Lambda", .second):
      guard members["function_type"]?.text == "lambda" else {
        throw LoadingRefusal("a Lambda layer's function is one of the author's")
      }
      if isArchive { throw Self.code }
      doubt("a Lambda layer holds Python bytecode, which loads only in the Python that wrote it")
    case ("TFOpLambda", .second), ("SlicingOpLambda", .second):
      guard let function = members["function"]?.text else {
        throw LoadingRefusal("a function of TensorFlow has no name")
      }
      if function == "cast" { hasOtherTypes = true }
      if !TensorFunction.isKnown(tensorFlow: function) {
        doubt("whether TensorFlow has a function \(Self.shown(function)) is not known")
      }
      if Self.lossyFunctions.contains(function) {
        throw LoadingRefusal(
          "tf_keras keeps one argument only of a call of \(Self.shown(function)), which needs more")
      }
      if Self.variadicFunctions.contains(function) {
        doubt("tf_keras may have kept one argument only of a call of \(Self.shown(function))")
      }
      if !isOwn {
        doubt("a function of TensorFlow is called, of which only its own Keras is known")
      }
    case ("MultiHeadAttention", .second):
      for key in ["query_shape", "key_shape", "value_shape"] where members[key] == nil {
        throw LoadingRefusal("a layer of class 'MultiHeadAttention' lacks '\(key)'")
      }
    case ("Normalization", .third):
      // Its statistics must fit the one axis that it takes from an `.h5`.
      if members["mean"]?[0]?.elements != nil {
        doubt("the mean of a 'Normalization' has several axes")
      }
    case ("Rescaling", .third):
      guard members["offset"] != nil else {
        throw LoadingRefusal("a layer of class 'Rescaling' lacks 'offset'")
      }
    case ("HashedCrossing", _), ("IntegerLookup", _), ("StringLookup", _), ("TextVectorization", _):
      if !isOwn { doubt("a \(Self.shown(className)) of another Keras is not known") }
    case ("BatchNormalization", .third):
      if members["axis"]?.elements != nil {
        throw LoadingRefusal("Keras 3's 'BatchNormalization' takes no list as 'axis'")
      }
    default: return
    }
  }

  /// Functions of TensorFlow that take any number of arguments by position, of which tf_keras saves the first
  /// (`tf_keras/src/layers/core/tf_op_layer.py`), and always need more.
  private static let lossyFunctions: Set<String> = [
    "einsum", "__operators__.eq", "__operators__.ne",
  ]

  /// The same, but one may be enough.
  private static let variadicFunctions: Set<String> = [
    "meshgrid", "ragged.stack_dynamic_partitions",
  ]

  /// A wrapper and what is in it may be of different types of numbers, and a layer of one that its functions don't take.
  private mutating func types(of className: String, _ members: JSONObject) {
    let own = Self.typeName(members["dtype"])
    for key in ["cell", "layer"] {
      guard let inner = members[key]?["config"], Self.typeName(inner["dtype"]) != own else {
        continue
      }
      doubt("\(Self.shown(className)) is of another type of numbers than what is in it")
    }
    // Layers that count and sort go through functions of TensorFlow that are made for some types alone.
    if generation == .second,
      ["CategoryEncoding", "Discretization", "Hashing"].contains(className),
      own != KerasPolicy.standard.name
    {
      doubt("\(Self.shown(className)) in tf_keras may not take \(own)")
    }
    if members["output_mode"] == .null {
      doubt("\(Self.shown(className)) may not take null for 'output_mode'")
    }
    // tf_keras makes orthogonal matrices by a function of TensorFlow that has no such type.
    if generation == .second, members["recurrent_initializer"] != nil, own.contains("bfloat16") {
      doubt("tf_keras may make no recurrent kernel of \(own)")
    }
  }

  private static func typeName(_ dtype: JSONValue?) -> String {
    dtype?.text ?? dtype?["config"]?["name"]?.text ?? KerasPolicy.standard.name
  }

  private static let code = LoadingRefusal(
    "a Lambda layer holds code of the author's, which is loaded with safe_mode=False only")

  private func foreignCode(_ function: JSONValue?) throws(LoadingRefusal) {
    guard let function, function != .null else { return }
    if function.elements != nil || function["class_name"]?.text == "__lambda__" { throw Self.code }
    if let name = function.text ?? function["config"]?.text {
      throw LoadingRefusal("a Lambda layer's function \(Self.shown(name)) is one of the author's")
    }
  }
}
