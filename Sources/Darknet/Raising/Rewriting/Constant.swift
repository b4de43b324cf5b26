import FileSupport
import ModelGraph

/// The numbers of a value that no input changes.
struct Constant {
  /// More numbers than an image has channels are none that a layer could hold for them.
  static let maximumCount = 1 << 20

  /// The numbers, in the order of the shape.
  let values: [Float]
  /// The shape.
  let shape: Shape

  /// The value of an operation of constants; `nil` if it is none, or of another kind.
  ///
  /// - Throws: `ModelFileError` of the file that holds the numbers.
  init?(of operation: any Operation, inputs: [Constant?]) throws(ModelFileError) {
    if let learned = operation as? LearnedConstant {
      guard learned.values.source != nil, learned.values.shape.elementCount <= Self.maximumCount
      else { return nil }
      values = try OrderedTensor(learned.values).values()
      shape = learned.values.shape
      return
    }
    let known = inputs.compactMap(\.self)
    guard let first = known.first, known.count == inputs.count else { return nil }
    switch operation {
    case let function as ElementFunction where function.function == .sqrt:
      values = first.values.map { $0.squareRoot() }
      shape = first.shape
    case let affine as Affine:
      let (scale, offset) = (Float(affine.scale), Float(affine.offset))
      values = first.values.map { scale * $0 + offset }
      shape = first.shape
    case let elementwise as Elementwise where known.count == 2:
      guard let combined = Self.combine(elementwise.rule, first, known[1]) else { return nil }
      self = combined
    default: return nil
    }
  }

  private init(_ values: [Float], _ shape: Shape) {
    self.values = values
    self.shape = shape
  }

  /// Numbers of one shape, or all of one with the only number of the other.
  private static func combine(_ rule: Elementwise.Rule, _ a: Constant, _ b: Constant) -> Constant? {
    let longer = a.values.count >= b.values.count ? a : b
    guard a.values.count == b.values.count || min(a.values.count, b.values.count) == 1 else {
      return nil
    }
    let pairs = longer.values.indices.map {
      (a.values[$0 % a.values.count], b.values[$0 % b.values.count])
    }
    switch rule {
    case .sum: return Constant(pairs.map { $0 + $1 }, longer.shape)
    case .difference: return Constant(pairs.map { $0 - $1 }, longer.shape)
    case .product: return Constant(pairs.map { $0 * $1 }, longer.shape)
    case .quotient: return Constant(pairs.map { $0 / $1 }, longer.shape)
    case .maximum: return Constant(pairs.map { $0 < $1 ? $1 : $0 }, longer.shape)
    case .minimum: return Constant(pairs.map { $0 > $1 ? $1 : $0 }, longer.shape)
    default: return nil
    }
  }

  /// A number for each channel of a value, or the same one for all; `nil` if the numbers differ from pixel to pixel.
  func perChannel(of other: Shape) -> [Float]? {
    if values.count == 1, shape.rank <= other.rank { return values }
    guard let channels = shape.extents.last, channels == other.extents.last,
      shape.rank <= other.rank, shape.elementCount == channels
    else { return nil }
    return values
  }
}

/// Sums, differences, products and quotients of a value and numbers of the model's: a convolution of each channel.
///
/// A quotient becomes a product by the reciprocal, which is rounded. All else is rounded as Keras rounds it.
enum ConstantOperands: RewritingRule {
  static let name = "arithmetic with constants"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let elementwise = operation as? Elementwise, inputs.count == 2 else { return nil }
    let constants = inputs.map(rewriting.constant)
    let isFirst = constants[0] != nil
    guard let constant = constants[isFirst ? 0 : 1], constants[isFirst ? 1 : 0] == nil else {
      return nil
    }
    let value = inputs[isFirst ? 1 : 0]
    let shape = rewriting.shape(of: value)
    guard let numbers = constant.perChannel(of: shape) else { return nil }
    let factors: [Double]
    let offsets: [Double]
    let (ones, none) = (numbers.map { _ in 1.0 }, numbers.map { _ in 0.0 })
    switch (elementwise.rule, isFirst) {
    case (.sum, _): (factors, offsets) = (ones, numbers.map(Double.init))
    case (.difference, false): (factors, offsets) = (ones, numbers.map { -Double($0) })
    case (.difference, true): (factors, offsets) = (ones.map { -$0 }, numbers.map(Double.init))
    case (.product, _): (factors, offsets) = (numbers.map(Double.init), none)
    case (.quotient, false): (factors, offsets) = (numbers.map { 1 / Double($0) }, none)
    default: return nil
    }
    if numbers.count == 1 {
      return try rewriting.apply(Affine(scale: factors[0], offset: offsets[0]), to: [value])
    }
    let axes = shape.rank == 3 ? 2 : 0
    guard shape.rank == 3 || shape.rank == 1 else { return nil }
    let size = [Int](repeating: 1, count: axes)
    let convolution = Convolution(
      window: Window(size: size, strides: size, padding: size.map { _ in .none }),
      groups: numbers.count,
      weights: rewriting.parameter(
        "weights", .weights, Shape([numbers.count, 1] + size),
        MemorySource(factors.map { Float($0) })),
      biases: rewriting.parameter(
        "biases", .biases, [numbers.count], MemorySource(offsets.map { Float($0) })))
    return try rewriting.apply(convolution, to: [value])
  }
}
