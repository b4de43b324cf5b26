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
    /// How far apart steps may be that see each other, less one; any if `nil`.
    public let slidingWindow: Int?
    /// What may be passed behind query, value and key.
    public static let callParameters = [
      "query", "value", "key", "query_mask", "value_mask", "key_mask", "attention_mask",
      "return_attention_scores", "training", "use_causal_mask",
    ]
    /// Query, value and key.
    public static let inputParameterCount = 3
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `num_heads`, `key_dim` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      heads = try configuration.integer("num_heads")
      keySize = try configuration.integer("key_dim")
      valueSize = try configuration.integer("value_dim", default: keySize)
      usesBias = try configuration.truth("use_bias", default: true)
      slidingWindow =
        configuration.isSet("sliding_window") ? try configuration.integer("sliding_window") : nil
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
    /// Whether no step sees later ones, which older versions of Keras have in the configuration.
    public let isCausal: Bool
    /// What may be passed behind query, value and key.
    public static let callParameters = [
      "inputs", "mask", "training", "return_attention_scores", "use_causal_mask",
    ]
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `use_scale` and `score_mode`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      usesScale = try configuration.truth(
        "use_scale", default: configuration.className == "AdditiveAttention")
      scoreMode = try configuration.text("score_mode", default: "dot")
      isCausal = try configuration.truth("causal", default: false)
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

extension KerasLayers.MultiHeadAttention {
  /// The projections, the heads' attention, and the projection of their results.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    guard call.inputs.count >= 2 else {
      throw ModelFileError(
        .damaged, "takes query and value", expected: "2 or 3 inputs", found: "\(call.inputs.count)")
    }
    let (query, value) = (call.inputs[0], call.inputs[1])
    let key = call.inputs.count > 2 ? call.inputs[2] : value
    for input in [query, value, key] where site.shape(input).rank != 2 {
      throw ModelFileError(
        .unsupported, "attention along several axes can't be computed",
        expected: "sequences of vectors", found: "\(site.shape(input))")
    }
    let queries = try heads(of: query, "query", size: keySize, &site)
    let keys = try heads(of: key, "key", size: keySize, &site)
    let values = try heads(of: value, "value", size: valueSize, &site)
    let scaled = try site.apply(
      Affine(scale: 1 / Double(keySize).squareRoot(), offset: 0), to: queries)
    let scores = KerasValue(
      try site.add(MatrixProduct(transposesSecond: true), on: [scaled.node, keys.node]))
    let mask = try mask(call, query: query, value: value, key: key, &site)
    let weights = try site.attentionWeights(scores, where: mask)
    let mixed = KerasValue(try site.add(MatrixProduct(), on: [weights.node, values.node]))
    // [heads, T, size] → [T, heads · size]
    let steps = try site.apply(Transposition(order: [1, 0, 2]), to: mixed)
    let extents = site.shape(steps).extents
    let flat = try site.reshaped(steps, to: [extents[0], heads.clampedProduct(valueSize)])
    let result = try project(flat, &site)
    let output = KerasValue(result.node, mask: query.mask)
    return call.truth("return_attention_scores") ? [output, weights] : [output]
  }

  /// `[T, width]` → `[heads, T, size]`
  private func heads(
    of value: KerasValue, _ name: String, size: Int, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let kernel = try site.parameter("kernel")
    let bias = usesBias ? try site.parameter("bias") : nil
    let all = heads.clampedProduct(size)
    let product = try site.rowProduct(
      KerasValue(value.node), kernel.asStored([kernel.shape.extents[0], all]),
      bias?.asStored([all]))
    let steps = site.shape(product).extents[0]
    let split = try site.reshaped(product, to: [steps, heads, size])
    return try site.apply(Transposition(order: [1, 0, 2]), to: split)
  }

  private func project(
    _ value: KerasValue, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let kernel = try site.parameter("kernel")
    let bias = usesBias ? try site.parameter("bias") : nil
    let output = Array(kernel.shape.extents.dropFirst(2))
    let all = Shape(output).elementCount
    let product = try site.rowProduct(
      value, kernel.asStored([heads.clampedProduct(valueSize), all]), bias?.asStored([all]))
    return try site.reshaped(product, to: Shape([site.shape(product).extents[0]] + output))
  }

  /// Which steps of the value each step of the query sees, `[T, S]` or with extents of 1; all if `nil`.
  /// A `query_mask` that is passed makes no difference: Keras takes the one that comes with the query.
  /// (`multi_head_attention.py: call`, `_compute_attention_mask`)
  private func mask(
    _ call: LayerCall, query: KerasValue, value: KerasValue, key: KerasValue,
    _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue? {
    let steps = (query: site.shape(query).extents[0], value: site.shape(value).extents[0])
    var parts: [KerasValue] = []
    if let mask = query.mask {
      parts.append(try site.reshaped(KerasValue(mask), to: [steps.query, 1]))
    }
    if let mask = call.tensor("value_mask")?.node ?? value.mask {
      parts.append(try site.reshaped(KerasValue(mask), to: [1, steps.value]))
    }
    if let mask = call.tensor("key_mask")?.node ?? (call.inputs.count > 2 ? key.mask : nil) {
      parts.append(try site.reshaped(KerasValue(mask), to: [1, steps.value]))
    }
    if call.truth("use_causal_mask") {
      parts.append(try site.causalMask(queries: steps.query, keys: steps.value, for: query))
    }
    if let slidingWindow {
      parts.append(
        try site.fixedMask(queries: steps.query, keys: steps.value, for: query) { row, column in
          abs(row - column) < slidingWindow
        })
    }
    if let given = call.tensor("attention_mask") {
      let shape = site.shape(given)
      parts.append(
        shape.rank == 3 ? given : try site.reshaped(given, to: Shape([1] + shape.extents)))
    }
    guard let first = parts.first else { return nil }
    return parts.count == 1 ? first : try site.combine(.product, parts)
  }
}

