import FileSupport
import ModelGraph

extension KerasLayers {
  /// Attention with several heads, each with matrices of its own.
  ///
  /// Source: `keras/src/layers/attention/multi_head_attention.py`; the gate is Keras 3's alone.
  struct MultiHeadAttention: ReadOnlyLayerClass {
    static let className = "MultiHeadAttention"
    /// The number of heads.
    var heads = 0
    /// Numbers in a key and in a query.
    var keySize = 0
    /// Numbers in a value.
    var valueSize = 0
    /// The extents of the result behind the steps, if they are not those of the query.
    var outputExtents: [Int]?
    /// Whether there are biases.
    var usesBias = true
    /// Whether a function of the query, between 0 and 1, is a factor of the heads' results.
    var usesGate = false
    /// How far apart steps may be that see each other, less one; any if `nil`.
    var slidingWindow: Int?
    /// The axes whose cells see each other, as Keras counts; all but the batch and the last if `nil`.
    var attentionAxes: [Int]?
    /// What may be passed behind query, value and key.
    static let callParameters = [
      "query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask",
      "return_attention_scores", "training", "use_causal_mask",
    ]
    /// Query, value and key.
    static let inputParameterCount = 3
    /// How many of the scores are dropped in training.
    var dropout = 0.0
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .integer("num_heads", \.heads, .required), .integer("key_dim", \.keySize, .required),
      .integer("value_dim", \.valueSize, like: \.keySize, named: "key_dim"),
      .truth("use_bias", \.usesBias), .truth("use_gate", \.usesGate),
      .integer("sliding_window", \.slidingWindow), .meaninglessInAttention,
      .integers("output_shape", \.outputExtents, in: 1...KerasConfiguration.largest),
      .integers("attention_axes", \.attentionAxes, in: -32...32), .number("dropout", \.dropout),
    ]

    /// Those of its projections.
    var ownsVariables: Bool { false }

    /// The query's shape, with the last extent replaced if another one is asked for.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let query = try inputs.main()
      return outputExtents.map { KerasShape(query.extents.dropLast() + $0) } ?? query
    }

    /// The weights of each head's cells are put out as well if the call asks for them: behind the axes that are not
    /// attended come the heads, the attended axes of the query and those of the key.
    func outputShapes(
      of inputs: [KerasShape], in call: KerasCall
    ) throws(ModelFileError) -> [KerasShape] {
      let output = try outputShape(of: inputs)
      guard call.truth("return_attention_scores", of: Self.callParameters), inputs.count > 1 else {
        return [output]
      }
      let query = inputs[0].extents.dropLast()
      let attended = try attendedPositions(rank: query.count + 1)
      let source = inputs[1].extents
      guard source.count == query.count + 1 else { throw Self.unfit(inputs) }
      let others = query.indices.filter { !attended.contains($0) }.map { query[$0] }
      return [
        output,
        KerasShape(others + [heads] + attended.map { query[$0] } + attended.map { source[$0] }),
      ]
    }

    /// Kernel and bias of query, key, gate, value and output, each layer of its own.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let query = try inputs.main().lastExtent()
      let value = inputs.count > 1 ? try inputs[1].lastExtent() : query
      let key = inputs.count > 2 ? try inputs[2].lastExtent() : value
      let output = outputExtents ?? [query]
      return KerasVariableForm.projection(
        "query", [query, heads, keySize], bias: usesBias ? [heads, keySize] : nil)
        + KerasVariableForm.projection(
          "key", [key, heads, keySize], bias: usesBias ? [heads, keySize] : nil)
        + (usesGate
          ? KerasVariableForm.projection(
            "gate", [query, heads, valueSize], bias: usesBias ? [heads, valueSize] : nil) : [])
        + KerasVariableForm.projection(
          "value", [value, heads, valueSize], bias: usesBias ? [heads, valueSize] : nil)
        + KerasVariableForm.projection(
          "output", Shape([heads, valueSize] + output), bias: usesBias ? Shape(output) : nil)
    }
  }
}

