import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  @Suite struct Datasets {
    @Test(arguments: [
      DatasetStorage.contiguous,
      .chunked([3, 4], deflateLevel: nil),
      .chunked([3, 4], deflateLevel: 4),
      .chunked([7, 5], deflateLevel: 9, checksum: true),
      .chunked([1, 2], deflateLevel: nil, checksum: true),
    ])
    func elementsComeBack(_ storage: DatasetStorage) throws {
      let scratch = try Scratch()
      let values = (0..<35).map { Float($0) * 0.25 - 3 }
      let file = try HDF5File.create(at: scratch.path())
      let written = try file.root.createDataset(
        named: "x", type: .float32, shape: .simple([7, 5]), storage: storage)
      try written.write(Array(values[..<20]), rows: 0..<4)
      try written.write(Array(values[20...]), rows: 4..<7)
      try file.close()

      let read = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      #expect(read.shape == .simple([7, 5]))
      #expect(read.datatype == .float32)
      #expect(read.declaredBytes == 140)
      #expect(try read.allFloats() == values)
      #expect(try read.allFloats(rows: 2..<3) == Array(values[10..<15]))
      #expect(try read.allFloats(rows: 3..<3) == [])
      #expect(try read.allBytes() == values.withUnsafeBytes { Array($0) })
      switch storage {
      case .contiguous:
        #expect(read.layout == .contiguous)
        #expect(read.chunkShape == nil)
        #expect(try read.storedBytes == 140)
      case .chunked(let chunk, let level, let checksum):
        #expect(read.layout == .chunked)
        #expect(read.chunkShape == chunk)
        #expect(read.contiguousOffset == nil)
        #expect(
          read.filters.map(\.name) == (level == nil ? [] : ["shuffle", "deflate"])
            + (checksum ? ["fletcher32"] : []))
      }
    }

    @Test(arguments: [
      Datatype.float16, .float32, .float64, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32,
      .uint64, .opaque(size: 2), .opaque(size: 7),
    ])
    func everyTypeKeepsItsBytes(_ type: Datatype) throws {
      let scratch = try Scratch()
      let bytes = (0..<type.size * 3).map { UInt8(truncatingIfNeeded: $0 * 37 + 1) }
      let file = try HDF5File.create(at: scratch.path())
      try file.root.createDataset(named: "x", type: type, shape: .simple([3])).write(bytes)
      try file.close()
      let read = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      #expect(read.datatype == type)
      #expect(read.datatype.name == type.name)
      #expect(try read.allBytes() == bytes)
    }

    @Test func numbersBecomeFloats() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let half = try file.root.createDataset(named: "h", type: .float16, shape: .simple([5]))
      try half.write([0x3C00, 0xC000, 0x7C00, 0x0001, 0x3555] as [UInt16])
      #expect(try half.allFloats() == [1, -2, .infinity, 0x1p-24, 0.333251953125])
      let large = try file.root.createDataset(named: "u", type: .uint64, shape: .simple([2]))
      try large.write([UInt64.max, 3])
      #expect(try large.allFloats() == [0x1p64, 3])
      let opaque = try file.root.createDataset(named: "o", type: .opaque(size: 2), shape: .scalar)
      #expect(
        failure { _ = try opaque.allFloats() }?.description.contains("/o: holds opaque2") == true)
    }

    @Test func scalarsAndEmptyOnes() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.createDataset(named: "s", type: .int64, shape: .scalar).write([Int64(-7)])
      try file.root.createDataset(named: "e", type: .float32, shape: .simple([0, 3])).write(
        [Float]())
      try file.root.createDataset(named: "n", type: .float32, shape: Dataspace(.null))
        .write([Float]())
      try file.close()
      let root = try HDF5File(readingFrom: scratch.path()).root
      let scalar = try root.dataset(named: "s")
      #expect(scalar.shape == .scalar)
      #expect(scalar.rowCount == 1)
      #expect(try scalar.allFloats() == [-7])
      let empty = try root.dataset(named: "e")
      #expect(empty.shape == .simple([0, 3]))
      #expect(empty.contiguousOffset == nil)
      #expect(try empty.allBytes() == [])
      let null = try root.dataset(named: "n")
      #expect(null.shape.shape == .null)
      #expect(null.declaredBytes == 0)
      #expect(try null.allBytes() == [])
    }

    @Test func theOffsetLeadsToTheBytes() throws {
      let scratch = try Scratch()
      let values = (0..<50).map { Float($0).squareRoot() }
      let file = try HDF5File.create(at: scratch.path())
      let group = try file.root.createGroup(named: "g")
      try group.createDataset(named: "pad", type: .uint8, shape: .simple([13]))
        .write([UInt8](repeating: 9, count: 13))
      let written = try group.createDataset(named: "x", type: .float32, shape: .simple([50]))
      try written.write(values)
      let early = written.contiguousOffset
      try file.close()
      let offset = try #require(
        try HDF5File(readingFrom: scratch.path()).root.dataset(at: ["g", "x"]).contiguousOffset)
      #expect(offset == early)
      let expected = values.withUnsafeBytes { Array($0) }
      #expect(try InputFile(path: scratch.path()).bytes(at: offset, count: 200) == expected)

      // A user block moves everything: the same file behind 1,024 other bytes.
      let moved = try scratch.write(
        "moved.h5", [UInt8](repeating: 0x20, count: 1_024) + scratch.bytes())
      let behind = try HDF5File(readingFrom: moved).root.dataset(at: ["g", "x"])
      #expect(try behind.allFloats() == values)
      #expect(behind.contiguousOffset == offset + 1_024)
      #expect(
        try InputFile(path: moved).bytes(at: offset + 1_024, count: 200) == expected)
    }

    @Test func misuseIsReported() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let dataset = try file.root.createDataset(named: "x", type: .int8, shape: .simple([4]))
      #expect(failure { try dataset.write([Int8(1)]) }?.kind == .internalFault)
      #expect(failure { _ = try dataset.allBytes(rows: 3..<5) }?.kind == .internalFault)
      #expect(
        failure {
          _ = try file.root.createDataset(named: "x", type: .int8, shape: .simple([4]))
        }?.kind == .inputOutput)
      #expect(
        failure {
          _ = try file.root.createDataset(
            named: "c", type: .int8, shape: .simple([4]),
            storage: .chunked([1, 1], deflateLevel: 1))
        }?.kind == .internalFault)
    }

    @Test func unwrittenDataHasALimit() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      _ = try file.root.createDataset(
        named: "x", type: .float64, shape: .simple([1 << 40]),
        storage: .chunked([1 << 10], deflateLevel: 1))
      _ = try file.root.createDataset(
        named: "small", type: .float64, shape: .simple([4]),
        storage: .chunked([2], deflateLevel: 1))
      try file.close()
      let root = try HDF5File(readingFrom: scratch.path()).root
      let dataset = try root.dataset(named: "x")
      #expect(try dataset.storedBytes == 0)
      let error = failure { try dataset.readOne() }
      #expect(error?.kind == .damaged)
      #expect(error?.problem == "declares far more than the file stores of it")
      #expect(try root.dataset(named: "small").allFloats() == [0, 0, 0, 0])
    }
  }
}

extension Dataset {
  /// Reads the first row, whatever it holds.
  fileprivate func readOne() throws {
    _ = try allBytes(rows: 0..<1)
  }
}
