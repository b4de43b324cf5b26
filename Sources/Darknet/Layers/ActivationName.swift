import ModelGraph

/// darknet's names of activations with the formulas that they stand for (`activations.c`, `activations.h`).
public enum ActivationName: String, Sendable, CaseIterable {
  case logistic, loggy, relu, relu6, elu, selu, gelu, relie, plse, hardtan, lhtan, linear, ramp
  case revleaky, leaky, tanh, stair, swish, mish
  case hardMish = "hard_mish"
  case normalizeChannels = "normalize_channels"
  case normalizeChannelsSoftmax = "normalize_channels_softmax"
  case normalizeChannelsSoftmaxMaxval = "normalize_channels_softmax_maxval"

  /// The forks that know the name; the others take it for `relu`.
  public var dialects: Set<Dialect> {
    switch self {
    case .relu6, .gelu, .revleaky, .swish, .mish, .hardMish, .normalizeChannels,
      .normalizeChannelsSoftmax, .normalizeChannelsSoftmaxMaxval:
      .alexeyAndLater
    default: .all
    }
  }

  /// The formula, with darknet's constants.
  public var function: ActivationFunction {
    switch self {
    case .logistic: .logistic
    case .loggy: .loggy
    case .relu: .relu(maximum: nil)
    case .relu6: .relu(maximum: 6)
    case .elu: .elu(alpha: 1)
    case .selu: .scaledElu(alpha: 1.6732, scale: 1.0507)
    case .gelu: .geluTanh(linear: 0.797885, cubic: 0.035677)
    case .relie: .leakyRelu(slope: 0.01)
    case .plse: .leakyStep(scale: 0.125, offset: 0.5, slope: 0.08)
    case .hardtan: .hardTanh
    case .lhtan: .leakyStep(scale: 1, offset: 0, slope: 0.001)
    case .linear: .linear
    case .ramp: .ramp(slope: 0.1)
    // Its forward pass is leaky's; only the gradient differs.
    case .revleaky, .leaky: .leakyRelu(slope: 0.1)
    case .tanh: .tanh
    case .stair: .stair
    case .swish: .swish
    case .mish: .mish
    case .hardMish: .hardMish
    case .normalizeChannels: .normalizedChannels
    case .normalizeChannelsSoftmax: .channelSoftmax(subtractsMaximum: false)
    case .normalizeChannelsSoftmaxMaxval: .channelSoftmax(subtractsMaximum: true)
    }
  }
}

extension OptionReader {
  /// The activation of a section. A name that this fork does not know is `relu`, as in darknet, with
  /// a warning.
  func activation(_ option: Option<String>) -> ActivationName {
    let text = self[option]
    if let name = ActivationName(rawValue: text), name.dialects.contains(dialect) { return name }
    let line = section.entries.first { $0.key == option.key }?.line
    warn(
      line,
      "\(dialect.rawValue)'s darknet has no activation '\(text.escapedForTerminal)' and takes relu")
    return .relu
  }
}