extension KerasLayers.Attention {
  /// The scores of each step of the query and each of the key, and the mean of the values that they weigh.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    _ = try outputShape(of: call.inputs.map { KerasShape(site.shape($0)) })
    let (query, value) = (call.inputs[0], call.inputs[1])
    let key = call.inputs.count > 2 ? call.inputs[2] : value
    let rank = site.shape(query).rank
    let isMasked = call.inputs.contains { $0.mask != nil } || call.argument("mask") != nil
    guard rank == 2 || rank > 2 && !isMasked,
      [value, key].allSatisfy({ site.shape($0).rank == rank })
    else {
      throw ModelFileError(
        .unsupported, "attention on values of these shapes can't be computed",
        expected: "sequences of vectors", found: "\(call.inputs.map { site.shape($0) })")
    }
    let scores = try scores(query, key, &site)
    let extents = Array(site.shape(scores).extents.suffix(2))
    let given = call.argument("mask")?.optionalTensors ?? []
    func mask(_ index: Int, _ input: KerasValue) throws(ModelFileError) -> KerasValue? {
      if given.indices.contains(index), let reference = given[index] {
        return try call.value(of: reference)
      }
      return given.isEmpty ? input.mask.map { KerasValue($0) } : nil
    }
    var parts: [KerasValue] = []
    if let valueMask = try mask(1, value) {
      parts.append(try site.reshaped(valueMask, to: [1, extents[1]]))
    }
    if call.truth("use_causal_mask") || isCausal {
      parts.append(try site.causalMask(queries: extents[0], keys: extents[1], for: query))
    }
    let all = parts.count > 1 ? try site.combine(.product, parts) : parts.first
    let weights = try site.attentionWeights(scores, where: all)
    var result = KerasValue(try site.add(MatrixProduct(), on: [weights.node, value.node]))
    if let queryMask = try mask(0, query) {
      let wide = try site.reshaped(queryMask, to: [extents[0], 1])
      result = try site.combine(.product, [result, wide])
      result.mask = queryMask.node
    }
    return call.truth("return_attention_scores") ? [result, weights] : [result]
  }

  /// `[T, S]`
  private func scores(
    _ query: KerasValue, _ key: KerasValue, _ site: inout LoweringSite
  ) throws(ModelFileError) -> KerasValue {
    let isAdditive = className == "AdditiveAttention"
    let scale =
      usesScale ? try site.learned(try site.parameter("scale"), for: query) : nil
    guard isAdditive || scoreMode == "concat" else {
      let products = KerasValue(
        try site.add(MatrixProduct(transposesSecond: true), on: [query.node, key.node]))
      guard let scale else { return products }
      return try site.combine(.product, [products, scale])
    }
    var (rows, columns) = (site.shape(query).extents, site.shape(key).extents)
    let last = rows.count
    rows.insert(1, at: last - 1)
    columns.insert(1, at: last - 2)
    let sums = try site.combine(
      .sum,
      [
        try site.reshaped(query, to: Shape(rows)), try site.reshaped(key, to: Shape(columns)),
      ])
    if isAdditive {
      let bent = try site.apply(ModelGraph.Activation(.tanh), to: sums)
      let weighed = try scale.map { (scale) throws(ModelFileError) in
        try site.combine(.product, [scale, bent])
      }
      return try site.apply(Reduction(.sum, axes: [last], keepsAxes: false), to: weighed ?? bent)
    }
    let scaled = try scale.map { (scale) throws(ModelFileError) in
      try site.combine(.product, [scale, sums])
    }
    let bent = try site.apply(ModelGraph.Activation(.tanh), to: scaled ?? sums)
    let total = try site.apply(Reduction(.sum, axes: [last], keepsAxes: false), to: bent)
    let weight = try site.learned(try site.parameter("concat_score_weight"), for: query)
    return try site.combine(.product, [weight, total])
  }
}
