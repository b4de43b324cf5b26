import FileSupport
import ModelGraph

extension KerasLayers {
  /// A row of a table for each whole number.
  ///
  /// Source: `keras/src/layers/core/embedding.py`.
  struct Embedding: ReadOnlyLayerClass, UnroundedInputLayer {
    static let className = "Embedding"
    /// Rows of the table.
    var inputSize = 0
    /// Numbers in a row.
    var outputSize = 0
    /// Whether 0 stands for nothing, and is passed over by layers behind.
    var masksZero = false
    /// Whether the table is stored in whole numbers of 8 bits, with a scale for each row.
    var isQuantized = false
    var adapter = LowRankAdapter()
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .integer("input_dim", \.inputSize, .required),
      .integer("output_dim", \.outputSize, .required),
      .truth("mask_zero", \.masksZero), .quantized(\.isQuantized), .part(\.adapter),
      .meaningless("dropout").ofClasses { $0 == Self.className },
    ]

    /// An axis more, `output_dim` long.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      KerasShape(try inputs.single().extents + [outputSize])
    }

    /// `embeddings [input_dim, output_dim]`; of a quantized layer also `embeddings_scale [input_dim]`.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let table = KerasVariableForm(
        "embeddings", [inputSize, outputSize], .weights, isTrainable: !isQuantized)
      guard isQuantized else { return adapter.beside([table]) }
      return adapter.beside([
        table, KerasVariableForm("embeddings_scale", [inputSize], .scales, isTrainable: false),
      ])
    }
  }

  /// An embedding that also goes the other way: a score of each row for a vector.
  ///
  /// Source: `keras/src/layers/core/reversible_embedding.py`; tf_keras does not have it.
  struct ReversibleEmbedding: KeyedLayerClass, UnroundedInputLayer {
    static let className = "ReversibleEmbedding"
    /// The direction may be passed behind the value.
    static let callParameters = ["inputs", "reverse"]
    /// The way to the rows.
    var forward = Embedding()
    /// Whether both ways have the same table.
    var isTied = true
    /// What scores are bent to lie below, if they are.
    var scoreLimit: Double?
    /// The configuration as the file has it.
    var configuration: JSONObject { forward.configuration }

    static let keys: [KerasKey<Self>] = [
      .part(\.forward), .truth("tie_weights", \.isTied), .number("logit_soft_cap", \.scoreLimit),
      .unsupported(
        "reverse_dtype", unless: "float32", "scores in another type are not supported"),
    ]

    /// The shape of the rows.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try forward.outputShape(of: inputs)
    }

    /// The shape of the rows, or, the other way, that of the scores.
    func outputShapes(
      of inputs: [KerasShape], in call: KerasCall
    ) throws(ModelFileError) -> [KerasShape] {
      guard call.argument("reverse", of: Self.callParameters)?.constant?.pythonTruth == true else {
        return [try outputShape(of: inputs)]
      }
      return [KerasShape(try inputs.single().extents.dropLast() + [forward.inputSize])]
    }

    /// Those of the embedding; of one that is not tied also `reverse_embeddings [output_dim, input_dim]`, and
    /// its scales if it is quantized.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let all = try forward.variables(for: inputs)
      // What is added to be trained comes last.
      let forms = all.filter { $0.presence == .everywhere }
      let added = all.filter { $0.presence != .everywhere }
      guard !isTied else { return forms + added }
      let isTrainable = !forward.isQuantized
      return forms + [
        KerasVariableForm(
          "reverse_embeddings", [forward.outputSize, forward.inputSize], .weights,
          isTrainable: isTrainable)
      ]
        + (isTrainable
          ? []
          : [
            KerasVariableForm(
              "reverse_embeddings_scale", [forward.inputSize], .scales, isTrainable: false)
          ]) + added
    }
  }
}

extension KerasLayers.Embedding {
  /// The rows; where 0 stands for nothing, other numbers are marked as steps that count.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let table = try context.parameter("embeddings")
    var rows = try context.add(ModelGraph.Embedding(table: table), on: [input.node])
    if isQuantized {
      let scales = try context.parameter("embeddings_scale").reshaped(to: [inputSize, 1])
      let factors = try context.add(ModelGraph.Embedding(table: scales), on: [input.node])
      rows = try context.combine(.quotient, [KerasValue(rows), KerasValue(factors)]).node
    }
    guard masksZero else { return [KerasValue(rows)] }
    return [
      KerasValue(rows, mask: try context.add(Comparison(.unequal, with: 0), on: [input.node]))
    ]
  }
}

extension KerasLayers.ReversibleEmbedding {
  /// The rows, or the product with the table.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    guard try call.truth("reverse") else { return try forward.lower(call, at: &context) }
    let input = try call.input()
    guard context.shape(input).extents.last == forward.outputSize else {
      throw ModelFileError(
        .damaged, "takes vectors of another length", expected: "\(forward.outputSize)",
        found: "\(context.shape(input))")
    }
    var table = try context.parameter("embeddings")
    var scales = forward.isQuantized ? try context.parameter("embeddings_scale") : nil
    if !isTied {
      table = try context.parameter("reverse_embeddings").permuted([1, 0])
      scales = forward.isQuantized ? try context.parameter("reverse_embeddings_scale") : nil
    }
    let scores = try product(KerasValue(input.node), table, scales, &context)
    guard let scoreLimit else { return [scores] }
    let limit = try context.constant([Float(scoreLimit)], shape: [], for: input)
    let bent = try context.apply(
      ModelGraph.Activation(.tanh), to: try context.combine(.quotient, [scores, limit]))
    return [try context.combine(.product, [bent, limit])]
  }

  private func product(
    _ value: KerasValue, _ table: Parameter, _ scales: Parameter?, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    if let scales {
      return try context.apply(
        QuantizedProduct(weights: table, scales: scales, biases: nil), to: value)
    }
    let extents = context.shape(value).extents
    let rows = Shape(extents.dropLast().map(\.self)).elementCount
    let product = try context.rowProduct(
      try context.reshaped(value, to: [rows, forward.outputSize]),
      weights: table.reshaped(to: [forward.inputSize, forward.outputSize, 1]), nil)
    return try context.reshaped(product, to: Shape(extents.dropLast() + [forward.inputSize]))
  }
}
