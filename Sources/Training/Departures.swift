import ModelGraph

extension Node {
  /// Why darknet's backward step of this node is not the derivative, `nil` where it is.
  ///
  /// The table in `spec/training.md` shows each with its error.
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String? {
    switch operation {
    case let activation as Activation: activation.function.departure
    case is BatchNormalization:
      options.normalization.isExact
        ? nil : "the variance has N − 1, and the divisor of δ another ε than the forward pass"
    case is WeightedAddition: "the derivative of the weights' normalization is left out"
    case let pooling as Pooling:
      pooling.rule == .average && pooling.window.padding.contains { $0.total > 0 }
        ? "at the border δ is divided by size², not by the cells that exist" : nil
    case is YoloHead, is GaussianYoloHead, is RegionHead:
      "δ is that of the boxes: the derivatives of their decoding are left out"
    case let softmax as Softmax: loss.softmaxDeparture(temperature: softmax.temperature)
    case let softmax as GroupedSoftmax: loss.softmaxDeparture(temperature: softmax.temperature)
    case is PixelSoftmax: "δ is handed on unchanged, the cost's being at the input already"
    case is any RecurrentOperation where options.isExactInTime: nil
    case let layer as SimpleRecurrence<FullyConnected>: layer.departure
    case let layer as SimpleRecurrence<Convolution>: layer.departure
    case let layer as LongShortTermMemory:
      layer.timeSteps > 1
        ? "the first step's gradients see the state after it, not the one before" : nil
    default: nil
    }
  }
}

extension ActivationFunction {
  /// Why σ′ is not the derivative, if it is not.
  var departure: String? {
    switch self {
    case .geluTanh: "σ′ is evaluated at the output, as if it were the input"
    case .normalizedChannels, .channelSoftmax: "δ is multiplied with Σ a δ over the channels"
    default: nil
    }
  }
}

extension Loss? {
  fileprivate func softmaxDeparture(temperature: Double) -> String? {
    guard case .crossEntropy = self?.function else {
      return "δ is handed on unchanged, without the softmax's derivative"
    }
    return temperature == 1 ? nil : "δ is t − p without the temperature"
  }
}

extension SimpleRecurrence {
  fileprivate var departure: String? {
    let isLinear = recurrence.activation == .linear && recurrence.normalization == nil
    if keepsState { return "the output unit's gradient sees the state without what was carried" }
    return isLinear ? nil : "the input unit's δ has been through the recurrent unit's σ′"
  }
}
