import FileSupport
import ModelGraph

extension KerasLayers {
  /// Attention with several heads, each with matrices of its own.
  public struct MultiHeadAttention: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "MultiHeadAttention"
    /// The number of heads.
    public let heads: Int
    /// Numbers in a key and in a query.
    public let keySize: Int
    /// Numbers in a value.
    public let valueSize: Int
    /// The extents of the result behind the steps, if they are not those of the query.
    public let outputExtents: [Int]?
    /// Whether there are biases.
    public let usesBias: Bool
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `num_heads`, `key_dim` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      heads = try configuration.integer("num_heads")
      keySize = try configuration.integer("key_dim")
      valueSize = try configuration.integer("value_dim", default: keySize)
      usesBias = try configuration.truth("use_bias", default: true)
      if configuration.members["output_shape"]?.elements != nil {
        outputExtents = try configuration.integerList("output_shape")
      } else {
        outputExtents =
          configuration.isSet("output_shape") ? [try configuration.integer("output_shape")] : nil
      }
      guard try !configuration.truth("use_gate", default: false) else {
        throw ModelFileError(.unsupported, "MultiHeadAttention with a gate is not supported")
      }
      self.configuration = configuration.members
    }

    /// The query's shape, with the last extent replaced if another one is asked for.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let query = try inputs.main()
      return outputExtents.map { KerasShape(query.extents.dropLast() + $0) } ?? query
    }

    /// Kernel and bias of query, key, value and output, each layer of its own.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let query = try inputs.main().lastExtent()
      let value = inputs.count > 1 ? try inputs[1].lastExtent() : query
      let key = inputs.count > 2 ? try inputs[2].lastExtent() : value
      let output = outputExtents ?? [query]
      return part("query", [query, heads, keySize], bias: [heads, keySize])
        + part("key", [key, heads, keySize], bias: [heads, keySize])
        + part("value", [value, heads, valueSize], bias: [heads, valueSize])
        + part("output", Shape([heads, valueSize] + output), bias: Shape(output))
    }

    private func part(_ name: String, _ kernel: Shape, bias: Shape) -> [KerasVariableForm] {
      let forms =
        [KerasVariableForm("kernel", kernel, .weights)]
        + (usesBias ? [KerasVariableForm("bias", bias, .biases)] : [])
      return forms.map { $0.inside(["\(name)_dense"], prefix: name) }
    }
  }

  /// Attention of one head: query, value and, if it is another one, key.
  public struct Attention: KerasLayerClass {
    /// Keras's name of the class with products as scores.
    public static let className = "Attention"
    /// Keras's name of the class with sums as scores.
    public static let aliases = ["AdditiveAttention"]
    /// Its name.
    public let className: String
    /// Whether scores have a factor to be trained; a vector of them for sums.
    public let usesScale: Bool
    /// How scores are made: `dot` or `concat`.
    public let scoreMode: String
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `use_scale` and `score_mode`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      usesScale = try configuration.truth(
        "use_scale", default: configuration.className == "AdditiveAttention")
      scoreMode = try configuration.text("score_mode", default: "dot")
      self.configuration = configuration.members
    }

    /// The query's steps, with the value's width.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard inputs.count >= 2, let width = inputs[1].extents.last else {
        throw ModelFileError(
          .damaged, "takes query and value", expected: "2 or 3 inputs", found: "\(inputs.count)")
      }
      return KerasShape(try inputs.main().extents.dropLast() + [width])
    }

    /// `scale`, and for `concat` `concat_score_weight`.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let isAdditive = className == "AdditiveAttention"
      let scale: Shape = isAdditive ? [try inputs.main().lastExtent()] : []
      return (usesScale ? [KerasVariableForm("scale", scale, .scales)] : [])
        + (scoreMode == "concat" && !isAdditive
          ? [KerasVariableForm("concat_score_weight", [], .scales)] : [])
    }
  }
}
