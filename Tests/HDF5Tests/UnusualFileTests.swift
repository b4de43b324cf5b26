import CHDF5
import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  /// Files whose structure lies elsewhere than in most: in shared messages, in an image of the writer's cache,
  /// in other files.
  @Suite struct UnusualFiles {
    /// Makes a file of the newest format with two datasets `a` and `b`, of three numbers each.
    private func make(
      at path: String, creation configureCreation: (hid_t) -> herr_t = { _ in 0 },
      access configureAccess: (hid_t) -> herr_t = { _ in 0 }
    ) throws {
      let statuses = try Library.run {
        let creation = nn_h5p_file_create()
        let access = nn_h5p_file_access()
        H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
        var statuses = [hid_t(configureCreation(creation)), hid_t(configureAccess(access))]
        let file = nn_h5f_create(path, creation, access)
        let space = nn_h5s_simple(1, [3])
        let type = nn_h5t_float32()
        for name in ["a", "b"] {
          let dataset = nn_h5d_create(file, name, type, space, hid_t(H5P_DEFAULT))
          let attribute = nn_h5a_create(dataset, "note", type, space)
          statuses.append(
            hid_t(nn_h5d_write(dataset, type, space, space, [1, 2, 3] as [Float])))
          statuses.append(hid_t(nn_h5a_write(attribute, type, [4, 5, 6] as [Float])))
          for identifier in [attribute, dataset] { nn_h5i_release(identifier) }
        }
        for identifier in [type, space] { nn_h5i_release(identifier) }
        statuses += [file, hid_t(nn_h5f_close(file))]
        for identifier in [access, creation] { nn_h5i_release(identifier) }
        return statuses
      }
      #expect(statuses.allSatisfy { $0 >= 0 })
    }

    private func expectSound(_ path: String) throws {
      let root = try HDF5File(readingFrom: path).root
      for name: LinkName in ["a", "b"] {
        let dataset = try root.dataset(named: name)
        #expect(try dataset.allFloats() == [1, 2, 3])
        #expect(try dataset.attribute(named: "note")?.doubles() == [4, 5, 6])
      }
    }

    /// All kinds in one index; shapes and types apart, and soon in a tree.
    @Test(arguments: [[UInt32(0x182A)], [0x2, 0x8, 0x1820]])
    func sharedMessages(kinds: [UInt32]) throws {
      let scratch = try Scratch()
      try make(at: scratch.path()) { creation in
        H5Pset_shared_mesg_nindexes(creation, UInt32(kinds.count))
        for (index, kinds) in kinds.enumerated() {
          H5Pset_shared_mesg_index(creation, UInt32(index), kinds, 0)
        }
        return H5Pset_shared_mesg_phase_change(creation, 1, 0)
      }
      let bytes = try scratch.bytes()
      #expect(bytes.firstRange(of: Array("SMTB".utf8)) != nil)
      try expectSound(scratch.path())
    }

    @Test func aCacheImage() throws {
      let scratch = try Scratch()
      try make(
        at: scratch.path(),
        access: { access in
          var config = H5AC_cache_image_config_t(
            version: H5AC__CURR_CACHE_IMAGE_CONFIG_VERSION, generate_image: true,
            save_resize_status: false, entry_ageout: -1)
          return H5Pset_mdc_image_config(access, &config)
        })
      var bytes = try scratch.bytes()
      let image = try #require(bytes.firstRange(of: Array("MDCI".utf8)))
      try expectSound(scratch.path())
      bytes[image.upperBound + 40] ^= 1
      let damaged = try scratch.write("damaged.h5", bytes)
      #expect(failure { _ = try HDF5File(readingFrom: damaged) }?.kind == .damaged)
    }

    @Test func partsOfAFamily() throws {
      let scratch = try Scratch()
      try make(
        at: scratch.path("f%02d.h5"),
        access: { H5Pset_fapl_family($0, 512, hid_t(H5P_DEFAULT)) })
      let first = failure { _ = try HDF5File(readingFrom: scratch.path("f00.h5")) }
      #expect(first?.kind == .unsupported)
      #expect(first?.problem.contains("a file family") == true)
      let second = failure { try HDF5File.checkIsNoPart(scratch.path("f01.h5")) }
      #expect(second?.kind == .unsupported)
      #expect(second?.found == "the first part, \(scratch.path("f00.h5"))")
      // A like name proves nothing.
      try make(at: scratch.path("g00.h5"))
      try HDF5File.checkIsNoPart(scratch.write("g01.h5", [1, 2, 3]))
    }
  }

  /// What is damaged does not hide what is not.
  @Suite struct Damage {
    /// A file with datasets `a` to `j` in a group and the bytes of the headers' signatures or versions.
    private func make(_ scratch: Scratch, _ version: H5F_libver_t) throws -> [UInt64] {
      try makeFile(at: scratch.path(), version) { file in
        let none = hid_t(H5P_DEFAULT)
        let group = nn_h5g_create(file, "g", none)
        let space = nn_h5s_simple(1, [2])
        let type = nn_h5t_float32()
        let datasets = "abcdefghij".map { nn_h5d_create(group, String($0), type, space, none) }
        for identifier in datasets + [type, space, group] { nn_h5i_release(identifier) }
        return datasets + [group]
      }
      return try HDF5File(readingFrom: scratch.path()).root.group(named: "g").links().map {
        guard case .hard(_, let address) = $0.target else { return 0 }
        return address
      }
    }

    private func list(_ path: String) throws -> (names: [String], flaws: [ModelFileError]) {
      var names: [String] = []
      var flaws: [ModelFileError] = []
      try HDF5File(readingFrom: path).walk { (flaw) throws(ModelFileError) in
        flaws.append(flaw)
      } _: { row in
        names.append(row.path.pathText)
      }
      return (names, flaws)
    }

    @Test(arguments: [H5F_LIBVER_EARLIEST, H5F_LIBVER_V110])
    func oneHeader(_ version: H5F_libver_t) throws {
      let scratch = try Scratch()
      let addresses = try make(scratch, version)
      var bytes = try scratch.bytes()
      for place in [1, 4] { bytes[Int(addresses[place])] ^= 0x55 }
      let (names, flaws) = try list(scratch.write("bad.h5", bytes))
      #expect(names == ["/g"] + "acdfghij".map { "/g/\($0)" })
      #expect(flaws.map(\.kind) == [.damaged, .damaged])
      #expect(flaws.map(\.places.first) == [.path("/g/b"), .path("/g/e")])
      let group = try HDF5File(readingFrom: scratch.path("bad.h5")).root.group(named: "g")
      #expect(failure { _ = try group.links() }?.places.first == .path("/g/b"))
    }

    /// The tables of the older form hold eight links each.
    @Test func oneTableOfLinks() throws {
      let scratch = try Scratch()
      _ = try make(scratch, H5F_LIBVER_EARLIEST)
      var bytes = try scratch.bytes()
      let tables = bytes.indices.filter { bytes[$0...].starts(with: "SNOD".utf8) }
      try #require(tables.count > 2)
      bytes[tables[tables.count - 1]] = 0
      let (names, flaws) = try list(scratch.write("bad.h5", bytes))
      #expect(names.count > 4 && names.count < 11)
      #expect(flaws.map(\.places.first) == [.path("/g")])
      let group = try HDF5File(readingFrom: scratch.path("bad.h5")).root.group(named: "g")
      #expect(failure { _ = try group.links() }?.kind == .damaged)
      #expect(failure { _ = try group.target(named: "missing") }?.kind == .damaged)
    }
  }
}
