import TestSupport
import Testing

@testable import FileSupport

/// What a transfer has done to a file is told from its bytes, and a sound file is never accused.
struct TransferDamageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A header and numbers as training leaves them: every byte occurs, line ends among them.
  static func weights(count: Int = 6000, seed: UInt64 = 1) -> [UInt8] {
    var state = seed
    var bytes: [UInt8] = [0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0x7D, 0, 0, 0, 0, 0, 0]
    for index in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = (Float(state >> 40) / Float(1 << 24) - 0.5) * 2
      var bits = value.bitPattern
      // A pair of 0D 0A at odd and even places.
      if index % 997 == 3 { bits = bits & 0xFFFF_0000 | 0x0A0D }
      if index % 1499 == 5 { bits = bits & 0xFF00_00FF | 0x000A_0D00 }
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    return bytes
  }

  static let hdf5 = FileContent.hdf5Signature + weights(count: 300)

  static func replacing(_ old: [UInt8], by new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      if rest.starts(with: old) {
        result += new
        rest = rest.dropFirst(old.count)
      } else {
        result.append(rest.removeFirst())
      }
    }
    return result
  }

  /// Something that happens to files on their way.
  enum Accident: String, CaseIterable {
    case decoded, widened, asked, sevenBits, feedsWidened, pairsNarrowed, feedsToReturns,
      returnsToFeeds
    case twice, resumed

    func apply(_ bytes: [UInt8]) -> [UInt8] {
      switch self {
      case .decoded: Array(String(decoding: bytes, as: UTF8.self).utf8)
      case .widened: bytes.flatMap { $0 < 0x80 ? [$0] : [0xC0 | $0 >> 6, $0 & 0xBF] }
      case .asked: bytes.map { $0 < 0x80 ? $0 : 0x3F }
      case .sevenBits: bytes.map { $0 & 0x7F }
      case .feedsWidened: TransferDamageTests.replacing([0x0A], by: [0x0D, 0x0A], in: bytes)
      case .pairsNarrowed: TransferDamageTests.replacing([0x0D, 0x0A], by: [0x0A], in: bytes)
      case .feedsToReturns: TransferDamageTests.replacing([0x0A], by: [0x0D], in: bytes)
      case .returnsToFeeds: TransferDamageTests.replacing([0x0D], by: [0x0A], in: bytes)
      case .twice: bytes + bytes
      case .resumed: bytes[..<(bytes.count / 3)] + bytes
      }
    }

    var word: String {
      switch self {
      case .decoded: "EF BF BD"
      case .widened: "characters of UTF-8"
      case .asked: "question marks"
      case .sevenBits: "no byte is above 7F"
      case .feedsWidened: "became 0D 0A"
      case .pairsNarrowed: "0D 0A (CRLF) are missing"
      case .feedsToReturns: "became carriage returns"
      case .returnsToFeeds: "became line feeds"
      case .twice, .resumed: "begins once more"
      }
    }
  }

  @Test(arguments: Accident.allCases) func ofNumbers(accident: Accident) throws {
    let whole = Self.weights()
    let file = try InputFile(path: folder.write("a", accident.apply(whole)))
    let damage = try TransferDamage(explaining: file, expectedBytes: UInt64(whole.count))
    #expect(damage?.cause.contains(accident.word) == true, "\(String(describing: damage))")
  }

  /// Files that fit no cfg for reasons of their own.
  @Test(arguments: [0, 1, 3, 4, 700, 6001, 12_000])
  func soundNumbersAreNotAccused(missing: Int) throws {
    let whole = Self.weights()
    let cut = try InputFile(path: folder.write("cut", Array(whole.dropLast(missing))))
    #expect(try TransferDamage(explaining: cut, expectedBytes: UInt64(whole.count)) == nil)
    #expect(try TransferDamage(explaining: cut) == nil)
    #expect(try TransferDamage(withinNumbers: cut, from: 20) == nil)
    #expect(try FileContent(of: cut) == .binary)
    let long = try InputFile(
      path: folder.write("long", whole + Self.weights(count: missing / 4, seed: 9).dropFirst(20)))
    #expect(try TransferDamage(explaining: long, expectedBytes: UInt64(whole.count)) == nil)
  }

  @Test(arguments: [
    Accident.decoded, .widened, .asked, .sevenBits, .feedsWidened, .pairsNarrowed, .feedsToReturns,
    .returnsToFeeds,
  ])
  func ofHDF5IsSeenInItsSignature(accident: Accident) {
    guard case .mangled(let damage) = FileContent(accident.apply(Self.hdf5)) else {
      Issue.record("not told")
      return
    }
    #expect(damage.cause.hasPrefix("this was an HDF5 file"))
  }

  @Test func marksAndZeros() throws {
    for rest in [Self.hdf5, Self.weights(count: 100), [0x50, 0x4B, 3, 4, 20, 0]] {
      guard case .mangled(let damage) = FileContent([0xEF, 0xBB, 0xBF] + rest) else {
        Issue.record("not told")
        continue
      }
      #expect(damage.remedy.contains("tail -c +4"))
    }
    let zeros = try InputFile(path: folder.write("z", [UInt8](repeating: 0, count: 9000)))
    #expect(try FileContent(of: zeros) == .mangled(.zerosAlone(9000)))
    let tail = try InputFile(
      path: folder.write("t", Self.weights(count: 100) + [UInt8](repeating: 0, count: 5000)))
    #expect(try FileContent(of: tail) == .binary)
    #expect(try TransferDamage.zeroTail(of: tail) == 420)
  }

  @Test(arguments: [
    (TextEncoding.markedUTF8, [0xEF, 0xBB, 0xBF] as [UInt8], 1, 0),
    (.utf16(bigEndian: false, marked: true), [0xFF, 0xFE], 2, 0),
    (.utf16(bigEndian: true, marked: true), [0xFE, 0xFF], 2, 1),
    (.utf16(bigEndian: false, marked: false), [], 2, 0),
    (.utf16(bigEndian: true, marked: false), [], 2, 1),
    (.utf32(bigEndian: false, marked: true), [0xFF, 0xFE, 0, 0], 4, 0),
    (.utf32(bigEndian: true, marked: false), [], 4, 3),
  ])
  func textOfOtherEncodings(encoding: TextEncoding, mark: [UInt8], width: Int, place: Int) {
    func encoded(_ text: String) -> [UInt8] {
      mark
        + text.utf8.flatMap { byte in
          (0..<width).map { $0 == place ? byte : 0 }
        }
    }
    #expect(FileContent(encoded("[net]\nwidth=4\n")) == .mangled(TransferDamage(encoding)))
    #expect(FileContent(encoded("<!DOCTYPE html>\n<html>")) == .html)
    let json = FileContent(encoded("{\"class_name\": \"Model\"}"))
    #expect(json == (encoding == .markedUTF8 ? .json : .mangled(TransferDamage(encoding))))
  }

  /// Text of any language, and bytes that each became a character.
  @Test func unmarkedEncodings() {
    func encoded(_ text: String, _ width: Int, big: Bool) -> [UInt8] {
      let units = width == 2 ? text.utf16.map { UInt32($0) } : text.unicodeScalars.map(\.value)
      return units.flatMap { unit in
        (0..<width).map {
          UInt8(truncatingIfNeeded: unit >> (8 * UInt32(big ? width - 1 - $0 : $0)))
        }
      }
    }
    let latin = String(String.UnicodeScalarView(Self.weights(count: 90).map { Unicode.Scalar($0) }))
    for (width, big) in [(2, false), (2, true), (4, false), (4, true)] {
      let encoding: TextEncoding =
        width == 2 ? .utf16(bigEndian: big, marked: false) : .utf32(bigEndian: big, marked: false)
      for text in ["Größe: 4 — hätte größer sein können", "Файл не найден на этом сервере."] {
        #expect(
          FileContent(encoded(text, width, big: big)) == .mangled(TransferDamage(encoding)))
      }
      guard case .mangled(let damage) = FileContent(encoded(latin, width, big: big)) else {
        Issue.record("not told")
        continue
      }
      #expect(damage.cause.contains("writes text as UTF-16 or UTF-32"))
    }
  }

  /// A file without its signature, told by its other parts.
  @Test(arguments: [
    ("TREE\0\0", "HEAP\0\0\0\0", "an HDF5 file"), ("OHDR\u{2}", "", "an HDF5 file"),
    ("PK\u{3}\u{4}\u{14}\0", "", "a zip archive"),
  ])
  func remains(first: String, second: String, name: String) {
    let bytes = [1, 2] + Array(first.utf8) + [0xFF] + Array(second.utf8)
    guard case .mangled(let damage) = FileContent(bytes) else {
      Issue.record("not told")
      return
    }
    #expect(damage.cause.contains("the first bytes of \(name) are damaged"))
  }

  @Test(arguments: [
    ("404: Not Found", FileContent.serverMessage), ("{\"message\":\"Not Found\"}", .serverMessage),
    ("<Error><Code>AccessDenied</Code></Error>", .html),
    ("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", .mangled(.headersInFront(.answer))),
    ("Received: from a\n\n[net]\n", .mangled(.headersInFront(.mail))),
    ("From me@there Tue Dec  1\nSubject: net\n\n", .mangled(.headersInFront(.mail))),
    (
      "--x\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n",
      .mangled(.headersInFront(.part))
    ),
    ("Content-Type: a/b\r\n\r\n\u{1}\u{2}", .mangled(.headersInFront(.part))),
    ("from: nowhere in particular\n", .mangled(.headersInFront(.mail))), ("a: b\n", .text),
    ("[net]\rwidth=4\rheight=4\r", .mangled(.returnsAlone(line: 1))),
    ("[net]\r\nwidth=4\r\n", .darknetConfig),
    (
      "iVBORw0KGgoAAAANSUhEUgAA\nAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9\n",
      .mangled(TransferDamage(.base64))
    ),
    ("89484446 is no dump", .text),
    ("begin 644 model.h5\nM\n", .mangled(TransferDamage(.uuencoded))),
  ])
  func texts(text: String, content: FileContent) {
    #expect(FileContent(Array(text.utf8)) == content)
  }

  @Test(arguments: Packing.allCases) func packed(packing: Packing) {
    let starts: [Packing: [UInt8]] = [
      .gzip: [0x1F, 0x8B, 8, 0], .bzip2: Array("BZh91AY&SY".utf8),
      .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .zstd: [0x28, 0xB5, 0x2F, 0xFD, 4],
      .sevenZip: [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], .rar: Array("Rar!".utf8) + [0x1A, 7, 1],
      .lz4: [4, 0x22, 0x4D, 0x18, 0x64], .lzip: Array("LZIP\u{1}".utf8),
      .compress: [0x1F, 0x9D, 0x90], .cpio: Array("070701".utf8),
      .tar: Array("net.cfg".utf8) + [UInt8](repeating: 0, count: 250) + Array("ustar\u{0}00".utf8),
    ]
    #expect(FileContent(starts[packing] ?? []) == .packed(packing))
  }
}
