import FileSupport
import ModelGraph

/// A stock layer, or a few that have the function's formula and constants.
extension Activation: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let x = try context.input()
    switch function {
    case .linear: return x
    case .logistic: return try context.main(KerasLayers.Activation("sigmoid"), on: x)
    case .tanh: return try context.main(KerasLayers.Activation("tanh"), on: x)
    case .swish: return try context.main(KerasLayers.Activation("swish"), on: x)
    // By its name and not composed: Keras walks back through a model by recursion, and the two more
    // layers of each mish would bring the deepest detectors near Python's limit.
    case .mish: return try context.main(KerasLayers.Activation("mish"), on: x)
    case .relu(let maximum): return try context.main(KerasLayers.ReLU(maximum: maximum), on: x)
    case .leakyRelu(let slope): return try context.main(KerasLayers.LeakyReLU(slope: slope), on: x)
    case .elu(let alpha): return try context.main(KerasLayers.ELU(alpha: alpha), on: x)
    case .scaledElu(let alpha, let scale):
      let elu = try context.helper("elu", KerasLayers.ELU(alpha: alpha), on: x)
      return try context.main(KerasLayers.Rescaling(scale: scale), on: elu)
    case .loggy:
      let logistic = try context.helper("logistic", KerasLayers.Activation("sigmoid"), on: x)
      return try context.main(KerasLayers.Rescaling(scale: 2, offset: -1), on: logistic)
    case .ramp(let slope):
      let positive = try context.helper("relu", KerasLayers.ReLU(), on: x)
      let line = try context.helper("line", KerasLayers.Rescaling(scale: slope), on: x)
      return try context.main(KerasLayers.Add(), on: positive, line)
    case .geluTanh(let linear, let cubic): return try geluTanh(context, x, linear, cubic)
    case .hardMish: return try hardMish(context, x)
    case .hardTanh:
      let above = try context.helper("above", KerasLayers.ReLU(maximum: 1), on: x)
      let negated = try context.helper("negated", KerasLayers.Rescaling(scale: -1), on: x)
      let below = try context.helper("below", KerasLayers.ReLU(maximum: 1), on: negated)
      return try context.main(KerasLayers.Subtract(), on: above, below)
    case .leakyStep(let scale, let offset, let slope):
      return try leakyStep(context, x, scale, offset, slope)
    case .channelSoftmax(let subtractsMaximum):
      return try overChannels(context, x) { (image, suffix) throws(ModelFileError) in
        try context.exponentialShares(
          of: image, subtractsMaximum: subtractsMaximum, unlessLast: suffix)
      }
    case .normalizedChannels:
      return try overChannels(context, x) { (image, suffix) throws(ModelFileError) in
        try context.rectifiedShares(of: image, unlessLast: suffix)
      }
    case .exponential: return try context.main(KerasLayers.Activation("exponential"), on: x)
    case .softplus: return try context.main(KerasLayers.Activation("softplus"), on: x)
    case .softsign: return try context.main(KerasLayers.Activation("softsign"), on: x)
    case .gelu: return try context.main(KerasLayers.Activation("gelu"), on: x)
    // No stock layer has steps without end.
    case .stair: throw context.unsupported("the activation 'stair'")
    // The layer takes no negative numbers.
    case .threshold(let level, value: 0) where level >= 0:
      return try context.main(KerasLayers.ReLU(threshold: level), on: x)
    case .thresholdedRelu(let threshold, let slope, let maximum)
    where min(threshold, slope, maximum ?? 0) >= 0:
      return try context.main(
        KerasLayers.ReLU(maximum: maximum, slope: slope, threshold: threshold), on: x)
    // tf_keras has none of these.
    case .logSigmoid, .hardSwish, .celu, .softShrink, .hardShrink, .tanhShrink, .squareplus,
      .sparsePlus, .sparseSigmoid, .threshold, .thresholdedRelu, .logSoftmax, .sparsemax:
      throw context.unsupported("the activation \(function)")
    }
  }

  /// `x · h` with `h = (1 + tanh u) / 2` and `u = x · (linear + cubic · x²)`
  private func geluTanh(
    _ context: RaisingContext, _ x: KerasTensor, _ linear: Double, _ cubic: Double
  ) throws(ModelFileError) -> KerasTensor {
    let square = try context.helper("square", KerasLayers.Multiply(), on: x, x)
    let factor = try context.helper(
      "factor", KerasLayers.Rescaling(scale: cubic, offset: linear), on: square)
    let u = try context.helper("cubic", KerasLayers.Multiply(), on: x, factor)
    let tanh = try context.helper("tanh", KerasLayers.Activation("tanh"), on: u)
    let h = try context.helper("half", KerasLayers.Rescaling(scale: 0.5, offset: 0.5), on: tanh)
    return try context.main(KerasLayers.Multiply(), on: x, h)
  }

  /// `max(x, 0) + r · (r / 2 − 1)` with `r = −x` cut to 0…2
  private func hardMish(
    _ context: RaisingContext, _ x: KerasTensor
  ) throws(ModelFileError) -> KerasTensor {
    let positive = try context.helper("relu", KerasLayers.ReLU(), on: x)
    let negated = try context.helper("negated", KerasLayers.Rescaling(scale: -1), on: x)
    let r = try context.helper("below", KerasLayers.ReLU(maximum: 2), on: negated)
    let factor = try context.helper(
      "factor", KerasLayers.Rescaling(scale: 0.5, offset: -1), on: r)
    let bend = try context.helper("bend", KerasLayers.Multiply(), on: r, factor)
    return try context.main(KerasLayers.Add(), on: positive, bend)
  }

  /// With `t = scale · x + offset`: `leaky(t) + (slope − 1) · max(t − 1, 0)`
  private func leakyStep(
    _ context: RaisingContext, _ x: KerasTensor, _ scale: Double, _ offset: Double, _ slope: Double
  ) throws(ModelFileError) -> KerasTensor {
    let t =
      scale == 1 && offset == 0
      ? x
      : try context.helper("line", KerasLayers.Rescaling(scale: scale, offset: offset), on: x)
    let leaky = try context.helper("leaky", KerasLayers.LeakyReLU(slope: slope), on: t)
    let shifted = try context.helper("shifted", KerasLayers.Rescaling(scale: 1, offset: -1), on: t)
    let excess = try context.helper("excess", KerasLayers.ReLU(), on: shifted)
    let bend = try context.helper("bend", KerasLayers.Rescaling(scale: slope - 1), on: excess)
    return try context.main(KerasLayers.Add(), on: leaky, bend)
  }

  /// A function of the channels of each pixel; a vector is one pixel.
  private func overChannels(
    _ context: RaisingContext, _ x: KerasTensor,
    _ function: (KerasTensor, String?) throws(ModelFileError) -> KerasTensor
  ) throws(ModelFileError) -> KerasTensor {
    guard x.shape.rank == 1 else { return try function(x, nil) }
    let pixel = try context.helper(
      "pixel", KerasLayers.Reshape([1, 1, x.shape.elementCount]), on: x)
    let result = try function(pixel, "values")
    return try context.main(KerasLayers.Reshape(x.shape.extents), on: result)
  }
}
