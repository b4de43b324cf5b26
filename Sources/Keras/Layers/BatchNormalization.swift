import FileSupport
import ModelGraph

extension KerasLayers {
  /// Normalization along one axis by running statistics: `γ · (x − mean) / √(variance + ε) + β`.
  struct BatchNormalization: KeyedLayerClass {
    static let className = "BatchNormalization"
    /// tf_keras's name of one whose statistics come from several devices in training.
    static let aliases = ["SyncBatchNormalization"]
    var className: String = Self.className
    /// A mask matters in training only.
    static let callParameters = ["inputs", "training", "mask"]
    /// The axis that is normalized, as Keras counts: the batch is 0, −1 is the last.
    var axis = -1
    /// ε
    var epsilon = 1e-3
    /// Whether there is a β.
    var centers = true
    /// Whether there is a γ.
    var scales = true
    /// Whether training leaves it alone; it then computes as at inference in any case.
    var isFrozen = false
    /// Whether further statistics are kept, which correct those of a batch in training (Keras 2).
    var isRenormalized = false

    /// The axis is read as a number or as tf_keras writes it, a list of one, and written as a plain number: Keras 3 does
    /// not take a list in nested models.
    static let keys: [KerasKey<Self>] = [
      .className(\.className),
      KerasKey("axis", \.axis, .written, json: { JSONValue($0) }) {
        (configuration, fallback) throws(ModelFileError) in
        let axes = try configuration.axes(default: [fallback ?? -1])
        guard axes.count == 1 else {
          throw ModelFileError(
            .unsupported, at: [.option("axis")],
            "a BatchNormalization along several axes is not supported", found: "\(axes)")
        }
        return axes[0]
      },
      .number("epsilon", \.epsilon, .written), .truth("center", \.centers),
      .truth("scale", \.scales),
      .other(\.isFrozen) { configuration throws(ModelFileError) in
        try !configuration.truth("trainable", default: true)
      },
      .truth("renorm", \.isRenormalized, .unwritten),
      .meaningless("momentum", "synchronized", "renorm_momentum", "renorm_clipping"),
      .meaningless("mode") { $0.int == 0 },
    ]

    /// `gamma`, `beta`, `moving_mean`, `moving_variance`, each `[channels]`; behind them what corrects the statistics of
    /// batches.
    func variables(for inputs: [KerasShape]) throws(ModelFileError) -> [KerasVariableForm] {
      let shape = try inputs.single()
      let channels: Shape = [try shape.extent(shape.position(ofAxis: axis))]
      return (scales ? [KerasVariableForm("gamma", channels, .scales)] : [])
        + (centers ? [KerasVariableForm("beta", channels, .biases)] : [])
        + [
          KerasVariableForm("moving_mean", channels, .rollingMean, isTrainable: false),
          KerasVariableForm("moving_variance", channels, .rollingVariance, isTrainable: false),
        ]
        + (isRenormalized ? Self.corrections : []).map {
          KerasVariableForm($0, channels, .scales, isTrainable: false)
        }
    }
  }
}

extension KerasLayers.BatchNormalization {
  /// The statistics that inference has nothing to do with.
  private static let corrections = ["moving_stddev", "renorm_mean", "renorm_stddev"]

  /// The operation on the axis, which is made the last for it.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let rank = context.shape(input).rank
    let position = try KerasShape(context.shape(input)).position(ofAxis: axis)
    let gamma = scales ? try context.parameter("gamma") : nil
    let beta = centers ? try context.parameter("beta") : nil
    let mean = try context.parameter("moving_mean")
    let variance = try context.parameter("moving_variance")
    if isRenormalized { for name in Self.corrections { _ = try context.parameter(name) } }
    // Training masks the numbers out of their mean, inference has nothing to do with a mask.
    let mask = try call.tensor("mask")
    if context.isTraining, !isFrozen {
      guard !isRenormalized else {
        throw ModelFileError(
          .unsupported, at: [.option("renorm")],
          "the layer is called with training=True, and corrected statistics are not supported then")
      }
      guard mask == nil, input.mask == nil else {
        throw ModelFileError(
          .unsupported, at: [.option("mask")],
          "the layer is called with training=True, and a mask is not supported then")
      }
      return [try inTraining(input, along: position, gamma, beta, &context)]
    }
    let operation = ModelGraph.BatchNormalization(
      divisor: .rootOfSum(epsilon: epsilon), scales: gamma, biases: beta, mean: mean,
      variance: variance)
    guard position != rank - 1 else { return [try context.apply(operation, to: input)] }
    let others = (0..<rank).filter { $0 != position }
    let moved = try context.apply(Transposition(order: others + [position]), to: input)
    let result = try context.apply(operation, to: moved)
    let back = Array(0..<position) + [rank - 1] + Array(position..<(rank - 1))
    return [try context.apply(Transposition(order: back), to: result)]
  }

  /// By mean and variance of the batch itself, in which a layer of Keras 2 computes if its call says `training=True`.
  private func inTraining(
    _ input: KerasValue, along position: Int, _ gamma: Parameter?, _ beta: Parameter?,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let extents = context.shape(input).extents
    let others = extents.indices.filter { $0 != position }
    let wide = Shape(extents.indices.map { $0 == position ? extents[$0] : 1 })
    var result = try context.apply(
      ModelGraph.Normalization(.meanVariance, axes: others, epsilon: epsilon, includesBatch: true),
      to: input)
    if let gamma {
      result = try context.combine(
        .product, [result, try context.learned(gamma.reshaped(to: wide), for: input)])
    }
    if let beta {
      result = try context.combine(
        .sum, [result, try context.learned(beta.reshaped(to: wide), for: input)])
    }
    return result
  }
}

extension KerasModel {
  /// The same model with other epsilons in some of its batch normalizations.
  ///
  /// - Parameter epsilons: ε by the name of the layer.
  public func withEpsilons(_ epsilons: [String: Double]) -> KerasModel {
    KerasModel(
      name: name,
      layers: layers.map { layer in
        guard let epsilon = epsilons[layer.name],
          var normalization = layer.layerClass as? KerasLayers.BatchNormalization
        else { return layer }
        normalization.epsilon = epsilon
        return layer.with(normalization)
      }, inputs: inputs, outputs: outputs, isSequential: isSequential, savingOrder: savingOrder)
  }
}
