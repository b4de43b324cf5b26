/// In which order the four bytes of a number stand in a file of float32: where its exponent is found. Numbers that
/// begin one to three bytes off have it in another place, too, and can't be told from those in another order.
enum NumberOrder: CaseIterable {
  /// As every format here has them.
  case littleEndian
  case bigEndian
  /// The two halves of a number have changed places.
  case swappedHalves
  /// The two bytes of every 16 bits have changed places, as `dd conv=swab` does.
  case swappedPairs

  /// Where the bytes of a number stand, the lowest first.
  private var places: [Int] {
    switch self {
    case .littleEndian: [0, 1, 2, 3]
    case .bigEndian: [3, 2, 1, 0]
    case .swappedHalves: [2, 3, 0, 1]
    case .swappedPairs: [1, 0, 3, 2]
    }
  }

  /// The bits of the numbers in some bytes, read in this order.
  func bits(of piece: [UInt8]) -> [UInt32] {
    let places = places
    return stride(from: 0, through: piece.count - 4, by: 4).map { start in
      places.reversed().reduce(0) { $0 << 8 | UInt32(piece[start + $1]) }
    }
  }

  /// What was done to numbers that have this order; `nil` for the right one.
  var damage: (cause: String, remedy: String)? {
    switch self {
    case .littleEndian: nil
    case .bigEndian:
      (
        "the numbers are big endian (the four bytes of each stand in reverse), or begin a byte off",
        "fetch the file again, or write it little endian, as darknet does on every machine of today"
      )
    case .swappedHalves:
      (
        "the two halves of every number have changed places, or the numbers begin two bytes off",
        "fetch the file again, in binary mode"
      )
    case .swappedPairs:
      (
        "the two bytes of every 16 bits have changed places, as after `dd conv=swab`, or the numbers "
          + "begin a byte early",
        "fetch the file again, or swap them back: dd conv=swab if=FILE of=NEW"
      )
    }
  }
}

/// A piece of a file of numbers, and whether it holds any.
struct NumberPiece {
  private let bytes: [UInt8]

  /// Numbers other than 0 that a piece needs to tell anything.
  private static let tellingCount = 16
  /// Different ones: a constant may look like anything in another order.
  private static let tellingKinds = 12
  /// The same for what has no order at all.
  private static let tellingNoise = 48

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What a piece of weights is not; `nil` if it may be one.
  var damage: (cause: String, remedy: String)? {
    let stored = Spread(NumberOrder.littleEndian.bits(of: bytes))
    guard stored.count >= Self.tellingCount, stored.kinds >= Self.tellingKinds else { return nil }
    if stored.count >= Self.tellingNoise, bytes.allSatisfy(\.isText) {
      return ("text stands here in place of numbers", "fetch the file again")
    }
    guard stored.plausible < 0.6 else { return nil }
    for order in NumberOrder.allCases {
      guard let damage = order.damage else { continue }
      let spread = Spread(order.bits(of: bytes))
      if spread.plausible > 0.97, spread.kinds >= Self.tellingKinds { return damage }
    }
    guard stored.count >= Self.tellingNoise else { return nil }
    if stored.huge > 0.15, stored.tiny > 0.15 {
      return (
        "the bytes here are noise, no numbers of a network: encrypted, packed, or something else",
        "fetch the file again; if it is encrypted or packed, undo that first"
      )
    }
    guard stored.huge > 0.5 else { return nil }
    return (
      "most numbers here are beyond 1e15, which no forward pass survives: the bytes were changed, "
        + "or the training diverged", "fetch the file again, or take an earlier checkpoint"
    )
  }

  /// How numbers other than 0 spread over the magnitudes.
  private struct Spread {
    var count = 0
    var kinds: Int
    /// The share of magnitudes that weights have.
    var plausible = 0.0
    /// The share beyond all that a forward pass survives. NaN and infinity are left out: training that
    /// diverged makes them.
    var huge = 0.0
    /// The share that is as good as 0. Weights that decayed are so, but not beside huge ones.
    var tiny = 0.0

    init(_ bits: [UInt32]) {
      let values = bits.lazy.map { Float(bitPattern: $0).magnitude }.filter { $0 != 0 }
      kinds = Set(bits).count
      var (good, large, small) = (0, 0, 0)
      for value in values {
        count += 1
        if (1e-9...1e6).contains(value) { good += 1 }
        if value.isFinite, value > 1e15 { large += 1 }
        if value < 1e-15 { small += 1 }
      }
      guard count > 0 else { return }
      plausible = Double(good) / Double(count)
      huge = Double(large) / Double(count)
      tiny = Double(small) / Double(count)
    }
  }
}
