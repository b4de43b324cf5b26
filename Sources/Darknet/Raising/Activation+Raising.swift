import FileSupport
import ModelGraph

/// `[activation]`, where no layer with weights stands in front. Functions that darknet computes only in
/// convolutions get one that copies.
extension Activation: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let value = try context.input()
    guard let name = ActivationName(function, in: context.dialect) else {
      throw context.unsupported(
        "by this function", option: "activation",
        expected: "a function with darknet's formula and constants", found: "\(function)",
        remedy: ActivationName.remedy(function, for: context.dialect))
    }
    guard name != .linear else { return value }
    return try context.activation(name, on: value)
  }
}

/// `[softmax]` of all values together.
extension Softmax: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let value = try context.input()
    let count = context.shapes[0].elementCount
    guard groups == 1 || (context.shapes[0].rank == 1 && value.order == .own && count % groups == 0)
    else {
      throw context.unsupported("at each place of \(context.shapes[0]) on its own", option: "axis")
    }
    var options = SectionOptions()
    options.set(SoftmaxLayer.groups, groups)
    options.set(SoftmaxLayer.temperature, temperature)
    return try context.builder.add(
      SoftmaxLayer.self, options, on: value,
      shape: LayerShape(channels: 0, height: 0, width: 0, count: count)
    ).ordered(value.order)
  }
}

/// `[dropout]`
extension Dropout: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let value = try context.input()
    let option = DropoutLayer.probability
    var options = SectionOptions()
    options.write(
      option.dialects.contains(context.dialect) ? option : DropoutLayer.probabilityOfPjreddie,
      probability)
    return try context.builder.add(
      DropoutLayer.self, options, on: value, shape: context.builder.shape(of: value.layer)
    ).ordered(value.order)
  }
}

/// A convolution of single values with a constant factor and offset, and the function behind it.
extension Affine: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let value = try context.input()
    let ending = context.ending(isConvolution: true, normalizes: false)
    return try context.pointwise(
      on: value, scale: Float(scale), offset: Float(offset), activation: ending.activation)
  }
}

extension RaisingContext {
  /// Adds a layer that applies a function to each number.
  func activation(
    _ name: ActivationName, on value: RaisedValue
  ) throws(ModelFileError) -> RaisedValue {
    guard !name.isOfConvolutionsOnly, ActivationLayer.dialects.contains(dialect) else {
      return try pointwise(on: value, activation: name)
    }
    var options = SectionOptions()
    options.write(ActivationLayer.activation, name)
    return try builder.add(
      ActivationLayer.self, options, on: value, shape: builder.shape(of: value.layer)
    ).ordered(value.order)
  }

  /// Adds a layer that passes on what it takes.
  func copy(_ value: RaisedValue) throws(ModelFileError) -> RaisedValue {
    try activation(.linear, on: value)
  }
}

extension ActivationName {
  /// darknet's function of a formula; `nil` if this fork has none with its constants.
  ///
  /// Slopes are compared as float32: files hold them rounded.
  init?(_ function: ActivationFunction, in dialect: Dialect) {
    let wanted = Self.plain(function)
    let found = Self.allCases.first { name in
      guard name.dialects.contains(dialect) else { return false }
      if case .leakyRelu(let own) = name.function, case .leakyRelu(let slope) = wanted {
        return Float(own) == Float(slope)
      }
      return name.function == wanted
    }
    guard let found else { return nil }
    // `revleaky` is the same in a forward pass.
    self = found == .revleaky ? .leaky : found
  }

  /// The same function in the simplest of its forms.
  private static func plain(_ function: ActivationFunction) -> ActivationFunction {
    switch function {
    case .thresholdedRelu(threshold: 0, slope: 0, let maximum): .relu(maximum: maximum)
    case .thresholdedRelu(threshold: 0, let slope, maximum: nil): .leakyRelu(slope: slope)
    case .celu(alpha: 1): .elu(alpha: 1)
    default: function
    }
  }

  /// Which of the other forks have a function that this one lacks.
  static func remedy(_ function: ActivationFunction, for dialect: Dialect) -> String? {
    let others = dialect.others.filter { ActivationName(function, in: $0) != nil }.map(\.rawValue)
    return others.isEmpty ? nil : "write it with --dialect \(others.joined(separator: " or "))"
  }

  /// Whether darknet computes it in convolutions alone, and zeros in other layers (`darknet-bugs.md`).
  var isOfConvolutionsOnly: Bool {
    switch self {
    case .swish, .mish, .hardMish, .normalizeChannels, .normalizeChannelsSoftmax,
      .normalizeChannelsSoftmaxMaxval:
      true
    default: false
    }
  }
}
