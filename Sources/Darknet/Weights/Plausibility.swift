import FileSupport
import ModelGraph

/// Whether bytes look like the numbers of a network: what can be said of a `.weights` file by itself, since
/// the format has no signature.
public struct Plausibility {
  /// Whether every number is looked at, not a sample of them.
  private let isThorough: Bool

  /// A judge.
  ///
  /// - Parameter isThorough: whether every number is looked at, not a sample of them.
  public init(isThorough: Bool) { self.isThorough = isThorough }

  /// Floats that a sample has at most, and in one piece of it.
  private static let sampleCount = 1 << 20
  private static let pieceCount = 1 << 12
  /// Shares above which numbers are none that training leaves. Random bytes have 0.4 % without value and
  /// 42 % of such magnitudes. Weights that decayed to almost nothing are denormal in sound files, too.
  private static let limits = (valueless: 0.001, huge: 0.001, denormal: 0.2)
  private static let hugeMagnitude: Float = 1e6

  /// How many numbers of each odd kind there are.
  private struct Counts {
    var all = 0
    var valueless = 0
    var huge = 0
    var denormal = 0

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
      for offset in stride(from: 0, through: bytes.count - 4, by: 4) {
        let bits = UInt32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        let value = Float(bitPattern: bits)
        all += 1
        if !value.isFinite {
          valueless += 1
        } else if value.magnitude > Plausibility.hugeMagnitude {
          huge += 1
        } else if value.isSubnormal {
          denormal += 1
        }
      }
    }
  }

  /// The doubt about a file as a phrase, `nil` if there is none.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - start: where its numbers begin, in bytes.
  ///   - numbers: how many it has.
  /// - Throws: `ModelFileError` of the file.
  public func doubt(
    of file: InputFile, from start: Int, numbers: Int
  ) throws(ModelFileError) -> String? {
    let counts = try count(file, from: start, numbers: numbers)
    guard counts.all > 0 else { return nil }
    func share(_ count: Int) -> Double { Double(count) / Double(counts.all) }
    let isOdd =
      share(counts.valueless) > Self.limits.valueless || share(counts.huge) > Self.limits.huge
      || share(counts.denormal) > Self.limits.denormal
    guard isOdd else { return nil }
    let shares = [
      (counts.valueless, "NaN or infinite"), (counts.huge, "beyond a million"),
      (counts.denormal, "denormal"),
    ]
    .filter { $0.0 > 0 }
    .map { "\(Self.percent(share($0.0))) \($0.1)" }
    return "these don't look like weights: of \(counts.all.counted("number")) "
      + "\(shares.joined(separator: ", ")); the file is shifted, damaged, or something else"
  }

  private func count(
    _ file: InputFile, from start: Int, numbers: Int
  ) throws(ModelFileError) -> Counts {
    var counts = Counts()
    let whole = isThorough || numbers <= Self.sampleCount
    let pieces = whole ? 1 : Self.sampleCount / Self.pieceCount
    let length = whole ? numbers : Self.pieceCount
    for piece in 0..<pieces {
      let first = pieces == 1 ? 0 : (numbers - length) / (pieces - 1) * piece
      let region = FileRegion(
        file: file, offset: UInt64(start) + UInt64(first) * 4, byteCount: length * 4)
      try TensorStream().forEachBand(
        of: region, elementType: .uint8, view: StridedView(contiguous: [region.byteCount])
      ) { counts.add($0) }
    }
    return counts
  }

  /// `42 %`, `0.4 %`: a decimal below ten.
  private static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded(.up))
    return tenths < 100 ? "\(tenths / 10).\(tenths % 10) %" : "\((tenths + 5) / 10) %"
  }
}
