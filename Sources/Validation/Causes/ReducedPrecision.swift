import ModelGraph

/// Numbers that have gone through a type of fewer bits, or through text of few digits.
enum ReducedPrecision: CauseTrial {
  static func cause(_ evidence: LayerEvidence) -> LikelyCause? {
    // What one number is rounded to may be chance.
    guard evidence.departing.reduce(0, { $0 + $1.differing }) > 1 else { return nil }
    let rules: [(String, (Float) -> Float)] = [
      ("float16", { $0.roundedToHalf }), ("bfloat16", { $0.roundedToBrainFloat }),
      ("bfloat16, cut off", { Float(bitPattern: $0.bitPattern & 0xFFFF_0000) }),
      ("float16, cut off", { cut($0) }),
      ("float16, without the smallest", { abs($0) < 0x1p-14 ? 0 * $0 : $0.roundedToHalf }),
    ]
    for (name, rule) in rules {
      let found = evidence.each(.halfPrecision) { tensor in
        tensor.allSatisfy { rule($0) == $1 } ? Explanation(detail: nil) : nil
      }
      guard let found else { continue }
      return LikelyCause(found.kind, layer: found.layer, tensor: found.tensor, detail: name)
    }
    return evidence.each(.reducedPrecision) { fewerBits($0) ?? fewerDigits($0) }
  }

  /// Rounded to a half towards 0.
  private static func cut(_ number: Float) -> Float {
    let step = Float(sign: .plus, exponent: max(Int(number.exponent), -14) - 10, significand: 1)
    guard number.isFinite, number != 0 else { return number }
    return (number / step).rounded(.towardZero) * step
  }

  /// Fewer bits of what is not the power of two.
  private static func fewerBits(_ tensor: DepartingTensor) -> Explanation? {
    let zeros = tensor.candidate.reduce(23) {
      $1 == 0 || !$1.isFinite ? $0 : min($0, $1.bitPattern.trailingZeroBitCount)
    }
    guard tensor.differing > 7, zeros > 3, zeros < 22 else { return nil }
    let mask: UInt32 = ~0 << UInt32(zeros)
    let isRounded = tensor.allSatisfy { number, other in
      let half = UInt32(1) << UInt32(zeros - 1) - 1
      let isOdd = number.bitPattern >> UInt32(zeros) & 1
      return (number.bitPattern &+ half &+ isOdd) & mask == other.bitPattern
    }
    let isCut = tensor.allSatisfy { $0.bitPattern & mask == $1.bitPattern }
    guard isRounded || isCut else { return nil }
    return Explanation(detail: "\(23 - zeros) bits of 23\(isRounded ? "" : ", cut off")")
  }

  /// Rounded to so many places behind the point.
  private static func fewerDigits(_ tensor: DepartingTensor) -> Explanation? {
    guard tensor.differing > 7 else { return nil }
    var power = 10.0
    for digits in 1...7 {
      let isRounded = tensor.allSatisfy { number, other in
        let rounded = (Double(number) * power).rounded(.toNearestOrEven) / power
        return abs(Float(rounded) - other) <= 2 * other.ulp
      }
      if isRounded { return Explanation(detail: "\(digits.counted("place")) behind the point") }
      power *= 10
    }
    return nil
  }
}
