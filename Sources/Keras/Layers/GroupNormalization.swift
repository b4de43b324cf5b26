import FileSupport
import ModelGraph

extension KerasLayers {
  /// Normalization of groups of channels of each sample.
  struct GroupNormalization: ReadOnlyLayerClass {
    static let className = "GroupNormalization"
    /// The number of groups; −1 makes one of each channel.
    var groups = 32
    /// The axis of the channels, as Keras counts.
    var axis = -1
    /// ε
    var epsilon = 1e-3
    /// Whether there is a β.
    var centers = true
    /// Whether there is a γ.
    var scales = true
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .integer("groups", \.groups, in: -1...KerasConfiguration.largest),
      .integer("axis", \.axis, in: -32...32), .number("epsilon", \.epsilon),
      .truth("center", \.centers), .truth("scale", \.scales),
    ]

    /// `gamma` and `beta`, each `[channels]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      let channels: Shape = [try input.extent(input.position(ofAxis: axis))]
      return (scales ? [KerasVariableForm("gamma", channels, .scales)] : [])
        + (centers ? [KerasVariableForm("beta", channels, .biases)] : [])
    }
  }
}

extension KerasLayers.GroupNormalization {
  /// The normalization of each group's channels and cells together, and the learned numbers.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    let position = try KerasShape(shape).position(ofAxis: axis)
    let channels = shape.extents[position]
    guard context.generation >= .third || input.mask == nil else {
      throw ModelFileError(
        .unsupported,
        "Keras 2 leaves masked places out of the mean of a group, which is not supported",
        expected: "a value without a mask")
    }
    let count = groups == -1 ? channels : groups
    guard count > 0, channels % count == 0 else {
      throw ModelFileError(
        .damaged, at: [.option("groups")], "the channels can't be split into \(count) groups",
        found: "\(channels) channels")
    }
    var split = shape.extents
    split.replaceSubrange(position...position, with: [count, channels / count])
    let apart = try context.reshaped(input, to: Shape(split))
    let axes = split.indices.filter { $0 != position }
    let gamma = try learned(scales ? "gamma" : nil, for: apart, Shape(split), position, &context)
    let beta = try learned(centers ? "beta" : nil, for: apart, Shape(split), position, &context)
    var result: KerasValue
    if context.generation < .third, context.elementType.isHalf {
      result = try roundedOften(apart, axes, gamma, beta, &context)
    } else {
      result = try context.apply(
        ModelGraph.Normalization(.meanVariance, axes: axes, epsilon: epsilon), to: apart)
      if let gamma { result = try context.combine(.product, [result, gamma]) }
      if let beta { result = try context.combine(.sum, [result, beta]) }
    }
    result = try context.reshaped(result, to: shape)
    return [KerasValue(result.node, mask: input.mask)]
  }

  /// Numbers of the channels, beside a value whose channels are split into groups.
  private func learned(
    _ name: String?, for value: KerasValue, _ split: Shape, _ position: Int,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue? {
    guard let name else { return nil }
    let wide = split.extents.indices.map {
      $0 == position || $0 == position + 1 ? split.extents[$0] : 1
    }
    return try context.learned(try context.parameter(name).reshaped(to: Shape(wide)), for: value)
  }

  /// `x · s + (β − mean · s)` with `s = γ / √(variance + ε)`, each step rounded to the 16 bits of the layer: where the
  /// deviation is small beside the mean, little is left of the numbers. Only the mean and the variance are taken in
  /// float32 if the type is float16.
  ///
  /// Source: `tensorflow/python/ops/nn_impl.py`: `weighted_moments`, `batch_normalization`.
  private func roundedOften(
    _ x: KerasValue, _ axes: [Int], _ gamma: KerasValue?, _ beta: KerasValue?,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    func moments(_ context: inout LoweringContext) throws(ModelFileError) -> [KerasValue] {
      let extents = context.shape(x).extents
      let count = try context.constant(
        [Float(axes.reduce(1) { $0 * extents[$1] })], shape: [], for: x)
      func mean(_ value: KerasValue) throws(ModelFileError) -> KerasValue {
        let sum = try context.apply(Reduce(.sum, axes: axes, keepsAxes: true), to: value)
        return try context.combine(.quotient, [sum, count])
      }
      let center = try mean(x)
      let apart = try context.combine(.difference, [x, center])
      return [center, try mean(try context.combine(.product, [apart, apart]))]
    }
    var values =
      context.elementType == .float16
      ? try context.unrounded { (context) throws(ModelFileError) in try moments(&context) }
      : try moments(&context)
    values = try values.map { (value) throws(ModelFileError) in
      KerasValue(try context.rounding(value.node))
    }
    let epsilon = try context.constant([Float(epsilon)], shape: [], for: x)
    let sum = try context.combine(.sum, [values[1], epsilon])
    var scale = try context.apply(ElementFunction(.rsqrt), to: sum)
    if let gamma { scale = try context.combine(.product, [scale, gamma]) }
    let scaled = try context.combine(.product, [x, scale])
    let shift = try context.combine(.product, [values[0], scale])
    guard let beta else { return try context.combine(.difference, [scaled, shift]) }
    return try context.combine(.sum, [scaled, try context.combine(.difference, [beta, shift])])
  }
}
