import FileSupport
import ModelGraph

extension KerasLayers {
  /// Attention of one head: query, value and, if it is another one, key.
  struct Attention: ReadOnlyLayerClass {
    /// Keras's name of the class with products as scores.
    static let className = "Attention"
    /// Keras's name of the class with sums as scores.
    static let aliases = ["AdditiveAttention"]
    var className: String = Self.className
    /// Whether scores have a factor to be trained; a vector of them for sums.
    var usesScale = false
    /// How scores are made: `dot` or `concat`.
    var scoreMode = "dot"
    /// Whether no step sees later ones, which older versions of Keras have in the configuration.
    var isCausal = false
    /// What may be passed behind query, value and key.
    static let callParameters = [
      "inputs", "mask", "training", "return_attention_scores", "use_causal_mask",
    ]
    /// How many of the scores are dropped in training.
    var dropout = 0.0
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className),
      KerasKey("use_scale", \.usesScale, .optional, json: JSONValue.bool) {
        (configuration, _) throws(ModelFileError) in
        try configuration.truth(
          "use_scale", default: configuration.className == "AdditiveAttention")
      },
      .text("score_mode", \.scoreMode), .truth("causal", \.isCausal),
      .number("dropout", \.dropout), .meaninglessInAttention,
    ]

    /// The query's steps, with the value's width.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard inputs.count >= 2, let width = inputs[1].extents.last else {
        throw ModelFileError(
          .damaged, "takes query and value", expected: "2 or 3 inputs", found: "\(inputs.count)")
      }
      return KerasShape(try inputs.main().extents.dropLast() + [width])
    }

    /// The weight of each step of the key for each of the query is put out as well if the call asks for it.
    func outputShapes(
      of inputs: [KerasShape], in call: KerasCall
    ) throws(ModelFileError) -> [KerasShape] {
      let output = try outputShape(of: inputs)
      guard call.truth("return_attention_scores", of: Self.callParameters) else { return [output] }
      return [
        output, KerasShape(output.extents.dropLast() + inputs[1].extents.dropLast().suffix(1)),
      ]
    }

    /// `scale`, and for `concat` `concat_score_weight`.
    func variables(
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

extension KerasLayers.Attention {
  /// The scores of each step of the query and each of the key, and the mean of the values that they weigh.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    _ = try outputShape(of: call.inputs.map { KerasShape(context.shape($0)) })
    try context.refuseChance("dropout", dropout)
    let (query, value) = (call.inputs[0], call.inputs[1])
    let key = call.inputs.count > 2 ? call.inputs[2] : value
    let rank = context.shape(query).rank
    let givenMask = call.argument("mask")
    let isMasked = call.inputs.contains { $0.mask != nil } || givenMask != nil
    guard rank == 2 || rank > 2 && !isMasked,
      [value, key].allSatisfy({ context.shape($0).rank == rank })
    else {
      throw ModelFileError(
        .unsupported, "attention on values of these shapes can't be computed",
        expected: "sequences of vectors", found: "\(call.inputs.map { context.shape($0) })")
    }
    let scores = try scores(query, key, &context)
    let extents = Array(context.shape(scores).extents.suffix(2))
    let given = givenMask?.optionalTensors ?? []
    func mask(_ index: Int, _ input: KerasValue) throws(ModelFileError) -> KerasValue? {
      var mask = given.isEmpty ? input.mask.map { KerasValue($0) } : nil
      if given.indices.contains(index), let reference = given[index] {
        mask = try call.value(of: reference)
      }
      if let mask { try context.requireSteps(of: mask.node) }
      return mask
    }
    var parts: [KerasValue] = []
    if let valueMask = try mask(1, value) {
      parts.append(try context.reshaped(valueMask, to: [1, extents[1]]))
    }
    if try call.truth("use_causal_mask") || isCausal {
      parts.append(try context.causalMask(queries: extents[0], keys: extents[1], for: query))
    }
    let all = parts.count > 1 ? try context.combine(.product, parts) : parts.first
    let weights = try context.attentionWeights(scores, where: all)
    var result = KerasValue(try context.add(MatrixProduct(), on: [weights.node, value.node]))
    if let queryMask = try mask(0, query) {
      let wide = try context.reshaped(queryMask, to: [extents[0], 1])
      result = try context.combine(.product, [result, wide])
      result.mask = queryMask.node
    }
    return try call.truth("return_attention_scores") ? [result, weights] : [result]
  }

  /// `[T, S]`
  private func scores(
    _ query: KerasValue, _ key: KerasValue, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let isAdditive = className == "AdditiveAttention"
    let scale =
      usesScale ? try context.learned(try context.parameter("scale"), for: query) : nil
    guard isAdditive || scoreMode == "concat" else {
      let products = KerasValue(
        try context.add(MatrixProduct(transposesSecond: true), on: [query.node, key.node]))
      guard let scale else { return products }
      return try context.combine(.product, [products, scale])
    }
    var (rows, columns) = (context.shape(query).extents, context.shape(key).extents)
    let last = rows.count
    rows.insert(1, at: last - 1)
    columns.insert(1, at: last - 2)
    let sums = try context.combine(
      .sum,
      [
        try context.reshaped(query, to: Shape(rows)), try context.reshaped(key, to: Shape(columns)),
      ])
    if isAdditive {
      let bent = try context.apply(ModelGraph.Activation(.tanh), to: sums)
      let weighed = try scale.map { (scale) throws(ModelFileError) in
        try context.combine(.product, [scale, bent])
      }
      return try context.apply(Reduce(.sum, axes: [last], keepsAxes: false), to: weighed ?? bent)
    }
    let scaled = try scale.map { (scale) throws(ModelFileError) in
      try context.combine(.product, [scale, sums])
    }
    let bent = try context.apply(ModelGraph.Activation(.tanh), to: scaled ?? sums)
    let total = try context.apply(Reduce(.sum, axes: [last], keepsAxes: false), to: bent)
    let weight = try context.learned(try context.parameter("concat_score_weight"), for: query)
    return try context.combine(.product, [weight, total])
  }
}

extension KerasKey {
  /// Ways to compute the same, and notes of shapes.
  static var meaninglessInAttention: KerasKey {
    .meaningless(
      "flash_attention", "softmax_robust_masking", "query_shape", "key_shape", "value_shape")
  }
}
