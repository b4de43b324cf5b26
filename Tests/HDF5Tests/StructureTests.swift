import CHDF5
import FileSupport
import TestSupport
import Testing

@testable import HDF5

/// Makes a file with libhdf5's functions, in the format of a version.
func makeFile(
  at path: String, _ version: H5F_libver_t, _ body: (hid_t) -> [hid_t]
) throws {
  let statuses = try Library.run {
    let access = nn_h5p_file_access()
    H5Pset_libver_bounds(access, version, H5F_LIBVER_V110)
    let file = nn_h5f_create(path, hid_t(H5P_DEFAULT), access)
    let statuses = body(file)
    nn_h5f_close(file)
    nn_h5i_release(access)
    return statuses + [file]
  }
  #expect(statuses.allSatisfy { $0 >= 0 })
}

extension HDF5Tests {
  @Suite struct Structures {
    @Test func checksums() {
      #expect(Lookup3.checksum([]) == 0xDEAD_BEEF)
      let text = Array("Four score and seven years ago".utf8)
      #expect(Lookup3.checksum(text[...]) == 0x1777_0551)
    }

    /// How chunks are found depends on what the dataset may grow to, and on how large its index is.
    struct ChunkCase: Sendable {
      let shape: [UInt64]
      let maximum: [UInt64]
      let chunk: [UInt64]
      var isFiltered = false
      var isEarly = false
    }

    private static let endless = UInt64.max

    @Test(arguments: [
      ChunkCase(shape: [6, 5], maximum: [6, 5], chunk: [6, 5]),
      ChunkCase(shape: [6, 5], maximum: [6, 5], chunk: [6, 5], isFiltered: true),
      ChunkCase(shape: [7, 5], maximum: [7, 5], chunk: [2, 3], isEarly: true),
      ChunkCase(shape: [7, 5], maximum: [9, 8], chunk: [2, 3]),
      ChunkCase(shape: [7, 5], maximum: [9, 8], chunk: [2, 3], isFiltered: true),
      ChunkCase(shape: [2_500], maximum: [2_500], chunk: [1]),
      ChunkCase(shape: [2_500], maximum: [3_000], chunk: [1], isFiltered: true),
      ChunkCase(shape: [7, 5], maximum: [endless, 8], chunk: [2, 3]),
      ChunkCase(shape: [5, 7], maximum: [8, endless], chunk: [3, 2], isFiltered: true),
      ChunkCase(shape: [9_000], maximum: [endless], chunk: [1]),
      ChunkCase(shape: [7, 5], maximum: [endless, endless], chunk: [2, 3]),
      ChunkCase(shape: [60, 50], maximum: [endless, endless], chunk: [1, 1], isFiltered: true),
      ChunkCase(shape: [3, 4, 5], maximum: [3, 4, 5], chunk: [2, 4, 3]),
    ])
    func everyChunkIsFound(_ form: ChunkCase) throws {
      let scratch = try Scratch()
      let count = Int(form.shape.reduce(1, *))
      let values = (0..<Int32(count)).map { $0 &* 7 }
      for version in [H5F_LIBVER_EARLIEST, H5F_LIBVER_V110] {
        try makeFile(at: scratch.path(), version) { file in
          let properties = nn_h5p_dataset_create()
          nn_h5p_chunked(properties, Int32(form.chunk.count), form.chunk)
          if form.isFiltered { nn_h5p_deflate(properties, 3) }
          if form.isEarly { nn_h5p_allocate_early(properties) }
          let space = H5Screate_simple(Int32(form.shape.count), form.shape, form.maximum)
          let type = nn_h5t_integer(true, 4)
          let dataset = nn_h5d_create(file, "x", type, space, properties)
          let status = nn_h5d_write(dataset, type, space, space, values)
          for identifier in [dataset, type, space, properties] { nn_h5i_release(identifier) }
          return [dataset, hid_t(status)]
        }
        let dataset = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
        #expect(dataset.layout == .chunked)
        #expect(dataset.chunkShape == form.chunk)
        #expect(try dataset.allBytes() == values.withUnsafeBytes { Array($0) })
      }
    }

