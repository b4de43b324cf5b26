import FileSupport
import ModelGraph

/// Concatenate; of a single value nothing remains.
extension Concatenation: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    if context.inputs.count == 1 { return try context.input() }
    // Channels stand first in a graph that is raised, and last in Keras.
    guard axis ?? 0 == 0 else { throw context.unsupported("values joined along axis \(axis ?? 0)") }
    return try context.main(KerasLayers.Concatenate(), on: context.inputs)
  }
}

/// Keras's merging layers, which repeat extents of 1 as well.
extension Elementwise: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    guard context.inputs.count > 1 else { return try context.input() }
    guard Set(context.shapes.map(\.rank)).count == 1 else {
      throw context.unsupported("values of different ranks combined")
    }
    let layer: any KerasLayerClass =
      switch rule {
      case .sum: KerasLayers.Add()
      case .product: KerasLayers.Multiply()
      case .difference: KerasLayers.Subtract()
      case .mean: KerasLayers.Average()
      case .maximum: KerasLayers.Maximum()
      case .minimum: KerasLayers.Minimum()
      default: throw context.unsupported("values combined by the rule '\(rule.rawValue)'")
      }
    return try context.main(layer, on: context.inputs)
  }
}

/// Cropping2D, of rows and columns or of channels; of both it takes two.
extension Slice: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    guard let margins = margins(of: context.shapes[0]), [1, 3].contains(margins.count) else {
      throw context.unsupported("elements taken in steps")
    }
    return try Margins(margins).cut(from: try context.input(), at: context, suffix: nil)
  }
}

/// ZeroPadding2D, of rows and columns or of channels; of both it takes two.
extension Pad: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    guard value == 0, [1, 3].contains(margins.count) else {
      throw context.unsupported("a border of \(value) around \(context.shapes[0])")
    }
    return try Margins(margins).pad(try context.input(), at: context, suffix: nil)
  }
}

/// Cells to cut off or zeros to put on at both ends of the channels, and of an image's rows and columns.
///
/// Stock layers cut and pad rows and columns only. Told that the channels come first, they take an
/// image `[H, W, C]` for one of *H* channels, so that what they take for columns are its channels.
struct Margins {
  private let channels: Padding
  private let plane: [Padding]

  /// Margins in the graph's order: of the channels, then of rows and columns if these have any.
  init(_ margins: [Padding]) {
    channels = margins[0]
    plane = Array(margins.dropFirst())
  }

  /// What is not among some of an image's channels.
  init(channels kept: Range<Int>, of count: Int) {
    self.init([Padding(before: kept.lowerBound, after: count - kept.upperBound)])
  }

  /// What is between the margins; without a suffix the last layer is the node's main one.
  func cut(
    from value: KerasTensor, at context: RaisingContext, suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    try apply(to: value, at: context, suffix) { KerasLayers.Cropping2D($0, layout: $1) }
  }

  /// The value with zeros at its margins; without a suffix the last layer is the node's main one.
  func pad(
    _ value: KerasTensor, at context: RaisingContext, suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    try apply(to: value, at: context, suffix) { KerasLayers.ZeroPadding2D($0, layout: $1) }
  }

  private func apply(
    to value: KerasTensor, at context: RaisingContext, _ suffix: String?,
    _ layer: ([Padding], ImageLayout) -> any KerasLayerClass
  ) throws(ModelFileError) -> KerasTensor {
    let reachesChannels = channels.total > 0
    var value = value
    // A layer that changes nothing stands only where there is no other main one.
    let isMain = suffix == nil && !reachesChannels
    if !plane.isEmpty, isMain || plane.contains(where: { $0.total > 0 }) {
      value = try context.layer(
        layer(plane, .channelsLast), on: value, unlessLast: reachesChannels ? "plane" : suffix)
    }
    guard reachesChannels else { return value }
    let columns = layer([.none, channels], .channelsFirst)
    guard value.shape.rank == 1 else {
      return try context.layer(columns, on: value, unlessLast: suffix)
    }
    let pixel = try context.helper(
      "pixel", KerasLayers.Reshape([1, 1, value.shape.elementCount]), on: value)
    let part = try context.helper("part", columns, on: pixel)
    return try context.layer(
      KerasLayers.Reshape([part.shape.elementCount]), on: part, unlessLast: suffix)
  }
}
