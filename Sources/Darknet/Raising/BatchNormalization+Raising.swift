import FileSupport
import ModelGraph

/// `[batchnorm]`, or a convolution that does nothing but normalize where the section is missing or, as
/// pjreddie's, has no biases.
extension BatchNormalization: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (value, shape) = try context.channels()
    guard context.dialect.storesBatchNormBiases, BatchNorm.dialects.contains(context.dialect) else {
      let ending = context.ending(isConvolution: true, normalizes: false)
      return try context.pointwise(on: value, activation: ending.activation, normalization: self)
    }
    return try context.builder.add(
      BatchNorm.self, SectionOptions(), on: value, shape: shape,
      arrays: try arrays(in: context.dialect, behind: nil))
  }

  /// darknet's arrays of this normalization.
  ///
  /// The divisor *d* of each channel is kept: with AlexeyAB's `√(v′ + e)` the variance becomes
  /// `v′ = d² − e`, with pjreddie's `√v′ + e` it becomes `v′ = (d − e)²`. Where no variance gives so small
  /// a divisor, it is 0 and `γ′ = γ · divisor(0) / d`. Biases in front of it go into the mean:
  /// `mean′ = mean − bias`. All is computed in double precision and rounded once.
  ///
  /// - Parameters:
  ///   - dialect: by whose divisor they are read.
  ///   - biases: the offsets of the layer whose result is normalized.
  func arrays(
    in dialect: Dialect, behind biases: Parameter?
  ) throws(ModelFileError) -> [ParameterRole: OrderedTensor] {
    let channels = variance.shape.elementCount
    guard channels <= LayerShape.maximumCount else {
      throw ModelFileError(
        .unsupported, at: [.array(variance.name)], "has more channels than darknet could count")
    }
    let target = dialect.batchNormalizationDivisor
    var arrays: [ParameterRole: OrderedTensor] = [
      .rollingMean: try OrderedTensor(mean), .rollingVariance: try OrderedTensor(variance),
      .biases: try self.biases.map { (b) throws(ModelFileError) in try OrderedTensor(b) }
        ?? OrderedTensor(repeating: 0, count: channels),
      .scales: try scales.map { (s) throws(ModelFileError) in try OrderedTensor(s) }
        ?? OrderedTensor(repeating: 1, count: channels),
    ]
    if let biases {
      let offsets = try OrderedTensor(biases).values()
      let means = try OrderedTensor(mean).values()
      guard offsets.count == means.count else {
        throw ModelFileError(
          .damaged, at: [.array(biases.name)], "doesn't fit the channels",
          expected: "[\(means.count)]", found: "\(biases.shape)")
      }
      arrays[.rollingMean] = OrderedTensor(
        zip(means, offsets).map { Float(Double($0) - Double($1)) })
    }
    guard divisor != target else { return arrays }
    var variances = try OrderedTensor(variance).values()
    var factors: [Int: Double] = [:]
    for index in variances.indices {
      let adjusted = target.variance(dividingAs: divisor, of: Double(variances[index]))
      variances[index] = Float(adjusted.variance)
      if adjusted.factor != 1 { factors[index] = adjusted.factor }
    }
    arrays[.rollingVariance] = OrderedTensor(variances)
    guard !factors.isEmpty, var gammas = try arrays[.scales]?.values() else { return arrays }
    for (index, factor) in factors { gammas[index] = Float(Double(gammas[index]) * factor) }
    arrays[.scales] = OrderedTensor(gammas)
    return arrays
  }
}

extension BatchNormalization.Divisor {
  /// The variance with which this divides by what `other` makes of `variance`, and the factor of γ that is
  /// needed beside it: 1, but where no variance gives so small a divisor.
  ///
  /// A variance that has no root there is as ill here: it stays what the formula makes of it.
  public func variance(
    dividingAs other: Self, of variance: Double
  ) -> (variance: Double, factor: Double) {
    let square: Double
    switch other {
    case .rootOfSum(let epsilon): square = variance + epsilon
    case .sumWithRoot(let epsilon):
      let root = variance.squareRoot() + epsilon
      square = root * root
    }
    switch self {
    case .rootOfSum(let epsilon):
      var adjusted = square - epsilon
      // One sum, lest a small variance lose its last digits in the other.
      if case .rootOfSum(let own) = other { adjusted = variance + (own - epsilon) }
      return adjusted >= 0 || !(square > 0)
        ? (adjusted, 1) : (0, (epsilon / square).squareRoot())
    case .sumWithRoot(let epsilon):
      guard square > 0 else { return (variance, 1) }
      let root = square.squareRoot() - epsilon
      return root >= 0 ? (root * root, 1) : (0, epsilon / square.squareRoot())
    }
  }
}