    @Test func pagesOfAGrowingArray() throws {
      let scratch = try Scratch()
      let values = (0..<2_500).map { Int8(truncatingIfNeeded: $0) }
      try makeFile(at: scratch.path(), H5F_LIBVER_V110) { file in
        let properties = nn_h5p_dataset_create()
        nn_h5p_chunked(properties, 1, [1])
        let space = H5Screate_simple(1, [135_000], [Self.endless])
        let memory = nn_h5s_simple(1, [2_500])
        nn_h5s_select_block(space, [132_000], [2_500])
        let type = nn_h5t_integer(true, 1)
        let dataset = nn_h5d_create(file, "x", type, space, properties)
        let status = nn_h5d_write(dataset, type, memory, space, values)
        for identifier in [dataset, type, memory, space, properties] { nn_h5i_release(identifier) }
        return [dataset, hid_t(status)]
      }
      let dataset = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      let read = try dataset.allBytes(rows: 131_000..<135_000)
      let expected = [Int8](repeating: 0, count: 1_000) + values + [Int8](repeating: 0, count: 500)
      #expect(read == expected.map { UInt8(bitPattern: $0) })
      #expect(try dataset.storedBytes == 2_500)
    }

    @Test func manyLinksAndAttributes() throws {
      let scratch = try Scratch()
      for version in [H5F_LIBVER_EARLIEST, H5F_LIBVER_V18, H5F_LIBVER_V110] {
        try makeFile(at: scratch.path(), version) { file in
          let scalar = nn_h5s_scalar()
          let type = nn_h5t_integer(true, 4)
          var statuses: [hid_t] = []
          for number in 0..<700 {
            let group = nn_h5g_create(file, "a group of number \(number)", hid_t(H5P_DEFAULT))
            statuses.append(group)
            nn_h5i_release(group)
          }
          for number in 0..<Int32(150) {
            let attribute = nn_h5a_create(file, "attribute \(number)", type, scalar)
            statuses.append(hid_t(nn_h5a_write(attribute, type, [number])))
            nn_h5i_release(attribute)
          }
          // Larger than a block of the heap of attributes takes.
          let large = nn_h5s_simple(1, [3_000])
          let attribute = nn_h5a_create(file, "large", type, large)
          statuses.append(hid_t(nn_h5a_write(attribute, type, [Int32](repeating: 9, count: 3_000))))
          for identifier in [attribute, large, type, scalar] { nn_h5i_release(identifier) }
          return statuses
        }
        let root = try HDF5File(readingFrom: scratch.path()).root
        #expect(try root.links().count == 700)
        #expect(try root.hasLink(named: "a group of number 699"))
        #expect(try root.group(named: "a group of number 123").links() == [])
        #expect(try root.attributeNames().count == 151)
        for number in [0, 77, 149] {
          let attribute = try root.attribute(named: LinkName("attribute \(number)"))
          #expect(try attribute?.integers() == [Int64(number)])
        }
        let large = try root.attribute(named: "large")?.integers()
        #expect(large == [Int64](repeating: 9, count: 3_000))
      }
    }

    @Test func aTypeThatHasAName() throws {
      let scratch = try Scratch()
      try makeFile(at: scratch.path(), H5F_LIBVER_EARLIEST) { file in
        let none = hid_t(H5P_DEFAULT)
        let type = nn_h5t_float64()
        let space = nn_h5s_simple(1, [2])
        let committed = H5Tcommit2(file, "t", type, none, none, none)
        let dataset = nn_h5d_create(file, "x", type, space, none)
        let status = nn_h5d_write(dataset, type, space, space, [1.5, -2])
        for identifier in [dataset, type, space] { nn_h5i_release(identifier) }
        return [hid_t(committed), dataset, hid_t(status)]
      }
      let dataset = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      #expect(dataset.datatype == .float64)
      #expect(try dataset.allFloats() == [1.5, -2])
    }

    @Test func textsOfADataset() throws {
      let scratch = try Scratch()
      try makeFile(at: scratch.path(), H5F_LIBVER_EARLIEST) { file in
        let type = nn_h5t_text(0, true)
        let space = nn_h5s_simple(1, [3])
        let dataset = nn_h5d_create(file, "x", type, space, hid_t(H5P_DEFAULT))
        let status = "größer".withCString { text in
          nn_h5d_write(dataset, type, space, space, [text, text, text])
        }
        for identifier in [dataset, type, space] { nn_h5i_release(identifier) }
        return [dataset, hid_t(status)]
      }
      let dataset = try HDF5File(readingFrom: scratch.path()).root.dataset(named: "x")
      #expect(try dataset.texts() == [[UInt8]](repeating: Array("größer".utf8), count: 3))
      try dataset.checkTexts()
    }
  }
}
