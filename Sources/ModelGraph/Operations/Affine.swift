/// `scale · x + offset`
public struct Affine: Operation {
  /// The factor.
  public let scale: Double
  /// What is added.
  public let offset: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: abs(scale)) }

  /// An affine function of each element.
  public init(scale: Double, offset: Double) {
    self.scale = scale
    self.offset = offset
  }
}

/// Elements set to 0 by chance in training; nothing at inference.
public struct Dropout: Operation {
  /// The chance of an element to be dropped.
  public let probability: Double
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .moved }

  /// A dropout.
  public init(probability: Double) { self.probability = probability }
}

extension Dropout {
  /// Nothing is dropped at inference.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    .identity
  }
}

extension Affine {
  /// Nothing for `1 · x + 0`.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: scale == 1 && offset == 0)
  }
}

extension Affine: LayoutFollowing {}

extension Dropout: LayoutFollowing {}
