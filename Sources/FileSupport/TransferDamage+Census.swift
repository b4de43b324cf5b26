extension TransferDamage {
  /// The fewest line feeds that show by themselves that each got a carriage return: by chance one in 256
  /// has one in front.
  private static let tellingPairs: UInt64 = 4
  /// The fewest characters that bytes of numbers don't make by chance.
  private static let tellingCharacters: UInt64 = 8
  /// Zeros at the end that no format puts there.
  private static let tellingZeros: UInt64 = 512
  /// Bytes at the start of a file that stand for the rest.
  private static let sampleBytes = 1 << 20

  /// Looks over all of a binary file that its reader could make no sense of, or that has another size than
  /// it should. A cause is named only if it explains what is found.
  ///
  /// - Parameters:
  ///   - file: the file.
  ///   - expectedBytes: the size that it should have, if its reader knows.
  ///   - place: the byte that made no sense, if it was one.
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public init?(
    explaining file: InputFile, expectedBytes: UInt64? = nil, failingAt place: UInt64? = nil
  ) throws(ModelFileError) {
    if case .mangled(let damage) = try FileContent(of: file) {
      self = damage
      return
    }
    let census = try ByteCensus(file)
    guard census.count > 0 else { return nil }
    if census.isUTF8, census.characters > 0,
      census.replacements > 0 || census.characters >= Self.tellingCharacters
    {
      self.init(census.replacements > 0 ? Self.replaced(census.replacements) : Self.widenedCause)
      return
    }
    if let start = try Self.secondStart(file, expectedBytes: expectedBytes) {
      self.init(
        at: .byte(start),
        "the file begins once more here: two downloads stand one behind the other",
        remedy: "fetch the file again, or take the second: tail -c +\(start + 1) FILE > NEW")
      return
    }
    var expected = expectedBytes
    if expected == nil { expected = try ZipExtent(file)?.end }
    if Self.haveFeedsWidened(census, expected: expected) {
      self.init("\(Self.widenedFeedsCause): all \(census.lineFeeds) have one")
      return
    }
    let isZip = try file.prefix(2) == Array("PK".utf8)
    // An archive ends with its list; other files may well end with zeros.
    if expectedBytes == nil, let tail = try Self.zeroTail(of: file, atLeast: Self.tellingZeros),
      isZip || place.map({ $0 >= tail }) == true
    {
      self.init(
        at: .byte(tail),
        "only zeros stand from byte \(tail) to the end: the download stopped there in a file made in "
          + "advance", remedy: "fetch the file again")
      return
    }
    if let cause = census.changeInPlace {
      self.init(cause)
      return
    }
    if try Self.haveReturnsGone(census, file, expected: expected) {
      self.init(Self.narrowedPairsCause)
      return
    }
    // Last, since it says no more than what was done to one member of an archive.
    guard isZip,
      let cause = MangledSignature.cause(within: try file.prefix(Self.sampleBytes))
    else { return nil }
    self.init(cause)
  }

  /// Looks at a sample of a file of numbers, whatever its size says, for changes that left the size as it was:
  /// at its beginning, and at pieces all over it.
  ///
  /// - Parameters:
  ///   - file: the file, whose numbers are float32.
  ///   - start: where they begin.
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public init?(withinNumbers file: InputFile, from start: UInt64) throws(ModelFileError) {
    let census = try ByteCensus(file, limit: UInt64(Self.sampleBytes))
    if let cause = census.changeInPlace {
      self.init(cause)
      return
    }
    if census.isUTF8, census.characters >= Self.tellingCharacters {
      self.init(census.replacements > 0 ? Self.replaced(census.replacements) : Self.widenedCause)
      return
    }
    let size = Int(clamping: file.size - min(start, file.size)) & ~3
    let count = min(Self.maximumPieces, max(1, size / Self.pieceBytes))
    for index in 0..<count {
      let offset = count == 1 ? 0 : (size - Self.pieceBytes) / (count - 1) * index & ~3
      let length = count == 1 ? size : Self.pieceBytes
      let place = start + UInt64(offset)
      let piece = NumberPiece(try file.bytes(at: place, count: length))
      if let (cause, remedy) = piece.damage {
        self.init(at: .byte(place), cause, remedy: remedy)
        return
      }
    }
    return nil
  }

  /// Pieces of a file of numbers that stand for all of it, and their length.
  private static let maximumPieces = 512
  private static let pieceBytes = 256

  /// What is said of zeros at the end of a file that fits: an array may be so, too.
  public static let zeroTailDoubt =
    "only zeros stand from here to the end, as after a download that stopped here"

  /// Where the zeros at the end of a file begin, as far back as `ByteCensus.maximumBytes`; `nil` if there
  /// are fewer than `least`.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public static func zeroTail(
    of file: InputFile, atLeast least: UInt64 = 4096
  ) throws(ModelFileError) -> UInt64? {
    let bound = file.size - min(file.size, ByteCensus.maximumBytes)
    var end = file.size
    while end > bound {
      let count = min(end - bound, end == file.size ? least : 1 << 20)
      let bytes = try file.bytes(at: end - count, count: Int(count))
      if let last = bytes.lastIndex(where: { $0 != 0 }) {
        let start = end - count + UInt64(last) + 1
        return file.size - start >= least ? start : nil
      }
      end -= count
    }
    return file.size >= least ? bound : nil
  }

  /// A file of zeros.
  static func zerosAlone(_ count: UInt64) -> TransferDamage {
    TransferDamage(
      at: .byte(0),
      "all of the \(count.counted("byte")) are 0: the file was made in advance, and nothing was "
        + "downloaded into it", remedy: "fetch the file again")
  }

  private static func replaced(_ count: UInt64) -> String {
    "the file went through a text decoder: \(count.counted("sequence")) EF BF BD (U+FFFD) "
      + "\(count == 1 ? "stands" : "stand") where other bytes were"
  }

  /// Whether each line feed got a carriage return, or those that had none.
  private static func haveFeedsWidened(_ census: ByteCensus, expected: UInt64?) -> Bool {
    guard census.lineFeeds > 0, census.pairs == census.lineFeeds else { return false }
    guard let expected, census.isWhole else { return census.pairs >= tellingPairs }
    guard census.count > expected else { return false }
    let surplus = census.count - expected
    return surplus == census.pairs || surplus < census.pairs && census.pairs >= tellingPairs
  }

  /// Whether as many bytes are missing as carriage returns can have stood in front of line feeds, and from
  /// within the file, not from its end. Without a size known, a large file that has no pair shows it.
  private static func haveReturnsGone(
    _ census: ByteCensus, _ file: InputFile, expected: UInt64?
  ) throws(ModelFileError) -> Bool {
    guard census.pairs == 0 else { return false }
    if let expected {
      guard file.size < expected, !census.isWhole || expected - file.size <= census.lineFeeds else {
        return false
      }
    } else if census.count < tellingPairs << 16 {
      return false
    }
    if let zip = try ZipExtent(file) { return zip.end > file.size }
    return try FloatAlignment(file).isShifted
  }

  /// Where the file's own beginning stands once more, with as many bytes behind it as the file should have;
  /// without a size known, in its middle.
  private static func secondStart(
    _ file: InputFile, expectedBytes: UInt64?
  ) throws(ModelFileError) -> UInt64? {
    let length = 16
    guard file.size >= UInt64(2 * length), expectedBytes != nil || file.size % 2 == 0 else {
      return nil
    }
    let expected = expectedBytes ?? file.size / 2
    guard expected >= UInt64(length), file.size >= expected + UInt64(length) else { return nil }
    let start = file.size - expected
    let first = try file.prefix(length)
    guard try file.bytes(at: start, count: length) == first else { return nil }
    // Zeros and the like repeat anywhere.
    let probe = Int(min(4096, start, expected))
    let isSame = try file.bytes(at: start, count: probe) == file.prefix(probe)
    return isSame && Set(first).count > 1 ? start : nil
  }
}

