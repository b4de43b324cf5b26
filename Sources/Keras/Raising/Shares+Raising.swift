import FileSupport
import ModelGraph

/// What divides by a sum that is kept from 0 by 10⁻⁴: of the channels of a pixel, or of the weights of a sum.
extension RaisingContext {
  /// `eˣ / (1e-4 + Σ eˣ)` over the channels of an image is a softmax with one more channel, which is ln 1e-4
  /// everywhere and whose result is dropped.
  ///
  /// - Parameters:
  ///   - subtractsMaximum: whether the largest channel is taken off *x* first.
  ///   - suffix: the name of the last layer, `nil` for the node's main one.
  func exponentialShares(
    of image: KerasTensor, subtractsMaximum: Bool, unlessLast suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let extents = image.shape.extents
    let channels = extents[2]
    var value = image
    if subtractsMaximum {
      let columns = try helper(
        "columns", KerasLayers.Reshape([extents[0] * extents[1], channels, 1]), on: image)
      let size = [1, channels]
      let largest = try helper(
        "max", KerasLayers.MaxPooling2D(poolSize: size, strides: size, padding: .valid),
        on: columns)
      let pixels = try helper(
        "largest", KerasLayers.Reshape([extents[0], extents[1], 1]), on: largest)
      value = try helper("shifted", KerasLayers.Subtract(), on: image, pixels)
    }
    let single = try Margins(channels: 0..<1, of: channels).cut(
      from: value, at: self, suffix: "first")
    let logarithm = -9.210340371976182  // ln 1e-4
    let extra = try helper(
      "extra", KerasLayers.Rescaling(scale: 0, offset: logarithm), on: single)
    let joined = try helper("joined", KerasLayers.Concatenate(), on: value, extra)
    let shares = try helper("shares", KerasLayers.Softmax(), on: joined)
    return try Margins(channels: 0..<channels, of: channels + 1).cut(
      from: shares, at: self, suffix: suffix)
  }

  /// `max(x, 0) / (1e-4 + Σ max(x, 0))` over the channels of an image.
  ///
  /// No stock layer divides. The one that brings vectors to length 1 makes of a sum *q* and a small number *d* the
  /// number `d / √(d² + q²)`, which with *q* ≥ 1e-4 and *d* = 2⁻³⁰ differs from `d / q` by less than 2⁻³⁴ of itself:
  /// a thousandth of the last bit of a float.
  ///
  /// - Parameter suffix: the name of the last layer, `nil` for the node's main one.
  func rectifiedShares(
    of image: KerasTensor, unlessLast suffix: String?
  ) throws(ModelFileError) -> KerasTensor {
    let extents = image.shape.extents
    let (pixels, channels) = (extents[0] * extents[1], extents[2])
    let positive = try helper("positive", KerasLayers.ReLU(), on: image)
    let columns = try helper("columns", KerasLayers.Reshape([pixels, channels, 1]), on: positive)
    let size = [1, channels]
    let mean = try helper(
      "mean", KerasLayers.AveragePooling2D(poolSize: size, strides: size, padding: .valid),
      on: columns)
    let sum = try helper(
      "sum", KerasLayers.Rescaling(scale: Double(channels), offset: 1e-4), on: mean)
    let small = 0x1p-30
    let beside = try helper("small", KerasLayers.Rescaling(scale: 0, offset: small), on: sum)
    let pair = try helper("pair", KerasLayers.Concatenate(), on: beside, sum)
    let unit = try helper("unit", KerasLayers.UnitNormalization(), on: pair)
    let quotient = try Margins(channels: 0..<1, of: 2).cut(from: unit, at: self, suffix: "quotient")
    let reciprocal = try helper("reciprocal", KerasLayers.Rescaling(scale: 1 / small), on: quotient)
    let perPixel = try helper(
      "pixels", KerasLayers.Reshape([extents[0], extents[1], 1]), on: reciprocal)
    return try layer(KerasLayers.Multiply(), on: [positive, perPixel], unlessLast: suffix)
  }
}
