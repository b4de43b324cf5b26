import ModelGraph

/// In which type of numbers Keras holds a value. The graph computes in float32 whatever it is, rounds to what has 16
/// bits, and holds whole numbers and truths as floats; a few rules differ by it.
///
/// Source: `keras/src/backend/common/dtypes.py`, `tensorflow/python/ops/math_ops.py`.
extension ElementType {
  /// Whether it is one of 16 bits, to which every number computed is rounded.
  var isHalf: Bool { self == .float16 || self == .bfloat16 }

  /// Whether it is one of whole numbers that are never negative.
  var isUnsigned: Bool {
    switch self {
    case .uint8, .uint16, .uint32, .uint64: true
    default: false
    }
  }

  /// Whether whole numbers of it are so small that sums of ordinary ones don't fit.
  var overflowsSoon: Bool { !isFloating && byteCount < 4 }

  /// The type of what is made of values of these types, element by element.
  static func promotion(of types: some Sequence<ElementType>) -> ElementType {
    types.reduce(nil as ElementType?) { $0?.promoted(with: $1) ?? $1 } ?? .float32
  }

  private func promoted(with other: ElementType) -> ElementType {
    guard self != other else { return self }
    switch (isFloating, other.isFloating) {
    case (true, false): return self
    case (false, true): return other
    case (true, true): return max(byteCount, other.byteCount) == 2 ? .float32 : wider(other)
    case (false, false): return self == .bool ? other : other == .bool ? self : wider(other)
    }
  }

  private func wider(_ other: ElementType) -> ElementType {
    byteCount < other.byteCount ? other : self
  }
}

extension KerasLayerClass {
  /// The layer's values with their type. Layers cast fractions to the type that they compute in, and leave whole
  /// numbers as they are.
  ///
  /// - Parameter inputs: what it is called with.
  func typed(
    _ results: [KerasValue], of inputs: [KerasValue], computedIn type: ElementType
  ) -> [KerasValue] {
    // The values of a model are its layers', and those of a function are of a type by its own rule.
    if self is NestedModel || self is TensorFunction { return results }
    let given = ElementType.promotion(of: inputs.map(\.type))
    let own = given.isFloating || !keepsWholeNumbers ? type : given
    return results.map { $0.typed(own) }
  }

  /// Whether the layer's `dtype` may be one of whole numbers, which then is that of what it gives or takes.
  var mayBeWhole: Bool {
    self is KerasLayers.InputLayer || self is any UnroundedInputLayer || keepsWholeNumbers
  }

  /// Whether whole numbers stay whole in it.
  var keepsWholeNumbers: Bool {
    switch self {
    case is KerasLayers.Reshape, is KerasLayers.Flatten, is KerasLayers.Permute,
      is KerasLayers.RepeatVector, is KerasLayers.Concatenate, is KerasLayers.Unchanged,
      is KerasLayers.Dropout, is KerasLayers.Masking, is KerasLayers.ReLU,
      is KerasLayers.ZeroPadding, is KerasLayers.Cropping, is KerasLayers.UpSampling,
      is KerasLayers.Add, is KerasLayers.Multiply, is KerasLayers.Subtract,
      is KerasLayers.Maximum, is KerasLayers.Minimum,
      is KerasLayers.MaxPooling2D, is KerasLayers.GlobalMaxPooling2D,
      is KerasLayers.SpectralNormalization:
      true
    case let wrapper as KerasLayers.TimeDistributed: wrapper.inner.keepsWholeNumbers
    default: false
    }
  }
}