extension KerasLayers.MultiHeadAttention {
  /// The projections, the heads' attention, and the projection of their results.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseChance("dropout", dropout)
    if context.generation < .third, let axis = attentionAxes?.first(where: { $0 < 0 }) {
      throw ModelFileError(
        .unsupported, at: [.option("attention_axes")],
        "Keras 2 counts a negative axis with those of the heads, which is not supported",
        expected: "axes counted from the batch on", found: "\(axis)")
    }
    let (query, value, key) = try call.attended()
    let shapes = [query, value, key].map { context.shape($0) }
    let attended = try attended(shapes)
    // A `query_mask` that is passed makes no difference: Keras takes the one that comes with the query.
    let mask = try context.attentionMask(
      call, query: query, value: value, key: key, slidingWindow: slidingWindow,
      takesQueryMask: false)
    let queries = try context.projection(of: query, summing: 1, usesBias: usesBias)
    let keys = try context.projection(of: key, summing: 1, usesBias: usesBias)
    let gate = usesGate ? try context.gate(of: query, usesBias: usesBias) : nil
    let values = try context.projection(of: value, summing: 1, usesBias: usesBias)
    let returnsScores = try call.truth("return_attention_scores")
    var (mixed, weights) = try context.attention(
      queries: queries, keys: keys, values: values, along: attended, where: mask,
      zeroesUnseen: context.zeroesUnseen(
        by: queries, dropout: dropout, returnsScores: returnsScores))
    if let gate { mixed = try context.combine(.product, [mixed, gate]) }
    let result = try context.projection(of: mixed, summing: 2, usesBias: usesBias)
    let output = KerasValue(result.node, mask: query.mask)
    return returnsScores ? [output, weights] : [output]
  }

  /// The positions of the attended axes, and a check that query, value and key fit each other.
  private func attended(_ shapes: [Shape]) throws(ModelFileError) -> [Int] {
    let rank = shapes[0].rank
    guard rank >= 2, shapes.allSatisfy({ $0.rank == rank }) else {
      throw Self.unfit(shapes.map { KerasShape($0) })
    }
    let attended = try attendedPositions(rank: rank)
    for axis in 0..<(rank - 1) {
      let extents = shapes.map { $0.extents[axis] }
      guard extents[1] == extents[2], attended.contains(axis) || extents[0] == extents[1] else {
        throw Self.unfit(shapes.map { KerasShape($0) })
      }
    }
    return attended
  }

  /// The positions of the attended axes in a value with so many.
  private func attendedPositions(rank: Int) throws(ModelFileError) -> [Int] {
    let attended =
      try attentionAxes.map { (axes) throws(ModelFileError) in
        try axes.map { (axis) throws(ModelFileError) in
          let position = axis < 0 ? rank + axis : axis - 1
          guard (0..<(rank - 1)).contains(position) else {
            throw ModelFileError(
              .damaged, at: [.option("attention_axes")], "there is no such axis",
              expected: "1 to \(rank - 1)", found: "\(axis)")
          }
          return position
        }
      } ?? Array(0..<(rank - 1))
    guard Set(attended).count == attended.count, !attended.isEmpty else {
      throw ModelFileError(
        .damaged, at: [.option("attention_axes")], "an axis is named twice, or none is")
    }
    return attended
  }

  private static func unfit(_ shapes: [KerasShape]) -> ModelFileError {
    ModelFileError(
      .damaged, "query, value and key don't fit each other",
      expected: "values with the same axes, of which all but the attended have the same extents",
      found: "\(shapes)")
  }
}

extension LayerCall {
  /// Query, value and key of an attention; without a key the value is one.
  func attended() throws(ModelFileError) -> (query: KerasValue, value: KerasValue, key: KerasValue)
  {
    guard inputs.count >= 2 else {
      throw ModelFileError(
        .damaged, "takes query and value", expected: "2 or 3 inputs", found: "\(inputs.count)")
    }
    return (inputs[0], inputs[1], inputs.count > 2 ? inputs[2] : inputs[1])
  }
}

extension LoweringContext {
  /// A projection of the query through the logistic function. Takes its variables.
  mutating func gate(
    of query: KerasValue, usesBias: Bool
  ) throws(ModelFileError) -> KerasValue {
    try apply(
      ModelGraph.Activation(.logistic),
      to: try projection(of: query, summing: 1, usesBias: usesBias))
  }
}

extension KerasConfiguration {
  /// A list of whole numbers, or one alone; `nil` if there is none.
  func optionalIntegers(
    _ key: String, in range: ClosedRange<Int>
  ) throws(ModelFileError) -> [Int]? {
    guard isSet(key) else { return nil }
    return members[key]?.elements == nil
      ? [try integer(key, in: range)] : try integerList(key, in: range)
  }
}
