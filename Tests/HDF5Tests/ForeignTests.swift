import CHDF5
import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  /// What other software writes and this target only reads.
  @Suite struct ForeignContent {
    @Test func bigEndianNumbersComeBackLittleEndian() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      for (name, isCompressed) in [("plain", false), ("packed", true)] {
        try file.root.addDataset(
          named: name, type: bigEndian(nn_h5t_integer(true, 2)),
          bytes: [0, 1, 0, 2, 0xFF, 0xFF, 1, 0]
        ) { properties in
          isCompressed
            ? [hid_t(nn_h5p_chunked(properties, 1, [3])), hid_t(nn_h5p_deflate(properties, 5))] : []
        }
        let read = try file.root.dataset(named: LinkName(name))
        #expect(read.datatype.order == .big)
        #expect(read.datatype.name == "int16")
        #expect(try read.allBytes() == [1, 0, 2, 0, 0xFF, 0xFF, 0, 1])
        #expect(try read.allFloats() == [1, 2, -1, 256])
      }
    }

    @Test func numbersThatDoNotFillTheirBytes() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let type = nn_h5t_integer(true, 2)
      H5Tset_precision(type, 12)
      // −1 in 12 bits; the four bits above do not count.
      try file.root.addDataset(
        named: "x", type: type, bytes: [0xFF, 0x0F, 1, 0, 2, 0, 3, 0])
      let read = try file.root.dataset(named: "x")
      #expect(read.contiguousOffset == nil)
      #expect(try read.allBytes() == [0xFF, 0xFF, 1, 0, 2, 0, 3, 0])
    }

    @Test func recordsAndEnumerations() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let complex = H5Tcreate(H5T_COMPOUND, 8)
      for (name, offset) in [("r", 0), ("i", 4)] {
        let member = bigEndian(nn_h5t_float32())
        H5Tinsert(complex, name, offset, member)
        nn_h5i_release(member)
      }
      let one: [UInt8] = [0x3F, 0x80, 0, 0]
      try file.root.addDataset(
        named: "c", type: complex, bytes: (0..<8).flatMap { _ in one })
      let record = try file.root.dataset(named: "c")
      #expect(record.datatype.name == "complex64")
      #expect(try record.allBytes() == (0..<8).flatMap { _ in one.reversed() })
      #expect(failure { _ = try record.allFloats() }?.kind == .unsupported)

      let base = nn_h5t_integer(true, 1)
      let boolean = H5Tenum_create(base)
      nn_h5i_release(base)
      for (name, value) in [("FALSE", Int8(0)), ("TRUE", 1)] {
        withUnsafePointer(to: value) { _ = H5Tenum_insert(boolean, name, $0) }
      }
      try file.root.addDataset(named: "b", type: boolean, bytes: [1, 0, 0, 1])
      let flags = try file.root.dataset(named: "b")
      #expect(flags.datatype.name == "bool")
      #expect(try flags.allBytes() == [1, 0, 0, 1])
      #expect(try flags.allFloats() == [1, 0, 0, 1])
    }

    @Test func textOfVariableLength() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.addVariableText(named: "v", ["a", nil, "größer", ""], isUTF8: true)
      try file.root.addVariableText(named: "ascii", ["conv"], isUTF8: false)
      try file.root.addDataset(named: "x", type: nn_h5t_text(0, true))
      #expect(try file.root.attribute(named: "v")?.strings() == ["a", "", "größer", ""])
      #expect(try file.root.attribute(named: "ascii")?.string() == "conv")
      #expect(failure { _ = try file.root.attribute(named: "v")?.rawBytes() }?.kind == .damaged)
      let dataset = try file.root.dataset(named: "x")
      #expect(dataset.contiguousOffset == nil)
      #expect(failure { _ = try dataset.allBytes() }?.kind == .unsupported)
    }

    @Test func elementsInOtherFilesAreNotRead() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.addDataset(named: "x", type: nn_h5t_integer(false, 1)) {
        [hid_t(H5Pset_external($0, "/etc/hostname", 0, 4))]
      }
      try file.close()
      let root = try HDF5File(readingFrom: scratch.path()).root
      let external = try root.dataset(named: "x")
      #expect(external.layout == .external)
      #expect(external.contiguousOffset == nil)
      #expect(failure { _ = try external.allBytes() }?.kind == .damaged)

      try makeVirtualDataset(at: scratch.path("v.h5"))
      let virtual = try HDF5File(readingFrom: scratch.path("v.h5")).root.dataset(named: "v")
      #expect(virtual.layout == .virtual)
      #expect(failure { _ = try virtual.allBytes() }?.kind == .damaged)
    }

    @Test func filtersThatAreNotThereAreNamed() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      // The mask tells which filters the second chunk skipped.
      for (name, mask) in [("x", UInt32(0)), ("skipped", 1)] {
        try file.root.addDataset(named: name, type: nn_h5t_float32()) {
          [
            hid_t(nn_h5p_chunked($0, 1, [2])),
            // Optional, so that libhdf5 makes the dataset without having the filter.
            hid_t(H5Pset_filter($0, 32_000, UInt32(H5Z_FLAG_OPTIONAL), 0, nil)),
          ]
        }
        try file.root.withLibrary { group in
          let dataset = nn_h5d_open(group, name)
          defer { nn_h5i_release(dataset) }
          let status = H5Dwrite_chunk(
            dataset, hid_t(H5P_DEFAULT), mask, [2], 8, [1, 2] as [Float])
          return [dataset, hid_t(status)]
        }
      }
      let dataset = try file.root.dataset(named: "x")
      #expect(dataset.filters.map(\.name) == ["lzf"])
      let error = failure { _ = try dataset.allFloats() }
      #expect(error?.kind == .unsupported)
      #expect(error?.problem == "is compressed with lzf (filter 32000)")
      #expect(try file.root.dataset(named: "skipped").allFloats() == [0, 0, 1, 2])
    }

    @Test func floatsByTheirFields() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      // As HDF5 2.0 has bfloat16; and float32 with another bias, which is no float32.
      let brain = H5Tcopy(nn_h5t_float32())
      H5Tset_fields(brain, 15, 7, 8, 0, 7)
      H5Tset_size(brain, 2)
      H5Tset_ebias(brain, 127)
      try file.root.addDataset(
        named: "brain", type: brain, bytes: [0x80, 0x3F, 0x20, 0xC0, 0, 0, 0x80, 0x7F])
      let shifted = nn_h5t_float32()
      H5Tset_ebias(shifted, 126)
      let one: [UInt8] = [0, 0, 0x80, 0x3F]
      try file.root.addDataset(
        named: "shifted", type: shifted, bytes: (0..<4).flatMap { _ in one })
      let read = try file.root.dataset(named: "brain")
      #expect(read.datatype.name == "bfloat16")
      #expect(read.datatype.floatFormat == .bfloat16)
      #expect(try read.allFloats() == [1, -2.5, 0, .infinity])
      let other = try file.root.dataset(named: "shifted")
      #expect(other.datatype.floatFormat == nil)
      #expect(try other.allFloats() == [2, 2, 2, 2])
    }

    @Test func aNamedDatatypeIsListed() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.withLibrary { group in
        let type = nn_h5t_float32()
        defer { nn_h5i_release(type) }
        let none = hid_t(H5P_DEFAULT)
        return [hid_t(H5Tcommit2(group, "t", type, none, none, none))]
      }
      guard case .hard(.namedDatatype, _) = try file.root.links().first?.target else {
        Issue.record("no named datatype is listed")
        return
      }
      #expect(failure { _ = try file.root.group(named: "t") }?.problem == "is a named datatype")
    }
  }
}

/// The type with its most significant byte first.
private func bigEndian(_ type: hid_t) -> hid_t {
  H5Tset_order(type, H5T_ORDER_BE)
  return type
}
