import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import SafeTensors

/// Headers that keep the format's rules, and that break them. `Tests/Interop/test_safetensors.py` holds them against the
/// format's own library.
@Suite struct HeaderReaderTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func tensorsAreListedByTheirBytes() throws {
    let container = try scratch.read(
      header: #"{"b":{"dtype":"I16","shape":[],"data_offsets":[8,10]},"__metadata__":{"k":"v"},"#
        + #""a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}}  "#, dataBytes: 10)
    #expect(container.tensors.map(\.name) == ["a", "b"])
    #expect(container.tensors.map(\.shape) == [[1, 2], []])
    #expect(container.tensors.map(\.elementType) == [.float32, .int16])
    #expect(container.metadata("k") == "v" && container.metadata.count == 1)
    #expect(container["b"]?.source.byteCount == 2 && container["c"] == nil)
    let offsets = container.tensors.compactMap(\.offset)
    #expect(offsets[1] == offsets[0] + 8 && offsets[1] + 2 == container.file.size)
  }

  @Test func emptyTensorsAndFilesAreSound() throws {
    #expect(try scratch.read(header: "{}", dataBytes: 0).tensors.isEmpty)
    let container = try scratch.read(
      header: #"{"a":{"dtype":"F64","shape":[0,9],"data_offsets":[0,0]},"#
        + #""b":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}"#, dataBytes: 1)
    #expect(container.tensors.map(\.name) == ["a", "b"])
    #expect(container["b"]?.elementType == nil)
    let error = try failure { try #require(container["b"]).numbers() }
    #expect(error.kind == .unsupported)
  }

  @Test func whatMeansNothingIsTold() throws {
    let container = try scratch.read(
      header: #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":[{}]}}"#, dataBytes: 1)
    #expect(container.warnings.count == 1 && container.warnings[0].description.contains("note"))
  }

  private static func one(
    _ type: String = "F32", _ shape: String = "[2]", _ offsets: String = "[0,8]"
  ) -> String {
    #"{"a":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  private static func two(_ first: String, _ second: String) -> String {
    #"{"a":{"dtype":"U8","shape":[4],"data_offsets":\#(first)},"#
      + #""b":{"dtype":"U8","shape":[4],"data_offsets":\#(second)}}"#
  }

  @Test(arguments: [
    (one("F33"), 8, "type"), (one("F32", "[3]"), 8, "another shape"),
    (one("F32", "[-2]"), 8, "shape"), (one("F32", "[2.0]"), 8, "shape"),
    (one("F32", "2"), 8, "shape"), (one("F32", "[2]", "[0]"), 8, "data_offsets"),
    (one("F32", "[2]", "[8,0]"), 8, "beginning"), (one("F4", "[3]", "[0,1]"), 1, "size"),
    (one("U8", "[4294967296,4294967296,4294967296]", "[0,0]"), 0, "size"),
    (one("F32", "[2]", "[0,8]"), 9, "follow"), (one("F32", "[2]", "[0,8]"), 7, "ends before"),
    (one("F32", "[2]", "[1,9]"), 9, "no tensor"), (two("[0,4]", "[5,9]"), 9, "no tensor"),
    (two("[0,4]", "[3,7]"), 7, "over another"), (two("[0,4]", "[0,4]"), 4, "over another"),
    (#"{"a":{"shape":[1],"data_offsets":[0,1]}}"#, 1, "dtype"), (#"{"a":7}"#, 0, "object"),
    (
      #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
        + #""a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 1, "twice"
    ),
    (#"{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, 1, "twice"),
    (#"{"__metadata__":{"k":1}}"#, 0, "no text"), (#"{"__metadata__":[]}"#, 0, "object"),
    (#"{"__metadata__":{},"__metadata__":{}}"#, 0, "twice"),
    ("[]", 0, "object"), ("", 0, "object"), (" {}", 0, "object"), ("{}x", 0, "goes on"),
    ("{\"a\":", 0, "JSON"),
    (#"{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,1]}}"#, 1, "JSON"),
  ])
  func brokenRulesAreRefused(header: String, dataBytes: Int, problem: String) throws {
    let error = try failure { try scratch.read(header: header, dataBytes: dataBytes) }
    #expect(error.kind == .damaged && error.file != nil)
    #expect("\(error)".contains(problem), "\(error)")
  }

  @Test(arguments: [
    ([UInt8](), "ends inside"), ([1, 0, 0], "ends inside"),
    ([9, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "longer than the file"),
    ([1, 0xE1, 0xF5, 5, 0, 0, 0, 0, 0x7B, 0x7D], "allows"),
    ([UInt8](repeating: 0xFF, count: 8) + [0x7B, 0x7D], "allows"),
  ])
  func lengthsAreHeldAgainstTheFile(bytes: [UInt8], problem: String) throws {
    let error = try failure { try scratch.read(bytes) }
    #expect(error.kind == .damaged)
    #expect("\(error)".contains(problem), "\(error)")
  }

  /// Whatever the bytes are, they are read or refused, and what is read lies inside the file.
  @Test func mutantsAreReadOrRefused() throws {
    let sound = Scratch.bytes(
      header: #"{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"BF16","shape":[3],"data_offsets":[8,14]}}"#, dataBytes: 14)
    var random = SplitMix64(seed: 11)
    var accepted = 0
    for _ in 0..<6_000 {
      var bytes = sound
      for _ in 0...random.next() % 3 {
        let place = Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] = Array("0129{}[],:\"-.e ".utf8)[Int(random.next() % 15)]
        case 2: bytes.remove(at: place)
        default: bytes.insert(bytes[Int(random.next() % UInt64(bytes.count))], at: place)
        }
      }
      do throws(ModelFileError) {
        let path = try failureFree { try scratch.write("x.safetensors", bytes) }
        let container = try SafeTensorsFormat().open(try InputFile(path: path))
        accepted += 1
        for tensor in container.tensors {
          let end = (tensor.offset ?? 0) + UInt64(tensor.source.byteCount)
          #expect(end <= UInt64(bytes.count))
        }
      } catch {
        #expect(error.kind == .damaged, "\(error)")
      }
    }
    #expect(accepted > 30 && accepted < 5_970)
  }

  private func failureFree<T>(_ body: () throws -> T) throws(ModelFileError) -> T {
    do { return try body() } catch { throw ModelFileError(.inputOutput, "\(error)") }
  }
}
