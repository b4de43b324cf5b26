/// How often the bytes stand in a file that a transfer in text mode changes.
struct ByteCensus {
  /// How many bytes were looked at.
  private(set) var count: UInt64 = 0
  /// How often each byte stands there.
  private(set) var counts = [UInt64](repeating: 0, count: 256)
  /// Carriage returns with a line feed behind them.
  private(set) var pairs: UInt64 = 0
  /// Characters that stand for bytes that a decoder did not know: EF BF BD in UTF-8.
  private(set) var replacements: UInt64 = 0
  /// Characters of UTF-8 above 7F.
  private(set) var characters: UInt64 = 0
  /// Whether all of it is UTF-8. A character that the end cuts does not count against it.
  private(set) var isUTF8 = true
  /// Whether all of the file was looked at.
  let isWhole: Bool

  private var last: UInt8 = 0
  /// Bytes of a character of UTF-8 that are still to come, and what it is so far.
  private var pending = 0
  private var character: UInt32 = 0

  private static let bandBytes = 1 << 20
  /// The most that is looked at. A file may claim any size and be a hole.
  static let maximumBytes: UInt64 = 64 << 20

  /// Reads a file.
  ///
  /// - Parameter limit: how many bytes are looked at, from its start.
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  init(_ file: InputFile, limit: UInt64 = maximumBytes) throws(ModelFileError) {
    let end = min(file.size, limit)
    isWhole = end == file.size
    while count < end {
      let size = Int(min(UInt64(Self.bandBytes), end - count))
      let band = try file.bytes(at: count, count: size)
      band.withUnsafeBufferPointer { take($0) }
      count += UInt64(size)
    }
  }

  private mutating func take(_ band: UnsafeBufferPointer<UInt8>) {
    counts.withUnsafeMutableBufferPointer { counts in
      for byte in band { counts[Int(byte)] += 1 }
    }
    for byte in band {
      if byte == 0x0A, last == 0x0D { pairs += 1 }
      last = byte
    }
    for byte in band where isUTF8 { takeCharacter(byte) }
  }

  private mutating func takeCharacter(_ byte: UInt8) {
    if pending > 0 {
      guard byte & 0xC0 == 0x80 else {
        isUTF8 = false
        return
      }
      character = character << 6 | UInt32(byte & 0x3F)
      pending -= 1
      guard pending == 0 else { return }
      characters += 1
      if character == 0xFFFD { replacements += 1 }
    } else if byte >= 0x80 {
      switch byte {
      case 0xC2...0xDF: (pending, character) = (1, UInt32(byte & 0x1F))
      case 0xE0...0xEF: (pending, character) = (2, UInt32(byte & 0x0F))
      case 0xF0...0xF4: (pending, character) = (3, UInt32(byte & 0x07))
      default: isUTF8 = false
      }
    }
  }

  var lineFeeds: UInt64 { counts[0x0A] }

  /// Bytes above 7F.
  var high: UInt64 { counts[0x80...].reduce(0, +) }

  /// What a transfer has done that left every byte in its place, if this much shows it: numbers that were
  /// trained have every byte, and each about as often as its neighbours.
  var changeInPlace: String? {
    guard counts.count(where: { $0 > 0 }) > 64 else { return nil }
    if high == 0, count >= 512 {
      return counts[0x3F] > count * 3 / 10
        ? "the file went through a text decoder: question marks stand where bytes above 7F were"
        : "no byte is above 7F: all lost their highest bit, or went through a text decoder"
    }
    if count >= 512, let cause = replacedRange { return cause }
    guard count >= 4096 else { return nil }
    let neighbours = [0x08, 0x09, 0x0B, 0x0C, 0x0E, 0x0F].map { counts[$0] }
    let usual = neighbours.reduce(0, +) / UInt64(neighbours.count)
    guard let least = neighbours.min(), least >= 24 else { return nil }
    if counts[0x0A] == 0, counts[0x0D] > usual + usual / 2 {
      return TransferDamage.feedsToReturnsCause
    }
    if counts[0x0D] == 0, counts[0x0A] > usual + usual / 2 {
      return TransferDamage.returnsToFeedsCause
    }
    return nil
  }

  /// What took a range of bytes away that numbers have as well as others.
  private var replacedRange: String? {
    func sum(_ range: ClosedRange<Int>) -> UInt64 { counts[range].reduce(0, +) }
    // As many bytes as there are letters, which exponents hardly ever are.
    let usual = sum(0xC1...0xDA)
    guard usual >= 24 else { return nil }
    if sum(0x80...0x9F) * 8 < usual, counts[0x3F] > usual / 2 {
      return
        "the file went through a conversion of text: question marks stand where bytes from 80 to "
        + "9F were"
    }
    if sum(0x61...0x7A) == 0, sum(0x41...0x5A) > usual + usual / 2 {
      return "the file went through a conversion of text: its letters (61 to 7A) became capitals"
    }
    if sum(0x41...0x5A) == 0, sum(0x61...0x7A) > usual + usual / 2 {
      return
        "the file went through a conversion of text: its capitals (41 to 5A) became small letters"
    }
    return nil
  }
}
