import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  @Suite struct Groups {
    @Test func linksAreListedInByteOrder() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let composed = LinkName("é")
      let decomposed = LinkName("e\u{301}")
      let latin = LinkName(bytes: [0xE9, 0x31])
      for name in ["b", composed, "10", latin, "2", decomposed, "B"] as [LinkName] {
        try file.root.createGroup(named: name)
      }
      try file.close()
      let root = try HDF5File(readingFrom: scratch.path()).root
      #expect(
        try root.links().map(\.name) == ["10", "2", "B", "b", decomposed, composed, latin])
      #expect(composed != decomposed)
      #expect(latin.description == "hex:e931")
      #expect(try root.group(named: latin).path.pathText == "/hex:e931")
    }

    @Test func hardLinksLeadToOneObject() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let group = try file.root.createGroup(named: "g")
      let dataset = try group.createDataset(named: "x", type: .int8, shape: .simple([2]))
      try dataset.write([Int8(5), 6])
      try file.root.createHardLink(named: "y", to: dataset)
      try file.root.createHardLink(named: "h", to: group)
      try file.close()
      let root = try HDF5File(readingFrom: scratch.path()).root
      #expect(try root.dataset(named: "y").allBytes() == [5, 6])
      #expect(try root.dataset(at: ["h", "x"]).allBytes() == [5, 6])
      let inGroup = try root.group(named: "h").target(named: "x")
      #expect(try root.target(named: "y") == inGroup)
      #expect(try root.target(named: "absent") == nil)
    }

    @Test func whatIsNotThereIsNamed() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let group = try file.root.createGroup(named: "g")
      _ = try group.createDataset(named: "x", type: .int8, shape: .simple([2]))
      #expect(
        failure { _ = try file.root.dataset(at: ["g", "z"]) }?.description == """
          \(scratch.path()): /g/z: does not exist
            expected: a dataset
          """)
      #expect(
        failure { _ = try group.group(named: "x") }?.description == """
          \(scratch.path()): /g/x: is a dataset
            expected: a group
          """)
      // libhdf5 would take these for paths.
      for name in ["g/x", ".", "", "x\0"] as [LinkName] {
        #expect(failure { _ = try file.root.dataset(named: name) }?.kind == .damaged)
        #expect(failure { try file.root.createGroup(named: name) }?.kind == .unsupported)
      }
    }

    @Test func otherLinksAreListedAndRefused() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      _ = try file.root.createDataset(named: "x", type: .int8, shape: .simple([2]))
      try file.root.addSoftLink(named: "soft", to: "/x")
      try file.root.addExternalLink(named: "outside", to: "/y", in: "other.h5")
      #expect(
        try file.root.links().map(\.target)[..<2] == [
          .external(file: "other.h5", target: "/y"), .soft(target: "/x"),
        ])
      let soft = failure { _ = try file.root.dataset(named: "soft") }
      #expect(soft?.kind == .damaged)
      #expect(soft?.problem == "is a soft link, which is not followed")
      #expect(soft?.found == "a link to /x")
      let outside = failure { _ = try file.root.group(named: "outside") }
      #expect(outside?.kind == .damaged)
      #expect(outside?.found == "a link to /y in other.h5")
    }

    @Test func manyLinksStayFast() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let dataset = try file.root.createDataset(named: "x", type: .int8, shape: .simple([2]))
      let group = try file.root.createGroup(named: "g")
      for index in 0..<5_000 { try group.createHardLink(named: LinkName("\(index)"), to: dataset) }
      try file.close()
      let read = try HDF5File(readingFrom: scratch.path()).root.group(named: "g")
      let clock = ContinuousClock()
      var count = 0
      let duration = try clock.measure { count = try read.links().count }
      #expect(count == 5_000)
      // It takes some 30 ms; a search per link that starts over each time would take seconds.
      #expect(duration < .seconds(2))
    }
  }

  @Suite struct Walks {
    @Test func everyPathIsARowAndCyclesEnd() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let a = try file.root.createGroup(named: "a")
      let b = try a.createGroup(named: "b")
      let dataset = try b.createDataset(named: "x", type: .int8, shape: .simple([2]))
      try b.createHardLink(named: "up", to: a)
      try b.createHardLink(named: "zero", to: file.root)
      try file.root.createHardLink(named: "c", to: b)
      try file.root.createHardLink(named: "d", to: dataset)
      try file.close()
      var rows: [String] = []
      try HDF5File(readingFrom: scratch.path()).walk { row throws(ModelFileError) in
        rows.append(row.path.pathText + (row.closesCycle ? " back" : ""))
      }
      #expect(
        rows == [
          "/a", "/a/b", "/a/b/up back", "/a/b/x", "/a/b/zero back",
          "/c", "/c/up", "/c/up/b back", "/c/x", "/c/zero back", "/d",
        ])
    }

    @Test func limitsEndIt() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      var group = file.root
      for _ in 0..<20 { group = try group.createGroup(named: "g") }
      try file.close()
      var limits = HDF5Limits()
      limits.walkDepth = 10
      #expect(
        failure {
          try HDF5File(readingFrom: scratch.path(), limits: limits).walk { _ in }
        }?.problem == "lies too deep")
      limits.walkDepth = 100
      limits.walkRows = 5
      #expect(
        failure {
          try HDF5File(readingFrom: scratch.path(), limits: limits).walk { _ in }
        }?.problem == "has too many paths")
    }
  }
}
