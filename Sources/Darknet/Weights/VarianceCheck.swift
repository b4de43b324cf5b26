import FileSupport

/// What the variances of batch normalization tell: training leaves none below 0, so that numbers which lie in
/// the wrong place show there.
struct VarianceCheck {
  /// The error about a file in which every number is shifted, if that is sure.
  let shift: ModelFileError?
  /// The same as a phrase, for those who only look at the file.
  let shiftDoubt: String?
  /// That a variance is negative, if nothing explains it.
  let negative: ModelWarning?

  /// What a variance may be below 0 without a doubt: trained files have some of rounding, -7e-44 in one. darknet adds
  /// 1e-5 or 1e-6 to it.
  private static let harmless: Float = -1e-7

  /// Numbers that are looked at altogether.
  private static let maximumCount = 1 << 18

  /// Looks at a file of the right size.
  ///
  /// - Parameter ruledHeader: the length of the header that its version calls for.
  /// - Throws: `ModelFileError` if it can't be read.
  init(
    _ file: InputFile, _ layout: WeightsLayout, _ network: Network, ruledHeader: Int
  ) throws(ModelFileError) {
    var left = Self.maximumCount
    let variances = layout.plan.entries.filter { entry in
      guard entry.array.name.hasSuffix("variance"), entry.array.count <= left else { return false }
      left -= entry.array.count
      return true
    }
    var negative: (entry: WeightsPlan.Entry, value: Float)?
    for entry in variances where negative == nil {
      negative = try Self.negative(of: entry, in: file, header: layout.header.byteCount)
        .map { (entry, $0) }
    }
    guard let (entry, value) = negative else {
      (shift, shiftDoubt, self.negative) = (nil, nil, nil)
      return
    }
    var isShifted = ruledHeader != layout.header.byteCount
    for entry in variances where isShifted {
      isShifted = try Self.negative(of: entry, in: file, header: ruledHeader) == nil
    }
    let fault = "\(network.name(of: entry)) is negative (\(value)), as no variance is"
    guard isShifted else {
      (shift, shiftDoubt) = (nil, nil)
      self.negative = ModelWarning(
        file: file.path,
        at: [network.layers[entry.layer].reference.place, .array(entry.array.name)],
        "\(fault): the file is damaged, or belongs to another network")
      return
    }
    self.negative = nil
    shift = Self.shift(file, layout, ruledHeader, fault: fault)
    let what = layout.header.byteCount < ruledHeader ? "cut" : "longer"
    shiftDoubt = "\(fault): the file is probably \(what) by 4 bytes, and every number is shifted"
  }

  private static func shift(
    _ file: InputFile, _ layout: WeightsLayout, _ ruledHeader: Int, fault: String
  ) -> ModelFileError {
    let header = layout.header
    let isCut = header.byteCount < ruledHeader
    let size = UInt64(ruledHeader) + UInt64(layout.plan.floatCount) * 4
    return ModelFileError(
      .damaged, file: file.path, at: [.byte(UInt64(header.byteCount))],
      "every number is shifted by one: the file \(isCut ? "lost 4 bytes" : "has 4 bytes too many")",
      expected: "\(size) bytes, with a header of \(ruledHeader) as version "
        + "\(header.major).\(header.minor) calls for",
      found:
        "\(file.size) bytes, which would fit with a header of \(header.byteCount), but \(fault)",
      remedy: isCut ? "the download or copy was cut short; fetch it again" : "fetch the file again")
  }

  /// The least number of an array behind a header of some length, as far as the file goes, if that is clearly
  /// below 0.
  private static func negative(
    of entry: WeightsPlan.Entry, in file: InputFile, header: Int
  ) throws(ModelFileError) -> Float? {
    let start = UInt64(header) + UInt64(entry.start) * 4
    guard start < file.size else { return nil }
    let bytes = try file.bytes(
      at: start, count: min(entry.array.count * 4, Int(clamping: file.size - start)))
    return bytes.withUnsafeBytes { bytes in
      stride(from: 0, through: bytes.count - 4, by: 4).lazy
        .map { bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self) }
        .map { Float(bitPattern: UInt32(littleEndian: $0)) }
        .filter { $0 < Self.harmless }.min()
    }
  }
}
