/// The numbers of some neighbouring channels at one cell, which lie side by side.
///
/// Its conformances write each function over a type that the compiler has vector instructions for; in code that is
/// generic over `SIMD` it would call them lane by lane.
protocol LaneVector: Sendable {
  /// The number of channels.
  static var lanes: Int { get }
  /// The same number for each channel.
  init(repeating number: Float)
  /// The numbers that lie at a place.
  init(at place: UnsafePointer<Float>)
  /// Writes the numbers to a place.
  func store(at place: UnsafeMutablePointer<Float>)
  /// Adds each number to one of `sums`.
  func add(to sums: UnsafeMutablePointer<Double>)
  /// σ of each number.
  func applying(_ bend: Bend) -> Self
  /// σ′ of each number, itself being σ of something.
  func slopes(of bend: Bend) -> Self
  /// Takes each number of `other` that is larger than its own, and notes in `winners` whose it is.
  mutating func takeLarger(_ other: Self, of number: Float, winners: inout Self)
  /// The numbers for the channels that `winners` has `number` for, 0 for the others.
  func won(by number: Float, _ winners: Self) -> Self
  static func + (_ a: Self, _ b: Self) -> Self
  static func - (_ a: Self, _ b: Self) -> Self
  static func * (_ a: Self, _ b: Self) -> Self
}

/// An activation made of straight pieces: `min(x, limit)` where x is positive, `slope · x` where it is not.
struct Bend: Sendable, Equatable {
  /// What negative numbers are multiplied by.
  var slope: Float = 1
  /// What positive numbers are cut at.
  var limit = Float.infinity
}

extension SIMD16<Float>: LaneVector {
  static var lanes: Int { 16 }

  @inline(__always)
  init(at place: UnsafePointer<Float>) {
    self = UnsafeRawPointer(place).loadUnaligned(as: Self.self)
  }

  @inline(__always)
  func store(at place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: self, as: Self.self)
  }

  @inline(__always)
  func add(to sums: UnsafeMutablePointer<Double>) {
    for lane in 0..<16 { sums[lane] += Double(self[lane]) }
  }

  // Comparisons are such that NaN stays NaN.
  @inline(__always)
  func applying(_ bend: Bend) -> Self {
    let limit = Self(repeating: bend.limit)
    let bent = (self * bend.slope).replacing(with: self, where: self .> 0)
    return bent.replacing(with: limit, where: bent .> limit)
  }

  @inline(__always)
  func slopes(of bend: Bend) -> Self {
    Self(repeating: bend.slope).replacing(with: 1, where: self .> 0)
      .replacing(with: 0, where: self .>= bend.limit)
  }

  @inline(__always)
  mutating func takeLarger(_ other: Self, of number: Float, winners: inout Self) {
    let isLarger = other .> self
    replace(with: other, where: isLarger)
    winners.replace(with: number, where: isLarger)
  }

  @inline(__always)
  func won(by number: Float, _ winners: Self) -> Self {
    Self.zero.replacing(with: self, where: winners .== number)
  }
}

extension SIMD8<Float>: LaneVector {
  static var lanes: Int { 8 }

  @inline(__always)
  init(at place: UnsafePointer<Float>) {
    self = UnsafeRawPointer(place).loadUnaligned(as: Self.self)
  }

  @inline(__always)
  func store(at place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: self, as: Self.self)
  }

  @inline(__always)
  func add(to sums: UnsafeMutablePointer<Double>) {
    for lane in 0..<8 { sums[lane] += Double(self[lane]) }
  }

  @inline(__always)
  func applying(_ bend: Bend) -> Self {
    let limit = Self(repeating: bend.limit)
    let bent = (self * bend.slope).replacing(with: self, where: self .> 0)
    return bent.replacing(with: limit, where: bent .> limit)
  }

  @inline(__always)
  func slopes(of bend: Bend) -> Self {
    Self(repeating: bend.slope).replacing(with: 1, where: self .> 0)
      .replacing(with: 0, where: self .>= bend.limit)
  }

  @inline(__always)
  mutating func takeLarger(_ other: Self, of number: Float, winners: inout Self) {
    let isLarger = other .> self
    replace(with: other, where: isLarger)
    winners.replace(with: number, where: isLarger)
  }

  @inline(__always)
  func won(by number: Float, _ winners: Self) -> Self {
    Self.zero.replacing(with: self, where: winners .== number)
  }
}

extension Float: LaneVector {
  static var lanes: Int { 1 }

  @inline(__always)
  init(repeating number: Float) { self = number }

  @inline(__always)
  init(at place: UnsafePointer<Float>) { self = place.pointee }

  @inline(__always)
  func store(at place: UnsafeMutablePointer<Float>) { place.pointee = self }

  @inline(__always)
  func add(to sums: UnsafeMutablePointer<Double>) { sums.pointee += Double(self) }

  @inline(__always)
  func applying(_ bend: Bend) -> Float {
    let bent = self > 0 ? self : self * bend.slope
    return bent > bend.limit ? bend.limit : bent
  }

  @inline(__always)
  func slopes(of bend: Bend) -> Float { self >= bend.limit ? 0 : self > 0 ? 1 : bend.slope }

  @inline(__always)
  mutating func takeLarger(_ other: Float, of number: Float, winners: inout Float) {
    guard other > self else { return }
    self = other
    winners = number
  }

  @inline(__always)
  func won(by number: Float, _ winners: Float) -> Float { winners == number ? self : 0 }
}
