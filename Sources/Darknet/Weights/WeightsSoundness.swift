import FileSupport

/// Whether a file that has as many numbers as it should can hold those of its network.
struct WeightsSoundness {
  /// What proves that it does not.
  var damage: ModelFileError?
  /// The same for a file that lost or got a number, so that it fits with a header of another length: its size
  /// does not tell it from one that was written so.
  var shift: ModelFileError?
  /// What is odd about its header and its end.
  var oddities: [ModelWarning] = []
  /// What is odd about its numbers.
  var doubts: [ModelWarning] = []

  /// Nothing known against it.
  init() {}

  /// Looks at the header and at a sample of the numbers.
  ///
  /// - Parameter ruledHeader: the length of the header that its version calls for.
  /// - Throws: `ModelFileError` if the file can't be read.
  init(
    _ file: InputFile, _ layout: WeightsLayout, _ network: Network, ruledHeader: Int
  ) throws(ModelFileError) {
    let header = layout.header
    let variances = try VarianceCheck(file, layout, network, ruledHeader: ruledHeader)
    damage = try WeightsDamage.shown(by: file, header: header)
    shift = variances.shift
    guard damage == nil else { return }
    func warn(_ message: String, at byte: UInt64) {
      oddities.append(ModelWarning(file: file.path, at: [.byte(byte)], message))
    }
    if let doubt = header.doubt { warn(doubt, at: 0) }
    if let doubt = variances.shiftDoubt { warn(doubt, at: 0) }
    let start = UInt64(header.byteCount)
    if let zeros = try TransferDamage.zeroTail(of: file), zeros > start {
      warn(TransferDamage.zeroTailDoubt, at: zeros)
    }
    let numbers = try Plausibility(isThorough: false).doubt(
      of: file, from: header.byteCount,
      numbers: Int(clamping: (file.size - min(start, file.size)) / 4))
    if let numbers { doubts.append(ModelWarning(file: file.path, numbers)) }
    if let negative = variances.negative { doubts.append(negative) }
  }
}
