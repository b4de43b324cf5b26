import FileSupport
import Inference
import ModelGraph

/// Values made up for a segment of a model, like those that the model itself puts there, but signed and of all sizes up
/// to theirs, with zeros: so that what is dead or saturated in the model's own values is exercised too.
struct SyntheticValues {
  /// What the model's own values are like.
  struct Profile {
    /// The largest, without its sign.
    let largest: Float
    /// Whether all are whole numbers from 0 on, and some are not 0: numbers of rows or classes, truths of a mask.
    let isWhole: Bool
    /// Whether the largest number of either sign is at least 1/64 of that of the other, which is what a leaky rectifier
    /// leaves: so what follows has been given numbers of both signs already, thousands of roundings large.
    let hasBothSigns: Bool

    /// The profile of some values.
    init(_ values: [Float]) {
      let (lowest, highest) = Magnitudes.extremes(of: values)
      let largest = max(-lowest, highest)
      self.largest = largest
      isWhole = lowest == 0 && highest > 0 && values.allSatisfy { $0 == $0.rounded(.down) }
      hasBothSigns = min(-lowest, highest) * 64 >= largest && largest > 0
    }
  }

  /// How much larger than the model's own values those are that are tried one after another: what is dead may need
  /// larger ones, what is saturated smaller ones.
  static let gains: [Float] = [1, 16, 0x1p-4]

  private var random: SplitMix64

  init(seed: UInt64, for node: Int) {
    random = SplitMix64(mixing: seed, UInt64(node))
  }

  /// Values.
  ///
  /// - Parameters:
  ///   - shape: the extents with the batch in front.
  ///   - profile: what they are like.
  ///   - range: what they keep to.
  ///   - rows: from 0 to below which whole number they have to be, if they name rows of a table.
  ///   - gain: how much larger they are.
  mutating func tensor(
    _ shape: Shape, like profile: Profile, within range: ValueRange, rows: Int?, gain: Float
  ) -> Tensor {
    let count = shape.elementCount
    if let rows = rows ?? (profile.isWhole ? Int(min(profile.largest, 0x1p24)) + 1 : nil) {
      return Tensor(
        shape: shape,
        values: (0..<count).map { _ in (random.unit24() * Float(rows)).rounded(.down) })
    }
    // Small signals say little beside an error of 1 ε.
    let size = max(profile.largest, 1) * gain
    let (lowest, highest) = (Float(range.lowest), Float(range.highest))
    return Tensor(
      shape: shape,
      values: (0..<count).map { _ in
        let bits = random.next()
        if bits & 7 == 0 { return max(min(0, highest), lowest) }
        let part = Float(Int32(truncatingIfNeeded: bits >> 32)) * 0x1p-31
        let value = range.isNeverNegative ? part * part * size : part * abs(part) * size
        return max(min(value, highest), lowest)
      })
  }
}

extension SplitMix64 {
  /// A number from 0 up to, not including, 1, that a float holds exactly.
  mutating func unit24() -> Float { Float(next() >> 40) * 0x1p-24 }
}
