import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  @Suite struct Files {
    @Test func equalContentGivesEqualBytes() throws {
      let scratch = try Scratch()
      for name in ["a.h5", "b.h5"] {
        let file = try HDF5File.create(at: scratch.path(name))
        try file.root.setAttribute(named: "long", string: String(repeating: "x", count: 70_000))
        for index in 0..<40 {
          let group = try file.root.createGroup(named: LinkName("layer_\(index)"))
          try group.setAttribute(named: "weight_names", strings: ["kernel:0"])
          try group.createDataset(named: "kernel:0", type: .float32, shape: .simple([3]))
            .write([Float(1), 2, 3])
          try group.createDataset(
            named: "packed", type: .float32, shape: .simple([3]),
            storage: .chunked([2], deflateLevel: 4, checksum: true)
          ).write([Float(1), 2, 3])
        }
        try file.close()
        // Times in the file would differ from now on.
        if name == "a.h5" { try awaitNextSecond() }
      }
      #expect(try scratch.bytes("a.h5") == scratch.bytes("b.h5"))
    }

    @Test func smallGroupsStaySmall() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let top = try file.root.createGroup(named: "model_weights")
      for index in 0..<300 {
        let group = try top.createGroup(named: LinkName("convolutional_\(index)"))
        try group.setAttribute(named: "weight_names", string: "convolutional_1/kernel:0")
        try group.createDataset(named: "kernel:0", type: .float32, shape: .simple([32]))
          .write([Float](repeating: 1, count: 32))
      }
      try file.close()
      #expect(try scratch.bytes().count < 300 * 480)
    }

    @Test func nothingStaysOpen() throws {
      let scratch = try Scratch()
      let objects = try OpenIdentifiers.objectCount()
      let before = try OpenIdentifiers()
      do {
        let file = try HDF5File.create(at: scratch.path())
        let group = try file.root.createGroup(named: "g")
        try group.setAttribute(named: "a", strings: ["x", "y"])
        let dataset = try group.createDataset(
          named: "x", type: .float32, shape: .simple([4, 2]),
          storage: .chunked([2, 2], deflateLevel: 1))
        try dataset.write([Float](repeating: 0, count: 8))
        _ = try dataset.allFloats(rows: 1..<2)
        _ = try group.attribute(named: "a")?.strings()
        _ = failure { _ = try group.group(named: "x") }
        _ = failure { _ = try group.createGroup(named: "x") }
        try file.close()
        #expect(try OpenIdentifiers.objectCount() == objects)
        #expect(failure { _ = try group.links() }?.cause != nil)
      }
      do {
        let dataset = try HDF5File(readingFrom: scratch.path()).root.dataset(at: ["g", "x"])
        #expect(try dataset.allFloats().count == 8)
        let count = try withExtendedLifetime(dataset) { try OpenIdentifiers.objectCount() }
        // Reading opens nothing in libhdf5.
        #expect(count == objects)
      }
      #expect(try OpenIdentifiers.objectCount() == objects)
      let after = try OpenIdentifiers()
      #expect(try after.countOpened(since: before) == 0)
      #expect(after.countGivenOut(since: before) > 10)
    }

    @Test func closingTwiceIsHarmless() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.close()
      try file.close()
    }

    @Test func aFileOpenTwiceStaysOpenOnce() throws {
      let scratch = try Scratch()
      try HDF5File.create(at: scratch.path()).close()
      let first = try HDF5File(readingFrom: scratch.path())
      let second = try HDF5File(readingFrom: scratch.path())
      try first.close()
      #expect(try second.root.links() == [])
    }

    @Test func manyThreadsMayReadOneFile() async throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      for index in 0..<16 {
        try file.root.createDataset(
          named: LinkName("\(index)"), type: .int32, shape: .simple([1_000])
        ).write([Int32](repeating: Int32(index), count: 1_000))
      }
      try file.close()
      let root = try HDF5File(readingFrom: scratch.path()).root
      try await withThrowingTaskGroup(of: Bool.self) { tasks in
        for index in 0..<64 {
          tasks.addTask {
            let dataset = try root.dataset(named: LinkName("\(index % 16)"))
            return try dataset.allFloats().allSatisfy { $0 == Float(index % 16) }
          }
        }
        for try await isRight in tasks { #expect(isRight) }
      }
    }
  }

  @Suite struct BrokenFiles {
    @Test func aMissingFile() throws {
      let scratch = try Scratch()
      let error = failure { _ = try HDF5File(readingFrom: scratch.path()) }
      #expect(error?.kind == .unreadable)
      #expect(error?.file == scratch.path())
    }

    @Test func whatIsNoHDF5File() throws {
      let scratch = try Scratch()
      let text = try scratch.write("net.cfg", Array("[net]\nwidth=416".utf8))
      #expect(
        failure { _ = try HDF5File(readingFrom: text) }?.description == """
          \(text): is no HDF5 file
            expected: the signature \\x89HDF\\r\\n\\x1a\\n at byte 0, 512, 1024, 2048, …
            found: 15 bytes that start with 5b 6e 65 74 5d 0a 77 69
            remedy: check that the download or copy was complete
          """)
      let empty = try scratch.write("empty.h5", [])
      #expect(failure { _ = try HDF5File(readingFrom: empty) }?.found == "an empty file")
    }

    @Test func aTruncatedFile() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.createDataset(named: "x", type: .int8, shape: .simple([4_000]))
        .write([Int8](repeating: 1, count: 4_000))
      try file.close()
      let cut = try scratch.write("cut.h5", Array(scratch.bytes().dropLast(1_000)))
      let error = failure { _ = try HDF5File(readingFrom: cut) }
      #expect(error?.kind == .damaged)
      #expect(error?.problem == "is a truncated file")
    }

    @Test func aDamagedObject() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let group = try file.root.createGroup(named: "g")
      try group.setAttribute(named: "needle", string: "a text to be found")
      try file.close()
      var bytes = try scratch.bytes()
      let needle = Array("needle".utf8)
      let place = try #require(
        bytes.indices.first { bytes[$0...].starts(with: needle) })
      bytes[place] ^= 1
      let root = try HDF5File(readingFrom: try scratch.write("bad.h5", bytes)).root
      let error = failure { _ = try root.group(named: "g") }
      #expect(error?.kind == .damaged)
      #expect(error?.places.first == .path("/g"))
      #expect(error?.problem == "an object header does not match its checksum")
    }

    @Test func aFileThatCannotBeCreated() throws {
      let scratch = try Scratch()
      let error = failure { _ = try HDF5File.create(at: scratch.path("no/such/a.h5")) }
      #expect(error?.kind == .cannotCreate)
      #expect(
        error?.cause?.contains("unable to open file: No such file or directory (errno 2)") == true)
    }

    @Test func filesLeftOpenByTheirWriter() throws {
      let scratch = try Scratch()
      try makeFileLeftOpen(at: scratch.path(), copy: scratch.path("swmr.h5"), swmr: true)
      let file = try HDF5File(readingFrom: scratch.path("swmr.h5"))
      #expect(file.leftOpenByWriter)
      #expect(try file.root.links() == [])
      #expect(try HDF5File(readingFrom: scratch.path()).leftOpenByWriter == false)

      try makeFileLeftOpen(at: scratch.path(), copy: scratch.path("plain.h5"), swmr: false)
      let error = failure { _ = try HDF5File(readingFrom: scratch.path("plain.h5")) }
      #expect(error?.kind == .unreadable)
      #expect(error?.remedy?.contains("h5clear") == true)
    }

    @Test func aLockedFile() throws {
      let scratch = try Scratch()
      try HDF5File.create(at: scratch.path()).close()
      let lock = try ForeignLock(on: scratch.path())
      let error = failure { _ = try HDF5File(readingFrom: scratch.path()) }
      #expect(error?.kind == .unreadable)
      #expect(error?.remedy?.contains("--no-lock") == true)
      #expect(try HDF5File(readingFrom: scratch.path(), locked: false).root.links() == [])
      lock.release()
    }
  }
}
