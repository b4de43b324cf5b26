import FileSupport
import ModelGraph

extension KerasVariableForm {
  /// Kernel and bias of one of an attention's projections, which is a layer of its own.
  static func projection(_ name: String, _ kernel: Shape, bias: Shape?) -> [KerasVariableForm] {
    let forms =
      [KerasVariableForm("kernel", kernel, .weights)]
      + [bias].compactMap(\.self).map { KerasVariableForm("bias", $0, .biases) }
    return forms.map { $0.inside(["\(name)_dense"], prefix: name) }
  }
}

extension LoweringContext {
  /// The product of each row with a matrix, and an offset.
  ///
  /// - Parameters:
  ///   - value: `[T, in]`.
  ///   - kernel: as Keras has it, `[in, out]`.
  ///   - bias: `[out]`, if there is one.
  mutating func rowProduct(
    _ value: KerasValue, _ kernel: Parameter, _ bias: Parameter?
  ) throws(ModelFileError) -> KerasValue {
    let weights = kernel.permuted([1, 0])
    return try rowProduct(
      value, weights: weights.reshaped(to: Shape(weights.shape.extents + [1])), bias)
  }

  /// The same with the matrix as a convolution by single cells has it, `[out, in, 1]`.
  mutating func rowProduct(
    _ value: KerasValue, weights: Parameter, _ bias: Parameter?
  ) throws(ModelFileError) -> KerasValue {
    let window = Window(size: [1], strides: [1], padding: [Padding.none])
    return try applyWithoutMask(
      Convolution(window: window, groups: 1, weights: weights, biases: bias), to: value)
  }

  /// A product with the kernel of a layer's next variables, and their bias: `[…, width]` → `[…, heads, size]`,
  /// or from there to the extents of the result: the kernel takes the value's last `summed` axes together.
  /// Takes `kernel`, and `bias` if there is one.
  mutating func projection(
    of value: KerasValue, summing summed: Int, usesBias: Bool
  ) throws(ModelFileError) -> KerasValue {
    let kernel = try parameter("kernel")
    let bias = usesBias ? try parameter("bias") : nil
    let extents = shape(value).extents
    let (inside, made) = (
      kernel.shape.extents.prefix(summed), kernel.shape.extents.dropFirst(summed)
    )
    let outer = Array(extents.dropLast(summed))
    let (rows, columns) = (Shape(outer).elementCount, Shape(Array(made)).elementCount)
    let width = Shape(Array(inside)).elementCount
    let flat = try reshaped(value, to: [rows, width])
    if let bias {
      try refuseDisputedBias(bias.shape, on: Shape(outer + made), option: "use_bias")
    }
    let product = try rowProduct(
      flat, kernel.asStored([width, columns]), bias?.asStored([columns]))
    return try reshaped(product, to: Shape(outer + made))
  }

  /// Attention of several heads: `softmax(q · kᵀ / √size) · v` for each.
  ///
  /// - Parameters:
  ///   - queries: `[…, heads, size]`.
  ///   - keys: the same for the cells that are seen.
  ///   - values: the same of any size.
  ///   - attended: the axes before the heads whose cells see each other; the others have the same extents
  ///     in all three.
  ///   - mask: `[T, S]` or with axes before, T and S counting the cells of the attended axes.
  ///   - zeroesUnseen: whether a cell that sees none weighs all with 0, not all alike.
  /// - Returns: the result, shaped as `queries` with the size of `values`, and what each cell saw of each,
  ///   `[…, heads, T, S]` with all attended axes.
  mutating func attention(
    queries: KerasValue, keys: KerasValue, values: KerasValue, along attended: [Int],
    where mask: KerasValue?, zeroesUnseen: Bool
  ) throws(ModelFileError) -> (result: KerasValue, weights: KerasValue) {
    let rank = shape(queries).rank
    let others = (0..<(rank - 2)).filter { !attended.contains($0) }
    let order = others + [rank - 2] + attended + [rank - 1]
    let size = shape(queries).extents[rank - 1]
    let matrices = try [queries, keys, values].map { (value) throws(ModelFileError) in
      let sorted =
        order == Array(0..<rank)
        ? value : try applyWithoutMask(Transposition(order: order), to: value)
      let extents = shape(sorted).extents
      let cells = Shape(Array(extents[(others.count + 1)..<(rank - 1)])).elementCount
      return try reshaped(
        sorted, to: Shape(Array(extents[...others.count]) + [cells, extents[rank - 1]]))
    }
    let scaled = try apply(Affine(scale: 1 / Double(size).squareRoot(), offset: 0), to: matrices[0])
    let scores = KerasValue(
      try add(MatrixProduct(transposesSecond: true), on: [scaled.node, matrices[1].node]))
    let weights = try attentionWeights(scores, where: mask, zeroesUnseen: zeroesUnseen)
    let mixed = KerasValue(try add(MatrixProduct(), on: [weights.node, matrices[2].node]))
    // Back to the order of the query's axes.
    let outer = shape(mixed).extents.prefix(others.count + 1)
    let cells = attended.map { shape(queries).extents[$0] }
    let seen = attended.map { shape(keys).extents[$0] }
    let width = shape(values).extents[rank - 1]
    let apart = try reshaped(mixed, to: Shape(outer + cells + [width]))
    let back = (0..<rank).map { axis in order.firstIndex(of: axis) ?? axis }
    return (
      result: try applyWithoutMask(Transposition(order: back), to: apart),
      weights: try reshaped(weights, to: Shape(outer + cells + seen))
    )
  }

