import FileSupport
import Foundation
import TestSupport
import Testing

@Suite struct NpyTests {
  private static let good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"

  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  // MARK: Reading

  @Test func readsFloats() throws {
    let file = try opened(Self.good, floats(1, 2, 3, 4, 5, -6.5))
    #expect(file.shape == [2, 3])
    #expect(!file.numberType.isInteger)
    #expect(try file.floats() == [1, 2, 3, 4, 5, -6.5])
    #expect(try file.doubles() == [1, 2, 3, 4, 5, -6.5])
  }

  @Test(arguments: [1, 2, 3] as [UInt8])
  func readsEveryVersion(_ version: UInt8) throws {
    let file = try opened(Self.good, floats(1, 2, 3, 4, 5, 6), version: version)
    #expect(try file.floats() == [1, 2, 3, 4, 5, 6])
  }

  @Test func bringsFortranOrderIntoCOrder() throws {
    let header = Self.good.replacing("False", with: "True")
    let file = try opened(header, floats(1, 4, 2, 5, 3, 6))
    #expect(try file.floats() == [1, 2, 3, 4, 5, 6])
    // a[i, j, k] = 100 i + 10 j + k, the first index innermost.
    let cube = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3, 2)}"
    var stored: [Float] = []
    for k in 0..<2 {
      for j in 0..<3 { for i in 0..<2 { stored.append(Float(100 * i + 10 * j + k)) } }
    }
    #expect(
      try opened(cube, bytes(stored)).floats()
        == [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121])
  }

  @Test(
    arguments: [
      ("|b1", [1, 0, 7], [1, 0, 1]), ("|i1", [0xFF, 2, 0x80], [-1, 2, -128]),
      ("|u1", [0xFF, 2, 0], [255, 2, 0]), ("<i2", [0xFE, 0xFF, 1, 0, 0, 1], [-2, 1, 256]),
      (">i2", [0xFF, 0xFE, 0, 1, 1, 0], [-2, 1, 256]),
      (">u4", [0, 0, 0, 1, 0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0], [1, 256, 4_294_967_040]),
      ("<f2", [0, 0x3C, 0, 0xC0, 1, 0], [1, -2, 0x1p-24]),
      (">f2", [0x3C, 0, 0x7B, 0xFF, 0xFC, 0], [1, 65504, -.infinity]),
      (">f4", [0x3F, 0x80, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0], [1, -2, 0]),
    ] as [(String, [UInt8], [Double])])
  func readsEveryType(_ type: String, _ stored: [UInt8], _ expected: [Double]) throws {
    let file = try opened("{'descr': '\(type)', 'fortran_order': False, 'shape': (3,), }", stored)
    #expect(try file.doubles() == expected)
    #expect(try file.floats() == expected.map { Float($0) })
  }

  @Test func keepsLargeIntegersExactInDoubles() throws {
    let value: Int64 = 1 << 53 - 1
    let stored = withUnsafeBytes(of: value.littleEndian) { Array($0) }
    let file = try opened("{'descr': '<i8', 'fortran_order': False, 'shape': ()}", stored)
    #expect(file.shape == [])
    #expect(file.numberType.isInteger)
    #expect(try file.doubles() == [Double(value)])
  }

  @Test func takesKeysInAnyOrderAndOldSpellings() throws {
    let header = "{\"shape\": (2L, 3L), 'fortran_order':False , 'descr' : \"<f4\"}"
    #expect(try opened(header, floats(1, 2, 3, 4, 5, 6)).shape == [2, 3])
  }

  @Test func readsNothing() throws {
    let file = try opened("{'descr': '<f4', 'fortran_order': True, 'shape': (0, 9)}", [])
    #expect(try file.floats() == [])
  }

  // MARK: Refusing

  @Test(arguments: [
    "{'descr': 'O', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '<f16', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '|f4', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': '|S4', 'fortran_order': False, 'shape': (2, 3), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }",
  ])
  func refusesOtherTypes(_ header: String) throws {
    let error = try #require(failure(header, floats(1, 2, 3, 4, 5, 6)))
    #expect(error.kind == .unsupported)
    #expect(error.places.count == 1)
    #expect(error.remedy != nil)
  }

  @Test(arguments: [
    "", "{", "{}", "[1]", "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': 1}",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (6)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': [2, 3]}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, -3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3.0)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} + {}",
    "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3)}",
    "{'descr: False, 'shape': (2, 3)}", "__import__('os')",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 3)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}",
  ])
  func refusesDamagedHeaders(_ header: String) throws {
    let error = try #require(failure(header, floats(1, 2, 3, 4, 5, 6)))
    #expect(error.kind == .damaged)
    #expect(error.file != nil)
    guard case .byte? = error.places.first else {
      Issue.record("no byte in \(error)")
      return
    }
  }

  @Test func refusesEveryTruncation() throws {
    let whole = npy(Self.good, floats(1, 2, 3, 4, 5, 6))
    for count in whole.indices {
      let error = try #require(failure(of: Array(whole[..<count])), "\(count) bytes")
      #expect(error.kind == .damaged || error.kind == .unsupported)
    }
  }

  @Test func survivesEveryChangedByteOfTheHeader() throws {
    let whole = npy(Self.good, floats(1, 2, 3, 4, 5, 6))
    for position in 0..<(whole.count - 24) {
      for byte in [0, 0x27, 0x28, 0x39, 0x7D, 0xFF] as [UInt8] {
        var changed = whole
        changed[position] = byte
        if failure(of: changed) == nil { #expect(try opened(changed).count == 6) }
      }
    }
  }

  @Test func refusesALongHeaderBeforeReadingIt() throws {
    var bytes = npy(Self.good, floats(1, 2, 3, 4, 5, 6), version: 2)
    bytes.replaceSubrange(8..<12, with: [0xFF, 0xFF, 0xFF, 0x7F])
    let error = try #require(failure(of: bytes))
    #expect(error.places == [.byte(8)])
  }

  // MARK: Writing

  @Test(arguments: [[], [6], [2, 3], [1, 2, 3, 1], [0, 3]])
  func writesWhatItReads(_ shape: [Int]) throws {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { Float($0) - 1.5 }
    let path = folder.path("a.npy")
    let output = try OutputFile(path: path, overwrites: false)
    try output.appendNpy(shape: shape, values: values)
    try OutputFile.commit([output])
    let file = try NpyFile(path: path)
    #expect(file.shape == shape)
    #expect(try file.floats() == values)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(size == 128 + 4 * count)
  }

  @Test func writesTheHeaderOfNumpy() throws {
    // The first 128 bytes of numpy.save(path, numpy.zeros((1, 3, 8, 10), 'float32')), numpy 1.26.
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 8, 10), }"
    let expected =
      [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0]
      + Array(text.utf8) + [UInt8](repeating: 0x20, count: 117 - text.utf8.count) + [0x0A]
    let path = folder.path("a.npy")
    let output = try OutputFile(path: path, overwrites: false)
    try output.appendNpy(shape: [1, 3, 8, 10], values: [Float](repeating: 0, count: 240))
    try OutputFile.commit([output])
    #expect(try InputFile(path: path).prefix(128) == expected)
  }

  // MARK: Making files

  private func npy(_ header: String, _ payload: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array((header + "\n").utf8)
    let count = text.count
    let length = version == 1 ? [UInt8(count & 0xFF), UInt8(count >> 8)] : [UInt8(count), 0, 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + payload
  }

  private func opened(
    _ header: String, _ payload: [UInt8], version: UInt8 = 1
  ) throws -> NpyFile {
    try opened(npy(header, payload, version: version))
  }

  private func opened(_ bytes: [UInt8]) throws -> NpyFile {
    try NpyFile(path: folder.write("a.npy", bytes))
  }

  private func failure(_ header: String, _ payload: [UInt8]) -> ModelFileError? {
    failure(of: npy(header, payload))
  }

  private func failure(of bytes: [UInt8]) -> ModelFileError? {
    do {
      _ = try opened(bytes)
      return nil
    } catch {
      return error as? ModelFileError
    }
  }

  private func floats(_ values: Float...) -> [UInt8] { bytes(values) }

  private func bytes(_ values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
  }
}
