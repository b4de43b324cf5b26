import FileSupport
import ModelGraph

extension KerasLayers {
  /// Attention with several heads, of which groups share a key and a value.
  ///
  /// Source: `keras/src/layers/attention/grouped_query_attention.py`; tf_keras does not have it.
  struct GroupedQueryAttention: ReadOnlyLayerClass {
    /// The name under which Keras makes the class public.
    static let className = "GroupQueryAttention"
    /// That in its source.
    static let aliases = ["GroupedQueryAttention"]
    var className: String = Self.className
    /// That in Keras's source.
    var sourceName: String { "GroupedQueryAttention" }
    /// Numbers in a query, a key and a value.
    var size = 0
    /// The number of heads.
    var heads = 0
    /// The number of keys and values, which divides that of the heads.
    var groups = 1
    /// Whether there are biases.
    var usesBias = true
    /// Whether a function of the query, between 0 and 1, is a factor of the heads' results.
    var usesGate = false
    /// How far apart steps may be that see each other, less one; any if `nil`.
    var slidingWindow: Int?
    /// What may be passed behind query, value and key.
    static let callParameters = MultiHeadAttention.callParameters
    /// Query, value and key.
    static let inputParameterCount = 3
    /// How many of the scores are dropped in training.
    var dropout = 0.0
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .integer("head_dim", \.size, .required),
      .integer("num_query_heads", \.heads, .required),
      .integer("num_key_value_heads", \.groups, .required), .truth("use_bias", \.usesBias),
      .truth("use_gate", \.usesGate), .integer("sliding_window", \.slidingWindow),
      .number("dropout", \.dropout), .meaninglessInAttention,
    ]

    /// Those of its projections.
    var ownsVariables: Bool { false }

    /// The query's shape.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try inputs.main()
    }

    /// The weights of each head's steps are put out as well if the call asks for them.
    func outputShapes(
      of inputs: [KerasShape], in call: KerasCall
    ) throws(ModelFileError) -> [KerasShape] {
      let output = try outputShape(of: inputs)
      guard call.truth("return_attention_scores", of: Self.callParameters), inputs.count > 1 else {
        return [output]
      }
      let steps = inputs.prefix(2).flatMap { $0.extents.dropLast().suffix(1) }
      return [output, KerasShape([heads] + steps)]
    }

    /// Kernel and bias of query, key, gate, value and output, each layer of its own.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let query = try inputs.main().lastExtent()
      let value = inputs.count > 1 ? try inputs[1].lastExtent() : query
      let key = inputs.count > 2 ? try inputs[2].lastExtent() : value
      return KerasVariableForm.projection(
        "query", [query, heads, size], bias: usesBias ? [heads, size] : nil)
        + KerasVariableForm.projection(
          "key", [key, groups, size], bias: usesBias ? [groups, size] : nil)
        + (usesGate
          ? KerasVariableForm.projection(
            "gate", [query, heads, size], bias: usesBias ? [heads, size] : nil) : [])
        + KerasVariableForm.projection(
          "value", [value, groups, size], bias: usesBias ? [groups, size] : nil)
        + KerasVariableForm.projection(
          "output", [heads, size, query], bias: usesBias ? [query] : nil)
    }
  }
}

extension KerasLayers.GroupedQueryAttention {
  /// Reads the keys, of which two must go together.
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    self = try Self.read(configuration)
    guard heads % groups == 0 else {
      throw configuration.wrong("num_key_value_heads", expected: "a divisor of \(heads)")
    }
  }

  /// The projections, the heads' attention, and the projection of their results.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseChance("dropout", dropout)
    let (query, value, key) = try call.attended()
    let shapes = [query, value, key].map { context.shape($0) }
    guard shapes.allSatisfy({ $0.rank == 2 }), shapes[1].extents[0] == shapes[2].extents[0] else {
      throw ModelFileError(
        .damaged, "query, value and key don't fit each other", expected: "sequences of vectors",
        found: "\(shapes)")
    }
    let mask = try context.attentionMask(
      call, query: query, value: value, key: key, slidingWindow: slidingWindow)
    let queries = try context.projection(of: query, summing: 1, usesBias: usesBias)
    let keys = try context.projection(of: key, summing: 1, usesBias: usesBias)
    let gate = usesGate ? try context.gate(of: query, usesBias: usesBias) : nil
    let values = try context.projection(of: value, summing: 1, usesBias: usesBias)
    let repetition = Repeat(counts: [1, heads / groups, 1])
    let returnsScores = try call.truth("return_attention_scores")
    var (mixed, weights) = try context.attention(
      queries: queries, keys: try context.applyWithoutMask(repetition, to: keys),
      values: try context.applyWithoutMask(repetition, to: values), along: [0], where: mask,
      zeroesUnseen: context.zeroesUnseen(
        by: queries, dropout: dropout, returnsScores: returnsScores))
    if let gate { mixed = try context.combine(.product, [mixed, gate]) }
    let result = try context.projection(of: mixed, summing: 2, usesBias: usesBias)
    let output = KerasValue(result.node, mask: query.mask)
    return returnsScores ? [output, weights] : [output]
  }
}