/// Where the list at the end of a zip archive says that the archive ends.
private struct ZipExtent {
  let end: UInt64

  /// - Returns: `nil` for a file that does not end as an archive.
  init?(_ file: InputFile) throws(ModelFileError) {
    let bytes = 22
    guard file.size >= UInt64(bytes), try file.prefix(2) == Array("PK".utf8) else { return nil }
    // A comment, which archives of models don't have, is not looked for.
    let record = try file.bytes(at: file.size - UInt64(bytes), count: bytes)
    guard record.starts(with: [0x50, 0x4B, 5, 6]) else { return nil }
    func number(at offset: Int) -> UInt64 {
      record[offset..<(offset + 4)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    end = number(at: 12) + number(at: 16) + UInt64(bytes)
  }
}

extension ModelFileError {
  /// The same error with the cause and the remedy of damage by a transfer, if the file shows any.
  ///
  /// - Parameters:
  ///   - file: the file that could not be read.
  ///   - expectedBytes: the size that it should have, if its reader knows.
  public func explained(by file: InputFile, expectedBytes: UInt64? = nil) -> ModelFileError {
    let places = places.compactMap { place in
      if case .byte(let offset) = place { offset } else { nil }
    }
    guard kind == .damaged, self.file == nil || self.file == file.path,
      let damage = try? TransferDamage(
        explaining: file, expectedBytes: expectedBytes, failingAt: places.last),
      damage.cause != problem
    else { return self }
    var explained = self
    explained.cause = damage.cause
    explained.remedy = damage.remedy
    return explained
  }
}
