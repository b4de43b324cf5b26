import CHDF5
import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  /// Files that make libhdf5 1.10.8 crash, or take memory or time without end, rebuilt from sound ones.
  @Suite struct Hostile {
    /// A sound file of the oldest format: a group with links, texts and numbers.
    private func oldFile(_ scratch: Scratch) throws -> [UInt8] {
      try makeFile(at: scratch.path("sound.h5"), H5F_LIBVER_EARLIEST) { file in
        let none = hid_t(H5P_DEFAULT)
        let group = nn_h5g_create(file, "g", none)
        let space = nn_h5s_simple(1, [4])
        let type = nn_h5t_float32()
        let dataset = nn_h5d_create(group, "x", type, space, none)
        let status = nn_h5d_write(dataset, type, space, space, [1, 2, 3, 4] as [Float])
        let text = nn_h5t_text(0, true)
        let attribute = nn_h5a_create(group, "names", text, space)
        let written = "some text".withCString { nn_h5a_write(attribute, text, [$0, $0, $0, $0]) }
        for identifier in [attribute, text, dataset, type, space, group] {
          nn_h5i_release(identifier)
        }
        return [group, dataset, hid_t(status), attribute, hid_t(written)]
      }
      return try scratch.bytes("sound.h5")
    }

    /// Reads all that is in a file.
    private func readAll(_ path: String) throws {
      let file = try HDF5File(readingFrom: path)
      _ = try file.root.attributeNames()
      try file.walk { row throws(ModelFileError) in
        switch row.link.target {
        case .hard(.group, _) where !row.closesCycle:
          let group = try row.parent.group(named: row.link.name)
          for name in try group.attributeNames() {
            _ = try group.attribute(named: name)?.texts()
          }
        case .hard(.dataset, _):
          let dataset = try row.parent.dataset(named: row.link.name)
          _ = try dataset.storedBytes
          if case .variableText = dataset.datatype.kind { return try dataset.checkTexts() }
          try dataset.checkReadable()
          let bytes = UnsafeMutableRawBufferPointer.allocate(
            byteCount: try dataset.elementCount() * dataset.datatype.size, alignment: 8)
          defer { bytes.deallocate() }
          try dataset.read(into: bytes)
        default: break
        }
      }
    }

    private func place(of signature: String, in bytes: [UInt8], after start: Int = 0) throws -> Int
    {
      try #require(
        bytes.indices.dropFirst(start).first { bytes[$0...].starts(with: signature.utf8) })
    }

    private func refusal(_ bytes: [UInt8], _ scratch: Scratch) throws -> ModelFileError? {
      let path = try scratch.write("bad.h5", bytes)
      return failure { try readAll(path) }
    }

    @Test func aTreeThatIsItsOwnChild() throws {
      let scratch = try Scratch()
      var bytes = try oldFile(scratch)
      let tree = try place(of: "TREE", in: bytes)
      bytes[tree + 5] = 1
      bytes.replaceSubrange(tree + 32..<tree + 40, with: littleEndian(UInt64(tree)))
      let error = try refusal(bytes, scratch)
      #expect(error?.kind == .damaged)
      #expect(error?.problem.contains("does not belong there") == true)
    }

    @Test func sizesBeyondTheFile() throws {
      let scratch = try Scratch()
      let sound = try oldFile(scratch)
      try readAll(scratch.path("sound.h5"))
      let heap = try place(of: "HEAP", in: sound) + 8
      let texts = try place(of: "GCOL", in: sound)
      for (offset, value) in [
        (heap, UInt64(1) << 40), (texts + 8, UInt64.max), (texts + 8, 0), (texts + 24, 1 << 62),
        (texts + 24, .max),
      ] {
        var bytes = sound
        bytes.replaceSubrange(offset..<offset + 8, with: littleEndian(value))
        #expect(try refusal(bytes, scratch)?.kind == .damaged)
      }
    }

    @Test func oneTextForManyElements() throws {
      let scratch = try Scratch()
      try makeFile(at: scratch.path(), H5F_LIBVER_EARLIEST) { file in
        let text = nn_h5t_text(0, true)
        let space = nn_h5s_simple(1, [3_000])
        let attribute = nn_h5a_create(file, "names", text, space)
        let long = [CChar](repeating: 65, count: 4_000) + [0]
        let written = long.withUnsafeBufferPointer { long in
          let pointers = (0..<3_000).map { $0 == 0 ? long.baseAddress : nil }
          return nn_h5a_write(attribute, text, pointers)
        }
        for identifier in [attribute, text, space] { nn_h5i_release(identifier) }
        return [attribute, hid_t(written)]
      }
      var bytes = try scratch.bytes()
      // The first reference: 4,000 bytes, the heap's address, number 1. The others get the same.
      let reference = try #require(
        bytes.indices.dropLast(16).first {
          bytes[$0..<$0 + 4].elementsEqual([0xA0, 0x0F, 0, 0])
            && bytes[$0 + 12..<$0 + 16].elementsEqual([1, 0, 0, 0])
        })
      for element in 1..<3_000 {
        let start = reference + element * 16
        bytes.replaceSubrange(start..<start + 16, with: bytes[reference..<reference + 16])
      }
      let root = try HDF5File(readingFrom: try scratch.write("a.h5", bytes)).root
      let error = failure { _ = try root.attribute(named: "names")?.texts() }
      #expect(error?.kind == .damaged)
      #expect(error?.problem.contains("too much text") == true)
    }

    @Test func datasetsTogetherStoreNoMoreThanTheFile() throws {
      let scratch = try Scratch()
      _ = try oldFile(scratch)
      let file = try InputFile(path: scratch.path("sound.h5"))
      let stored = try StoredFile(
        file: file, superblock: try Superblock(file, at: 0), limits: HDF5Limits())
      for _ in 0..<2 { try stored.charge(1, stored: file.size - 10, unwritten: 1 << 20) }
      let shared = failure { try stored.charge(2, stored: 11, unwritten: 0) }
      #expect(shared?.problem.contains("share their storage") == true)
      #expect(failure { try stored.charge(3, stored: 0, unwritten: 1 << 28) }?.kind == .unsupported)
      try stored.charge(4, stored: 10, unwritten: 0)
    }

    @Test(arguments: [UInt8(0xFF), 0x01])
    func everyByteMayBeWrong(_ mask: UInt8) throws {
      let scratch = try Scratch()
      let sound = try oldFile(scratch)
      for offset in sound.indices where sound[offset] != 0 || offset % 16 == 0 {
        var bytes = sound
        bytes[offset] ^= mask
        let path = try scratch.write("bad.h5", bytes)
        do {
          try readAll(path)
        } catch let error as ModelFileError {
          #expect([.damaged, .unsupported, .unreadable].contains(error.kind), "\(error)")
          #expect(error.file != nil)
        }
      }
    }
  }
}

private func littleEndian(_ value: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
}
