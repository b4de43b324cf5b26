import FileSupport
import ModelGraph

/// Concatenate; of a single value nothing remains.
extension Concatenation: KerasRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> KerasTensor {
    if site.inputs.count == 1 { return try site.input() }
    // Channels stand first in a graph that is raised, and last in Keras.
    guard axis ?? 0 == 0 else { throw site.unsupported("values joined along axis \(axis ?? 0)") }
    return try site.main(KerasLayers.Concatenate(), on: site.inputs)
  }
}

/// Cropping2D of the channels.
extension ChannelSlice: KerasRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> KerasTensor {
    let input = try site.input()
    let total = input.shape.extents.last ?? 1
    if channels == 0..<total { return input }
    let margins = ChannelMargins(before: channels.lowerBound, after: total - channels.upperBound)
    return try margins.cut(from: input, at: site, suffix: nil)
  }
}

/// Add, the inputs being cut or padded to the channels of the first.
extension Addition: KerasRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> KerasTensor {
    let first = try site.input()
    if site.inputs.count == 1 { return first }
    let channels = first.shape.extents.last ?? 1
    var terms = [first]
    for term in site.inputs.dropFirst() {
      let own = term.shape.extents.last ?? 1
      if own > channels {
        let margins = ChannelMargins(before: 0, after: own - channels)
        terms.append(try margins.cut(from: term, at: site, suffix: "cut"))
      } else if own < channels {
        let margins = ChannelMargins(before: 0, after: channels - own)
        terms.append(try margins.pad(term, at: site))
      } else {
        terms.append(term)
      }
    }
    return try site.main(KerasLayers.Add(), on: terms)
  }
}

/// Multiply, which repeats extents of 1 as well.
extension Multiplication: KerasRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> KerasTensor {
    try site.main(KerasLayers.Multiply(), on: site.inputs)
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
    from value: KerasTensor, at site: RaisingSite, suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let layer = KerasLayers.Cropping2D(margins, layout: .channelsFirst)
    guard value.shape.rank == 1 else { return try site.layer(layer, on: value, unlessLast: suffix) }
    let cut = try site.helper("part", layer, on: try Self.asPixel(value, at: site))
    return try site.layer(
      KerasLayers.Reshape([cut.shape.elementCount]), on: cut, unlessLast: suffix)
  }

  /// The value with zeros at its margins.
  func pad(_ value: KerasTensor, at site: RaisingSite) throws(ModelFileError) -> KerasTensor {
    let layer = KerasLayers.ZeroPadding2D(margins, layout: .channelsFirst)
    guard value.shape.rank == 1 else { return try site.helper("pad", layer, on: value) }
    let padded = try site.helper("pad", layer, on: try Self.asPixel(value, at: site))
    return try site.helper("flat", KerasLayers.Reshape([padded.shape.elementCount]), on: padded)
  }

  /// A flat value as an image of one pixel.
  private static func asPixel(
    _ value: KerasTensor, at site: RaisingSite
  ) throws(ModelFileError) -> KerasTensor {
    try site.helper("pixel", KerasLayers.Reshape([1, 1, value.shape.elementCount]), on: value)
  }
}
