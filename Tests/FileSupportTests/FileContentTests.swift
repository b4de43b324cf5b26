import TestSupport
import Testing

@testable import FileSupport

struct FileContentTests {
  static let hdf5: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  @Test(arguments: [
    ("", FileContent.empty),
    ("<!DOCTYPE html>\n<html>", .html), ("<html><body>", .html), ("\n  <!doctype HTML>", .html),
    ("\u{FEFF}<html>", .html), ("<?xml version=\"1.0\"?>", .html),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", .gitLFSPointer),
    ("{\"class_name\": \"Model\"}", .json), ("  \n{}", .json), ("[{\"a\": 1}]", .json),
    ("[1, 2]", .json),
    ("[net]\nwidth=416\n", .darknetConfig), ("# mine\n\n[ network ]\nwidth=4\n", .darknetConfig),
    ("; note\r\n[net]\r\nwidth=4\r\n", .darknetConfig),
    ("classes= 20\ntrain  = /data/train.txt\nnames = data/voc.names\n", .keyValueText),
    ("person\nbicycle\ncar\n", .text), ("Traceback (most recent call last):", .text),
  ])
  func texts(text: String, content: FileContent) {
    #expect(FileContent(Array(text.utf8)) == content)
  }

  @Test(arguments: [
    (Self.hdf5, FileContent.hdf5), ([0x50, 0x4B, 3, 4, 20, 0], .zip),
    ([0x50, 0x4B, 5, 6], .zip), ([0x1F, 0x8B, 8, 0], .packed(.gzip)),
    ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .picture),
    ([0xFF, 0xD8, 0xFF, 0xE0], .picture), ([0x80, 2, 0x8A, 0x0A], .pickle),
    // Headers of .weights files of three generations.
    ([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0x7D, 0, 0], .binary),
    ([0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0x7D, 0, 0, 0, 0, 0, 0], .binary),
    ([0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0x7D, 0, 0, 0, 0, 0, 0], .binary),
    // A cfg with bytes that no text has is a cfg that is damaged.
    (Array("\n [net]\nwidth=4\0\n".utf8), .darknetConfig), (Array("[net\0]\n".utf8), .binary),
    (Array("[net".utf8) + [0], .binary), (Array("[]\0".utf8), .binary),
    ([0x50, 0x4B], .text), ([0x89, 0x48, 0x44, 0x46, 0], .binary),
  ])
  func signatures(bytes: [UInt8], content: FileContent) {
    #expect(FileContent(bytes) == content)
  }

  @Test(arguments: [512, 1024, 2048, 1 << 20]) func hdf5BehindAUserBlock(offset: Int) throws {
    let folder = try TemporaryFolder()
    let file = try InputFile(
      path: folder.write("a", [UInt8](repeating: 32, count: offset) + Self.hdf5))
    #expect(try FileContent(of: file) == .hdf5)
  }

  /// A `.keras` archive whose weights happen to begin where a user block could end.
  @Test func archivesMayHoldHDF5Anywhere() throws {
    let folder = try TemporaryFolder()
    let bytes = [0x50, 0x4B, 3, 4] + [UInt8](repeating: 32, count: 1020) + Self.hdf5
    #expect(try FileContent(of: InputFile(path: folder.write("a", bytes))) == .zip)
  }

  @Test func hdf5SignatureElsewhereIsNone() throws {
    let folder = try TemporaryFolder()
    let file = try InputFile(
      path: folder.write("a", [UInt8](repeating: 1, count: 700) + Self.hdf5))
    guard case .mangled(let damage) = try FileContent(of: file) else {
      Issue.record("not told")
      return
    }
    #expect(damage.cause.contains("begins here, behind 700 bytes"))
  }

  /// What stands in a tar is no user block, whatever the offset; one that is no tar may hold anything.
  @Test func hdf5InATar() throws {
    let folder = try TemporaryFolder()
    var block = Array("m.h5".utf8) + [UInt8](repeating: 0, count: 508)
    let plain = try InputFile(path: folder.write("a", block + Self.hdf5))
    #expect(try FileContent(of: plain) == .hdf5)
    block.replaceSubrange(257..<262, with: Array("ustar".utf8))
    let tar = try InputFile(path: folder.write("b", block + Self.hdf5))
    #expect(try FileContent(of: tar) == .packed(.tar))
    // Of the time before ustar: told by the sum of its bytes.
    block.replaceSubrange(257..<262, with: [0, 0, 0, 0, 0])
    let sum = block.reduce(8 * 0x20) { $0 + Int($1) }
    block.replaceSubrange(148..<154, with: Array("00\(String(sum, radix: 8))".utf8.suffix(6)))
    let old = try InputFile(path: folder.write("c", block + Self.hdf5))
    #expect(try FileContent(of: old) == .packed(.tar))
  }

  @Test func onlyBinaryDataAndNothingCanBeWeights() {
    #expect(FileContent.binary.foreignToWeights == nil)
    #expect(FileContent.empty.foreignToWeights == nil)
    for content in [FileContent.html, .zip, .hdf5, .darknetConfig, .text, .picture] {
      #expect(content.foreignToWeights == content)
      #expect(!content.name.isEmpty)
      #expect(!content.remedy.isEmpty)
    }
  }
}
