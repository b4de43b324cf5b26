import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import SafeTensors

/// What is written is read again.
@Suite struct RoundTripTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func written(
    _ tensors: [NamedTensor], _ metadata: [(key: String, value: String)] = []
  ) throws -> TensorContainer {
    let path = scratch.path("out.safetensors")
    let output = try OutputFile(path: path, overwrites: true)
    try SafeTensorsFormat().write(tensors, metadata: metadata, to: output) { _ in }
    try OutputFile.commit([output])
    return try SafeTensorsFormat().open(try InputFile(path: path))
  }

  private func tensor(
    _ name: String, _ type: ElementType, _ shape: Shape, view: StridedView? = nil
  ) -> NamedTensor {
    let count = shape.elementCount * type.byteCount
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    return NamedTensor(
      name: name, shape: shape,
      tensor: OrderedTensor(
        source: MemorySource(bytes: bytes), elementType: type,
        view: view ?? StridedView(contiguous: shape)))
  }

  @Test func allTypesComeBack() throws {
    let tensors = ElementType.allCases.map { tensor("\($0)", $0, [3, 5]) }
    let container = try written(tensors, [("a", "b"), ("é", "\u{1}\"")])
    #expect(Set(container.tensors.compactMap(\.elementType)) == Set(ElementType.allCases))
    #expect(container.metadata("é") == "\u{1}\"")
    for tensor in container.tensors {
      let offset = try #require(tensor.offset)
      #expect(offset % UInt64(tensor.elementType?.byteCount ?? 1) == 0, "aligned")
      var bytes = [UInt8](repeating: 0, count: tensor.source.byteCount)
      try bytes.withUnsafeMutableBytes { try tensor.source.read(into: $0, at: 0) }
      #expect(bytes == (0..<bytes.count).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    }
  }

  @Test func walksAreWrittenInTheirOrder() throws {
    let turned = tensor(
      "t", .uint8, [3, 2], view: StridedView(contiguous: [2, 3]).permuted([1, 0]))
    let container = try written([turned])
    var bytes = [UInt8](repeating: 0, count: 6)
    try bytes.withUnsafeMutableBytes {
      try #require(container["t"]).source.read(into: $0, at: 0)
    }
    #expect(bytes == [0, 21, 7, 28, 14, 35])
  }

  @Test func nothingIsAFileToo() throws { #expect(try written([]).tensors.isEmpty) }

  @Test(arguments: ["a", "__metadata__"])
  func namesThatAreTakenAreRefused(name: String) throws {
    let error = try failure {
      try written([tensor("a", .bool, [1]), tensor(name, .bool, [1])])
    }
    #expect(error.kind == .unsupported)
  }
}