  /// Which steps of the value each step of the query sees, `[T, S]` or with extents of 1; all if `nil`.
  /// (`multi_head_attention.py: _compute_attention_mask`)
  ///
  /// Steps that see each other are less than `slidingWindow` apart, if there is one.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a mask of values with more axes.
  mutating func attentionMask(
    _ call: LayerCall, query: KerasValue, value: KerasValue, key: KerasValue, slidingWindow: Int?,
    takesQueryMask: Bool = true
  ) throws(ModelFileError) -> KerasValue? {
    let given = try call.tensor("attention_mask")
    let isCausal = try call.truth("use_causal_mask")
    // Keras takes the mask that comes with the query in place of one that is passed.
    let queryMask = try call.tensor("query_mask")?.node
    let masks = (
      query: (takesQueryMask ? queryMask : nil) ?? query.mask,
      value: try call.tensor("value_mask")?.node ?? value.mask,
      key: try call.tensor("key_mask")?.node ?? (call.inputs.count > 2 ? key.mask : nil)
    )
    guard shape(query).rank == 2, shape(value).rank == 2 else {
      guard given == nil, masks == (nil, nil, nil), slidingWindow == nil,
        !isCausal
      else {
        throw ModelFileError(
          .unsupported, "a mask of an attention along several axes can't be computed with",
          expected: "sequences of vectors", found: "\(shape(query))")
      }
      return nil
    }
    let steps = (query: shape(query).extents[0], value: shape(value).extents[0])
    var parts: [KerasValue] = []
    if let mask = masks.query {
      parts.append(try reshaped(KerasValue(mask), to: [steps.query, 1]))
    }
    if let mask = masks.value {
      parts.append(try reshaped(KerasValue(mask), to: [1, steps.value]))
    }
    if let mask = masks.key { parts.append(try reshaped(KerasValue(mask), to: [1, steps.value])) }
    if isCausal {
      parts.append(try causalMask(queries: steps.query, keys: steps.value, for: query))
    }
    if let slidingWindow {
      parts.append(
        try fixedMask(queries: steps.query, keys: steps.value, for: query) { row, column in
          abs(row - column) < slidingWindow
        })
    }
    if let given {
      let extents = shape(given).extents
      parts.append(extents.count == 3 ? given : try reshaped(given, to: Shape([1] + extents)))
    }
    guard let first = parts.first else { return nil }
    return parts.count == 1 ? first : try combine(.product, parts)
  }

  /// The softmax of scores along the last axis, of those that the mask leaves in.
  mutating func attentionWeights(
    _ scores: KerasValue, where mask: KerasValue?, zeroesUnseen: Bool = false
  ) throws(ModelFileError) -> KerasValue {
    let axes = [shape(scores).rank - 1]
    guard let mask else { return try softmax(scores, axes: axes) }
    let weights = try softmax(try excluding(scores, where: mask), axes: axes)
    return zeroesUnseen ? try combine(.product, [weights, mask]) : weights
  }

  /// Whether several heads' attention goes through a layer `Softmax`, which in Keras 3 has zeros where a cell
  /// sees none, rather than through the backend's own attention. (`multi_head_attention.py`, and so in
  /// `grouped_query_attention.py: _compute_attention`)
  func zeroesUnseen(by query: KerasValue, dropout: Double, returnsScores: Bool) -> Bool {
    generation == .third && (dropout > 0 || returnsScores || shape(query).rank != 3)
  }

  /// Numbers that a softmax is taken of, with −10⁹ where the mask is 0: as good as nothing, or, where all
  /// of them are, the same for all.
  mutating func excluding(
    _ scores: KerasValue, where mask: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    let kept = try combine(.product, [scores, mask])
    // Under a policy of 16 bits the largest number that there is has to do.
    let least = elementType == .float16 ? 65504.0 : 1e9
    let shift = try apply(Affine(scale: least, offset: -least), to: mask)
    return try combine(.sum, [kept, shift])
  }

  /// A mask by which no step sees later ones, `[queries, keys]`.
  mutating func causalMask(
    queries: Int, keys: Int, for value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    try fixedMask(queries: queries, keys: keys, for: value) { row, column in row >= column }
  }

  /// A mask that is the same for all samples, `[queries, keys]`.
  mutating func fixedMask(
    queries: Int, keys: Int, for value: KerasValue, _ sees: (Int, Int) -> Bool
  ) throws(ModelFileError) -> KerasValue {
    try requireRoom(forConstant: queries.clampedProduct(keys))
    var numbers: [Float] = []
    numbers.reserveCapacity(queries * keys)
    for row in 0..<queries {
      for column in 0..<keys { numbers.append(sees(row, column) ? 1 : 0) }
    }
    return try constant(numbers, shape: [queries, keys], for: value)
  }
}
