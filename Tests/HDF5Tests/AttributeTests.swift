import FileSupport
import TestSupport
import Testing

@testable import HDF5

extension HDF5Tests {
  @Suite struct Attributes {
    @Test func everyFormComesBack() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let root = file.root
      let long = String(repeating: "é", count: 35_000)
      try root.setAttribute(named: "text", string: "Grüße")
      try root.setAttribute(named: "empty", string: "")
      try root.setAttribute(named: "long", string: long)
      try root.setAttribute(named: "names", strings: ["a", "conv_1/kernel:0", ""])
      try root.setAttribute(named: "none", strings: [])
      try root.setAttribute(named: "numbers", integers: [.min, -1, 0, .max])
      try root.setAttribute(named: "bytes", bytes: [0, 1, 255, 0])
      try file.close()

      let read = try HDF5File(readingFrom: scratch.path()).root
      #expect(
        try read.attributeNames() == [
          "bytes", "empty", "long", "names", "none", "numbers", "text",
        ])
      #expect(try read.attribute(named: "text")?.string() == "Grüße")
      #expect(try read.attribute(named: "text")?.datatype.name == "string7")
      #expect(try read.attribute(named: "empty")?.string() == "")
      #expect(try read.attribute(named: "long")?.string() == long)
      #expect(try read.attribute(named: "long")?.datatype.kind == .variableText(isUTF8: true))
      #expect(try read.attribute(named: "names")?.strings() == ["a", "conv_1/kernel:0", ""])
      #expect(try read.attribute(named: "none")?.strings() == [])
      #expect(try read.attribute(named: "none")?.shape == .simple([0]))
      #expect(try read.attribute(named: "numbers")?.integers() == [.min, -1, 0, .max])
      #expect(try read.attribute(named: "numbers")?.doubles()[1] == -1)
      #expect(try read.attribute(named: "bytes")?.rawBytes() == [0, 1, 255, 0])
      #expect(try read.attribute(named: "absent") == nil)
    }

    @Test func settingTwiceReplaces() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.setAttribute(named: "a", string: "first")
      try file.root.setAttribute(named: "a", integers: [2])
      #expect(try file.root.attribute(named: "a")?.integers() == [2])
    }

    @Test func listsBeyondAnObjectHeaderAreRefused() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let names = (0..<1_000).map { LinkName("\($0)" + String(repeating: "x", count: 64)) }
      let error = failure { try file.root.setAttribute(named: "names", strings: names) }
      #expect(error?.kind == .unsupported)
      #expect(error?.problem == "the attribute 'names' is too large for one")
    }

    @Test func theWrongKindOfValueIsNamed() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let group = try file.root.createGroup(named: "g")
      try group.setAttribute(named: "n", integers: [1, 2])
      try group.setAttribute(named: "latin", strings: [LinkName(bytes: [0xE9])])
      try group.setAttribute(named: "two", strings: ["a", "b"])
      #expect(
        failure { _ = try group.attribute(named: "n")?.strings() }?.description == """
          \(scratch.path()): /g: its attribute 'n' holds int64
            expected: text
          """)
      #expect(
        failure { _ = try group.attribute(named: "two")?.integers() }?.problem
          == "its attribute 'two' holds string1")
      #expect(
        failure { _ = try group.attribute(named: "two")?.string() }?.problem
          == "its attribute 'two' holds 2 texts")
      #expect(
        failure { _ = try group.attribute(named: "latin")?.strings() }?.problem
          == "its attribute 'latin' holds text that is no valid UTF-8")
      #expect(try group.attribute(named: "latin")?.texts() == [[0xE9]])
    }

    @Test func limitsHoldBeforeReading() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      try file.root.setAttribute(named: "n", integers: [1, 2, 3])
      try file.root.setAttribute(named: "long", string: String(repeating: "x", count: 70_000))
      try file.close()
      var limits = HDF5Limits()
      limits.attributeElements = 2
      limits.textBytes = 60_000
      limits.links = 1
      let root = try HDF5File(readingFrom: scratch.path(), limits: limits).root
      #expect(failure { _ = try root.attribute(named: "n")?.integers() }?.kind == .damaged)
      #expect(failure { _ = try root.attribute(named: "long")?.string() }?.kind == .damaged)
      #expect(failure { _ = try root.attributeNames() }?.problem == "has too many attributes")
    }

    @Test func datasetsHaveAttributesToo() throws {
      let scratch = try Scratch()
      let file = try HDF5File.create(at: scratch.path())
      let dataset = try file.root.createDataset(
        named: "x", type: .opaque(size: 2), shape: .simple([1]))
      try dataset.setAttribute(named: "dtype", string: "bfloat16")
      try dataset.write([UInt16(0x3F80)])
      #expect(try dataset.attribute(named: "dtype")?.string() == "bfloat16")
      #expect(dataset.datatype.name == "opaque2")
    }
  }
}
