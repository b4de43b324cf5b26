/// Sebastiano Vigna's SplitMix64: numbers that look like chance, follow from a seed alone and are the same on every
/// machine (<https://prng.di.unimi.it/splitmix64.c>).
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  private static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

  /// The sequence of a seed.
  public init(seed: UInt64) { state = seed }

  /// A sequence of its own for each combination of numbers.
  public init(mixing numbers: UInt64...) {
    state = 0
    for number in numbers { state = Self.mixed(state &+ Self.increment &+ number) }
  }

  /// The next number.
  public mutating func next() -> UInt64 {
    state &+= Self.increment
    return Self.mixed(state)
  }

  /// A number from 0 up to, not including, 1, with 53 random bits.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  private static func mixed(_ number: UInt64) -> UInt64 {
    var z = number
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
