import FileSupport

/// One number out of those that several values have at a place, as Keras's merging layers and numpy's
/// arithmetic make it.
///
/// Axes are aligned at the last one; missing outer axes and extents of 1 are repeated.
public struct Elementwise: Operation {
  /// The noun.
  public static let caption = "combination"

  /// What becomes of the numbers `x₀, x₁, …` at a place.
  public enum Rule: String, Sendable, CaseIterable {
    /// `x₀ + x₁ + …`
    case sum
    /// `x₀ · x₁ · …`
    case product
    /// `x₀ − x₁`
    case difference
    /// `x₀ / x₁`
    case quotient
    /// `(x₀ + x₁ + …) / n`
    case mean
    /// The largest; NaN if one of them is.
    case maximum
    /// The smallest; NaN if one of them is.
    case minimum
    /// `x₀` to the power of `x₁`
    case power
    /// `x₀ − ⌊x₀ / x₁⌋ · x₁`, exactly: of the sign of `x₁`.
    case remainder
    /// 1 where the relation of `x₀` to `x₁` holds, else 0; of NaN none holds but `≠`.
    case equal, unequal, less, lessOrEqual, greater, greaterOrEqual

    /// Whether it is of exactly two numbers.
    var isOfTwo: Bool {
      switch self {
      case .sum, .product, .mean, .maximum, .minimum: false
      case .difference, .quotient, .power, .remainder: true
      case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: true
      }
    }
  }

  /// The rule.
  public let rule: Rule
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation {
    switch rule {
    case .sum, .difference: .added
    case .product, .quotient, .power: .multiplied
    case .mean, .maximum, .minimum, .remainder: .function(slope: 1)
    case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual: .relative
    }
  }

  /// A combination.
  public init(_ rule: Rule) { self.rule = rule }

  /// The largest extent of each axis; all others must be 1.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard rule.isOfTwo ? inputs.count == 2 : !inputs.isEmpty else {
      throw ModelFileError(
        .damaged, "combines another number of values", expected: rule.isOfTwo ? "2" : "1 or more",
        found: "\(inputs.count)")
    }
    return try inputs.repeatedToEachOther()
  }
}

extension [Shape] {
  /// The shape that all have when extents of 1 and missing outer axes are repeated.
  func repeatedToEachOther() throws(ModelFileError) -> Shape {
    var extents: [Int] = []
    for shape in self {
      let missing = shape.rank - extents.count
      if missing > 0 { extents = [Int](repeating: 1, count: missing) + extents }
      for (axis, extent) in zip(extents.indices.reversed(), shape.extents.reversed())
      where extent != extents[axis] {
        guard extent == 1 || extents[axis] == 1 else {
          throw ModelFileError(
            .damaged, "combines values whose shapes don't fit",
            expected: "the same extents, or 1", found: "\(self)")
        }
        extents[axis] = extent == 1 ? extents[axis] : extent
      }
    }
    return Shape(extents)
  }
}

/// One of two values, element by element: the second input where the first is not 0, else the third. Extents of 1 are
/// repeated as in an ``Elementwise``.
public struct Selection: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .function(slope: 1) }

  /// The choice.
  public init() {}

  /// The larger of the extents, axis by axis.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard inputs.count == 3 else {
      throw ModelFileError(
        .damaged, "chooses among another number of values", expected: "3",
        found: "\(inputs.count)")
    }
    return try inputs.repeatedToEachOther()
  }
}

extension Elementwise {
  /// Nothing for a single value.
  public func simplestForm(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> SimplestForm {
    SimplestForm(self, unless: inputs.count == 1)
  }
}

extension Elementwise {
  /// Sums, products, means and extremes.
  public func isCommutative(on shapes: [Shape]) -> Bool {
    switch rule {
    case .sum, .product, .mean, .maximum, .minimum: true
    default: false
    }
  }
}

extension Elementwise {
  /// The same of values with as many axes; else the last ones belong together.
  public func inLayout(_ move: AxisMove, inputs: [Shape]) -> LayoutChange? {
    Set(inputs.map(\.rank)).count == 1 ? .unchanged : .elementOrder
  }
}
