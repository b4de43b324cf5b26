import FileSupport
import ModelGraph

extension KerasLayers {
  /// The largest of several fully connected layers, output by output.
  ///
  /// Source: `keras/layers/core.py` of Keras 1.2, `keras/legacy/layers.py` of Keras 2.
  struct MaxoutDense: ReadOnlyLayerClass {
    static let className = "MaxoutDense"
    /// The number of outputs.
    var units = 0
    /// How many layers there are.
    var count = 4
    /// Whether there is a bias.
    var usesBias = true
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .integer("output_dim", \.units, .required), .integer("nb_feature", \.count),
      .truth("bias", \.usesBias),
    ]

    /// `[output_dim]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      _ = try inputs.single(rank: 1)
      return [units]
    }

    /// `W [nb_feature, in, output_dim]`, `b [nb_feature, output_dim]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let width = try inputs.single(rank: 1).lastExtent()
      return [KerasVariableForm("W", [count, width, units], .weights)]
        + (usesBias ? [KerasVariableForm("b", [count, units], .biases)] : [])
    }
  }

  /// A fully connected layer and its input, mixed by a second one: `t · σ(W x + b) + (1 − t) · x`.
  ///
  /// Source: `keras/layers/core.py` of Keras 1.2, `keras/legacy/layers.py` of Keras 2.
  struct Highway: ReadOnlyLayerClass {
    static let className = "Highway"
    /// σ
    var activation = KerasActivation.linear
    /// Whether there are biases.
    var usesBias = true
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .activation(\.activation), .truth("bias", \.usesBias), .meaningless("transform_bias"),
    ]

    /// `W` and `W_carry`, both `[in, in]`, `b` and `b_carry`, both `[in]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let width = try inputs.single(rank: 1).lastExtent()
      return ["W", "W_carry"].map { KerasVariableForm($0, [width, width], .weights) }
        + (usesBias ? ["b", "b_carry"] : []).map { KerasVariableForm($0, [width], .biases) }
    }
  }
}

extension KerasLayers.MaxoutDense {
  /// One product for all layers, and the largest.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let all = count.clampedProduct(units)
    let kernel = try context.parameter("W")
    let width = kernel.shape.extents[1]
    let bias = usesBias ? try context.parameter("b") : nil
    let product = try context.applyWithoutMask(
      FullyConnected(
        weights: kernel.permuted([0, 2, 1]).reshaped(to: [all, width]),
        biases: bias?.reshaped(to: [all])), to: input)
    let apart = try context.reshaped(product, to: [count, units])
    return [try context.applyWithoutMask(Reduce(.maximum, axes: [0]), to: apart)]
  }
}

extension KerasLayers.Highway {
  /// Both layers, and the mixture.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = KerasValue(try call.input().node)
    let kernels = try ["W", "W_carry"].map { (name) throws(ModelFileError) in
      try context.parameter(name).permuted([1, 0])
    }
    let biases: [Parameter?] =
      usesBias ? [try context.parameter("b"), try context.parameter("b_carry")] : [nil, nil]
    let product = try context.apply(
      FullyConnected(weights: kernels[0], biases: biases[0]), to: input)
    let changed = try context.activate(product, with: activation)
    let gate = try context.apply(
      ModelGraph.Activation(.logistic),
      to: try context.apply(FullyConnected(weights: kernels[1], biases: biases[1]), to: input))
    let rest = try context.apply(Affine(scale: -1, offset: 1), to: gate)
    return [
      try context.combine(
        .sum,
        [
          try context.combine(.product, [changed, gate]),
          try context.combine(.product, [rest, input]),
        ])
    ]
  }
}
