import FileSupport
import ModelGraph

/// Products of values where darknet has no layer for them (pjreddie's): `x · |g|`, which its `[normalization]`
/// computes, and what can be put together of it.
///
/// A factor that is never negative is its own magnitude; of any other the positive and the negative part are taken
/// for themselves, one of which is 0.
enum Products: RewritingRule {
  static let name = "products"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard !SpatialAttention.dialects.contains(rewriting.dialect),
      ResponseNormalization.dialects.contains(rewriting.dialect)
    else { return nil }
    switch operation {
    case let activation as Activation:
      guard activation.function == .swish,
        ActivationName(.swish, in: rewriting.dialect) == nil, let input = inputs.first
      else { return nil }
      let factor = try rewriting.apply(Activation(.logistic), to: [input])
      return try rewriting.apply(Elementwise(.product), to: [input, factor])
    case let elementwise as Elementwise where elementwise.rule == .product && inputs.count == 2:
      return try product(inputs, rewriting)
    default: return nil
    }
  }

  private static func product(
    _ inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    let shapes = inputs.map(rewriting.shape)
    let shape = shapes[0].elementCount >= shapes[1].elementCount ? shapes[0] : shapes[1]
    var values: [Place] = []
    for (input, own) in zip(inputs, shapes) {
      guard let whole = try repeated(input, own, to: shape, rewriting) else { return nil }
      values.append(whole)
    }
    if rewriting.range(of: values[1]).isNeverNegative {
      return try rewriting.add(MagnitudeProduct(), to: values)
    }
    if rewriting.range(of: values[0]).isNeverNegative {
      return try rewriting.add(MagnitudeProduct(), to: [values[1], values[0]])
    }
    let relu = Activation(.relu(maximum: nil))
    let turned = try rewriting.apply(Affine(scale: -1, offset: 0), to: [values[1]])
    let parts = [
      try rewriting.apply(relu, to: [values[1]]), try rewriting.apply(relu, to: [turned]),
    ]
    let (above, below) = (
      try rewriting.add(MagnitudeProduct(), to: [values[0], parts[0]]),
      try rewriting.add(MagnitudeProduct(), to: [values[0], parts[1]])
    )
    return try rewriting.apply(Elementwise(.difference), to: [above, below])
  }

  /// A factor of each channel or of each pixel, in the shape of the image.
  private static func repeated(
    _ place: Place, _ own: Shape, to shape: Shape, _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard own != shape else { return place }
    guard own.rank == 3, shape.rank == 3 else { return nil }
    let (height, width, channels) = (shape.extents[0], shape.extents[1], shape.extents[2])
    if own.extents == [1, 1, channels] {
      let side = max(height, width)
      let square = try rewriting.apply(Repeat(counts: [side, side, 1]), to: [place])
      let extra = [height, width].map { Padding(before: 0, after: side - $0) }
      return try rewriting.apply(
        Slice(cutting: extra, of: [side, side, channels]), to: [square])
    }
    if own.extents == [height, width, 1] {
      let range = rewriting.range(of: place)
      let made = try rewriting.apply(
        rewriting.perPixel(to: channels, factors: [[1]], offsets: [0]), to: [place])
      rewriting.narrow(made, to: range)
      return made
    }
    return nil
  }
}

/// `x · |g|` of two values of one shape.
struct MagnitudeProduct: Operation {
  var errorPropagation: ErrorPropagation { .multiplied }

  /// The shape of both.
  func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    guard inputs.count == 2, inputs[0] == inputs[1] else {
      throw ModelFileError(.internalFault, "a product of other shapes", found: "\(inputs)")
    }
    return inputs[0]
  }
}
