import Darknet
import FileSupport
import Keras
import ModelGraph

/// Variances that make up for another epsilon than darknet's: a file that was made elsewhere, as by the converters of
/// keras-yolo3 and YAD2K, normalizes with Keras's default of 10⁻³. What each channel is divided by is kept, computed in
/// double precision and rounded once.
struct EpsilonCompensation {
  /// The epsilon of the file by the names of the network's Keras layers, where it is another.
  let epsilons: [String: Double]
  /// By what darknet divides.
  let divisor: BatchNormalization.Divisor

  /// The variances that darknet needs in the place of a file's.
  ///
  /// - Parameters:
  ///   - variances: those of the file, a float32 for each channel.
  ///   - layer: the layer of the network's Keras model.
  ///   - name: the array, for messages.
  /// - Returns: `nil` if the epsilon is the network's own.
  /// - Throws: `ModelFileError` of kind `unsupported` where no variance gives so small a divisor.
  func source(
    _ variances: any TensorSource, of layer: String, named name: String
  ) throws(ModelFileError) -> (any TensorSource)? {
    guard let epsilon = epsilons[layer] else { return nil }
    let count = variances.byteCount / MemoryLayout<Float>.size
    var values: [Float] = []
    values.reserveCapacity(count)
    try TensorStream().forEachBand(
      of: variances, elementType: .float32, view: StridedView(contiguous: [count])
    ) { band in
      values += band.bindMemory(to: Float.self)
    }
    for (channel, value) in values.enumerated() {
      let wanted = divisor.variance(
        dividingAs: .rootOfSum(epsilon: epsilon), of: Double(value))
      guard wanted.factor == 1 else {
        throw ModelFileError(
          .unsupported, at: [.array(name)],
          "the epsilon of channel \(channel) is so small that no variance makes darknet divide by as little",
          found: "a variance of \(value) and an epsilon of \(epsilon)",
          remedy: "leave --cfg out: the network that is made then has other scales, too")
      }
      values[channel] = Float(wanted.variance)
    }
    return MemorySource(values)
  }
}
