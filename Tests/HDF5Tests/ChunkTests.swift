import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  @Suite struct Chunks {
    @Test(
      arguments: [[1, 1, 1], [2, 3, 4], [5, 7, 3], [8, 2, 3], [3, 7, 1], [64, 64, 64]] as [[UInt64]]
    )
    func everyBandOfEveryGrid(_ chunk: [UInt64]) throws {
      let scratch = try Scratch()
      let values = (0..<Int16(5 * 7 * 3)).map { $0 &* 311 }
      let file = try HDF5File.create(at: scratch.path())
      // A chunk may not be larger than a dataset that does not grow.
      let fitting = zip(chunk, [5, 7, 3] as [UInt64]).map { min($0, $1) }
      try file.root.createDataset(
        named: "x", type: .int16, shape: .simple([5, 7, 3]),
        storage: .chunked(fitting, deflateLevel: 6, checksum: true)
      ).write(values)
      try file.close()
      let read = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      for first in 0...5 {
        for end in first...5 {
          let band = Array(values[first * 21..<end * 21])
          #expect(try read.allBytes(rows: first..<end) == band.withUnsafeBytes { Array($0) })
          #expect(try read.allFloats(rows: first..<end) == band.map(Float.init))
        }
      }
    }

    @Test func whatWasNeverWrittenIsZero() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.createDataset(
        named: "x", type: .float64, shape: .simple([4, 3]),
        storage: .chunked([2, 2], deflateLevel: 1)
      ).write([1.5, 2.5, 3.5], rows: 1..<2)
      try file.close()
      let read = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      #expect(try read.allFloats() == [0, 0, 0, 1.5, 2.5, 3.5, 0, 0, 0, 0, 0, 0])
    }

    @Test func aChunkMustComeToItsSize() throws {
      let pipeline = try #require(
        ChunkPipeline(filters: [Filter(number: 1)], elementSize: 1, chunkBytes: 5))
      #expect(try pipeline.decode(zlibStream([1, 2, 3, 4, 5]), mask: 0) == [1, 2, 3, 4, 5])
      #expect(
        try pipeline.decode(zlibStream([1, 2, 3, 4, 5]) + [9, 9], mask: 0) == [1, 2, 3, 4, 5])
      #expect(try pipeline.decode([1, 2, 3, 4, 5], mask: 1) == [1, 2, 3, 4, 5])
      #expect(
        flaw(pipeline, zlibStream([1, 2, 3, 4])) == "comes to 4 bytes instead of 5")
      #expect(
        flaw(pipeline, zlibStream([1, 2, 3, 4, 5, 6])) == "inflates to more than 5 bytes")
      #expect(flaw(pipeline, zlibStream([1, 2, 3, 4, 5]).dropLast(3)) == "can't be inflated")
      #expect(flaw(pipeline, []) == "can't be inflated")
      var damaged = zlibStream([1, 2, 3, 4, 5])
      damaged[8] ^= 1
      #expect(flaw(pipeline, damaged) == "can't be inflated")
    }

    @Test func aChecksumMustMatch() throws {
      let pipeline = try #require(
        ChunkPipeline(filters: [Filter(number: 3)], elementSize: 1, chunkBytes: 3))
      let sum = ChunkPipeline.fletcher32([1, 2, 3])
      // 0x0102 + 0x0300, and the sums so far: 0x0102 + 0x0402.
      #expect(sum == 0x0504_0402)
      #expect(try pipeline.decode([1, 2, 3, 0x02, 0x04, 0x04, 0x05], mask: 0) == [1, 2, 3])
      #expect(try pipeline.decode([1, 2, 3, 0x04, 0x02, 0x05, 0x04], mask: 0) == [1, 2, 3])
      #expect(
        flaw(pipeline, [1, 2, 4, 0x02, 0x04, 0x04, 0x05])
          == "does not match its Fletcher-32 checksum")
      #expect(flaw(pipeline, [1, 2]) == "is too short for its checksum")
    }

    @Test func shuffleLeavesWhatMakesNoElement() throws {
      let pipeline = try #require(
        ChunkPipeline(filters: [Filter(number: 2)], elementSize: 3, chunkBytes: 7))
      #expect(try pipeline.decode([1, 4, 2, 5, 3, 6, 7], mask: 0) == [1, 2, 3, 4, 5, 6, 7])
    }

    @Test func otherFiltersMayBeSkipped() throws {
      #expect(ChunkPipeline(filters: [], elementSize: 1, chunkBytes: 1) == nil)
      let pipeline = try #require(
        ChunkPipeline(
          filters: [Filter(number: 1), Filter(number: 4)], elementSize: 1, chunkBytes: 2))
      #expect(try pipeline.decode([7, 8], mask: 0b11) == [7, 8])
      #expect(flaw(pipeline, [7, 8]) == "is compressed with szip")
    }
  }
}

/// A zlib stream of one stored block.
private func zlibStream(_ bytes: [UInt8]) -> [UInt8] {
  var low: UInt32 = 1
  var high: UInt32 = 0
  for byte in bytes {
    low = (low + UInt32(byte)) % 65_521
    high = (high + low) % 65_521
  }
  let count = UInt8(bytes.count)
  let sum = [high >> 8, high, low >> 8, low].map { UInt8(truncatingIfNeeded: $0) }
  return [0x78, 0x01, 0x01, count, 0, ~count, 0xFF] + bytes + sum
}

/// What a pipeline finds wrong.
private func flaw(_ pipeline: ChunkPipeline, _ bytes: [UInt8]) -> String? {
  do throws(ChunkPipeline.Flaw) {
    _ = try pipeline.decode(bytes, mask: 0)
    return nil
  } catch {
    return error.problem
  }
}
