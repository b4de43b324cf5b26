import FileSupport
import ModelGraph

extension KerasLayers {
  /// Normalization of each sample along some axes: `γ · (x − mean) / √(variance + ε) + β`.
  struct LayerNormalization: ReadOnlyLayerClass {
    static let className = "LayerNormalization"
    /// The axes that are normalized together, as Keras counts.
    var axes = [-1]
    /// ε
    var epsilon = 1e-3
    /// Whether there is a β.
    var centers = true
    /// Whether there is a γ.
    var scales = true
    /// Whether it only divides by the root of the mean square.
    var isRootMeanSquare = false
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .axes(\.axes), .number("epsilon", \.epsilon), .truth("center", \.centers),
      .truth("scale", \.scales), .truth("rms_scaling", \.isRootMeanSquare),
    ]

    /// `gamma` and `beta`, with an axis for each that is normalized.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      let shape = try input.extents(alongAxes: axes)
      return (scales || isRootMeanSquare ? [KerasVariableForm("gamma", shape, .scales)] : [])
        + (centers && !isRootMeanSquare ? [KerasVariableForm("beta", shape, .biases)] : [])
    }
  }

  /// Division by the length along some axes.
  struct UnitNormalization: KeyedLayerClass {
    static let className = "UnitNormalization"
    /// The axes, as Keras counts.
    var axes = [-1]

    static let keys: [KerasKey<Self>] = [.axes(\.axes)]
  }

  /// Normalization by numbers that were worked out before the training.
  struct Normalization: ReadOnlyLayerClass {
    static let className = "Normalization"
    /// The axes that have numbers of their own, as Keras counts.
    var axes = [-1]
    /// Whether it goes the other way.
    var inverts = false
    /// The numbers, if they stand in the configuration; then there are no variables.
    var constants: (mean: [Float], variance: [Float])?
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .axes(\.axes, allowsNone: true), .truth("invert", \.inverts),
      .other(\.constants, of: "mean", "variance") { configuration throws(ModelFileError) in
        configuration.isSet("mean") && configuration.isSet("variance")
          ? (
            mean: try configuration.nestedNumbers("mean"),
            variance: try configuration.nestedNumbers("variance")
          ) : nil
      },
    ]

    /// `mean`, `variance`, and how many samples they were worked out of.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      guard constants == nil else { return [] }
      let input = try inputs.single()
      let shape = try input.extents(alongAxes: axes)
      return [
        KerasVariableForm("mean", shape, .rollingMean, isTrainable: false),
        KerasVariableForm("variance", shape, .rollingVariance, isTrainable: false),
        KerasVariableForm("count", [], .count, isTrainable: false),
      ]
    }
  }
}

extension KerasLayers.LayerNormalization {
  /// The normalization, and the learned factors and offsets.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    let positions = try KerasShape(shape).positions(ofAxes: axes)
    let wide = Shape(shape.extents.indices.map { positions.contains($0) ? shape.extents[$0] : 1 })
    var result =
      isRootMeanSquare
      ? try scaledByDeviation(input, positions, &context)
      : try context.apply(
        ModelGraph.Normalization(.meanVariance, axes: positions, epsilon: epsilon), to: input)
    if scales || isRootMeanSquare {
      let gamma = try context.parameter("gamma").reshaped(to: wide)
      result = try context.combine(.product, [result, try context.learned(gamma, for: input)])
    }
    if centers, !isRootMeanSquare {
      let beta = try context.parameter("beta").reshaped(to: wide)
      result = try context.combine(.sum, [result, try context.learned(beta, for: input)])
    }
    return [KerasValue(result.node, mask: input.mask)]
  }

  /// `x / √(variance + ε)`: what `rms_scaling` does, in spite of its name, in `keras/src/ops/nn.py:
  /// layer_normalization`: the variance is about the mean, which is not taken off.
  private func scaledByDeviation(
    _ input: KerasValue, _ positions: [Int], _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let mean = try context.apply(Reduce(.mean, axes: positions, keepsAxes: true), to: input)
    let apart = try context.combine(.difference, [input, mean])
    let squares = try context.combine(.product, [apart, apart])
    let variance = try context.apply(
      Reduce(.mean, axes: positions, keepsAxes: true), to: squares)
    let sum = try context.apply(Affine(scale: 1, offset: epsilon), to: variance)
    return try context.combine(
      .quotient, [input, try context.apply(ElementFunction(.sqrt), to: sum)])
  }
}

extension KerasLayers.UnitNormalization {
  /// The division.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let positions = try KerasShape(context.shape(input)).positions(ofAxes: axes)
    return [
      try context.apply(context.lengthNormalization(axes: positions), to: input)
    ]
  }
}

extension KerasLayers.Normalization {
  /// `(x − mean) / max(√variance, 1e-7)`, or the way back. Keras 2 loses the mask here.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    let positions = try KerasShape(shape).positions(ofAxes: axes)
    let wide = Shape(shape.extents.indices.map { positions.contains($0) ? shape.extents[$0] : 1 })
    let mean: KerasValue
    let variance: KerasValue
    if let constants {
      mean = try context.constant(constants.mean, broadcastTo: wide, for: input)
      variance = try context.constant(constants.variance, broadcastTo: wide, for: input)
    } else {
      let numbers = [try context.parameter("mean"), try context.parameter("variance")]
      _ = try context.parameter("count")
      mean = try context.learned(numbers[0].reshaped(to: wide), for: input)
      variance = try context.learned(numbers[1].reshaped(to: wide), for: input)
    }
    let least = try context.constant([1e-7], shape: [], for: input)
    let root = try context.applyWithoutMask(ElementFunction(.sqrt), to: variance)
    let deviation = try context.combine(.maximum, [root, least])
    let result =
      inverts
      ? try context.combine(.sum, [try context.combine(.product, [input, deviation]), mean])
      : try context.combine(
        .quotient, [try context.combine(.difference, [input, mean]), deviation])
    return [KerasValue(result.node, mask: context.generation == .third ? input.mask : nil)]
  }
}
