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

/// Cropping2D of the channels.
extension ChannelSlice: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    let total = input.shape.extents.last ?? 1
    if channels == 0..<total { return input }
    let margins = ChannelMargins(before: channels.lowerBound, after: total - channels.upperBound)
    return try margins.cut(from: input, at: context, suffix: nil)
  }
}

/// Add, the inputs being cut or padded to the channels of the first.
extension Addition: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let first = try context.input()
    if context.inputs.count == 1 { return first }
    let channels = first.shape.extents.last ?? 1
    var terms = [first]
    for term in context.inputs.dropFirst() {
      let own = term.shape.extents.last ?? 1
      if own > channels {
        let margins = ChannelMargins(before: 0, after: own - channels)
        terms.append(try margins.cut(from: term, at: context, suffix: "cut"))
      } else if own < channels {
        let margins = ChannelMargins(before: 0, after: channels - own)
        terms.append(try margins.pad(term, at: context))
      } else {
        terms.append(term)
      }
    }
    return try context.main(KerasLayers.Add(), on: terms)
  }
}

/// Multiply, which repeats extents of 1 as well.
extension Multiplication: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    try context.main(KerasLayers.Multiply(), on: context.inputs)
  }
}

/// Channels to cut off or to put on at both ends.
///
/// Stock layers cut and pad rows and columns only. Told that the channels come first, they take an
/// image `[H, W, C]` for one of *H* channels, so that what they take for columns are its channels.
struct ChannelMargins {
  let before: Int
  let after: Int

  private var margins: [Padding] {
    [Padding(before: 0, after: 0), Padding(before: before, after: after)]
  }

  /// The channels between the margins; without a suffix the last layer is the node's main one.
  func cut(
    from value: KerasTensor, at context: RaisingContext, suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let layer = KerasLayers.Cropping2D(margins, layout: .channelsFirst)
    guard value.shape.rank == 1 else {
      return try context.layer(layer, on: value, unlessLast: suffix)
    }
    let cut = try context.helper("part", layer, on: try Self.asPixel(value, at: context))
    return try context.layer(
      KerasLayers.Reshape([cut.shape.elementCount]), on: cut, unlessLast: suffix)
  }

  /// The value with zeros at its margins.
  func pad(_ value: KerasTensor, at context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let layer = KerasLayers.ZeroPadding2D(margins, layout: .channelsFirst)
    guard value.shape.rank == 1 else { return try context.helper("pad", layer, on: value) }
    let padded = try context.helper("pad", layer, on: try Self.asPixel(value, at: context))
    return try context.helper("flat", KerasLayers.Reshape([padded.shape.elementCount]), on: padded)
  }

  /// A flat value as an image of one pixel.
  private static func asPixel(
    _ value: KerasTensor, at context: RaisingContext
  ) throws(ModelFileError) -> KerasTensor {
    try context.helper("pixel", KerasLayers.Reshape([1, 1, value.shape.elementCount]), on: value)
  }
}
