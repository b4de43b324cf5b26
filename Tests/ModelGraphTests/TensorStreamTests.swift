import FileSupport
import TestSupport
import Testing

@testable import ModelGraph

struct TensorStreamTests {
  /// The bytes of a view, element by element, by the plainest walk there is.
  private func reference(_ bytes: [UInt8], _ view: StridedView, _ size: Int) -> [UInt8] {
    positions(view).flatMap { bytes[($0 * size)..<(($0 + 1) * size)] }
  }

  private func stream(
    _ stream: TensorStream, _ bytes: [UInt8], _ type: ElementType, _ view: StridedView
  ) throws -> (bytes: [UInt8], bands: [Int]) {
    var result: [UInt8] = []
    var bands: [Int] = []
    try stream.forEachBand(of: MemorySource(bytes: bytes), elementType: type, view: view) { band in
      result += band
      bands.append(band.count)
    }
    return (result, bands)
  }

  @Test(arguments: [ElementType.uint8, .float16, .float32, .float64])
  func smallViews(type: ElementType) throws {
    var random = SystemRandomNumberGenerator()
    let reused = TensorStream()
    for _ in 0..<300 {
      let view = randomView(&random, limit: 9)
      let bytes = (0..<(view.elementCount * type.byteCount)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let got = try stream(reused, bytes, type, view)
      #expect(got.bytes == reference(bytes, view, type.byteCount), "\(view)")
    }
  }

  /// More than a band holds, with extents that no block of lanes divides.
  @Test(arguments: [
    ([550_003], [0]), ([727, 733], [1, 0]), ([733, 727], [0, 1]), ([3, 521, 347], [2, 0, 1]),
    ([17, 65, 523], [1, 0, 2]),
  ])
  func largeViews(extents: [Int], order: [Int]) throws {
    let view = StridedView(contiguous: Shape(extents)).permuted(order)
    let count = view.elementCount
    let values = (0..<count).map { UInt64(truncatingIfNeeded: $0 &* 2_654_435_761) }
    let bytes = values.withUnsafeBytes { Array($0) }
    let got = try stream(TensorStream(), bytes, .float64, view)
    if view.isContiguous {
      #expect(got.bands.count > 1)
      #expect(got.bands.allSatisfy { $0 <= TensorStream.bandBytes })
    }
    let walk = positions(view)
    let matches = got.bytes.withUnsafeBytes { raw in
      let words = raw.bindMemory(to: UInt64.self)
      return words.count == count && walk.indices.allSatisfy { words[$0] == values[walk[$0]] }
    }
    #expect(matches)
  }

  /// A row that is itself longer than a band.
  @Test func oneLongRow() throws {
    let columns = TensorStream.bandBytes / 8 + 5
    let view = StridedView(contiguous: [columns, 2]).permuted([1, 0])
    let values = (0..<(2 * columns)).map { UInt64($0) }
    let got = try stream(
      TensorStream(), values.withUnsafeBytes { Array($0) }, .float64, view)
    let walked = got.bytes.withUnsafeBytes { Array($0.bindMemory(to: UInt64.self)) }
    let expected = [0, 1].flatMap { row in (0..<columns).map { UInt64(2 * $0 + row) } }
    #expect(walked == expected)
  }

  @Test func nothing() throws {
    let got = try stream(TensorStream(), [], .float32, StridedView(contiguous: [0, 3]))
    #expect(got.bands == [])
  }

  @Test(arguments: [[3] as Shape, [1 << 40, 1 << 40]])
  func anotherSizeIsAFault(shape: Shape) throws {
    let error = try failure {
      try stream(TensorStream(), [1, 2, 3, 4], .float32, StridedView(contiguous: shape))
    }
    #expect(error.kind == .internalFault)
  }

  /// What the taker of a band throws ends the stream.
  @Test func errorsPassThrough() throws {
    var calls = 0
    let error = try failure {
      try TensorStream().forEachBand(
        of: MemorySource(bytes: [1, 2]), elementType: .uint8, view: StridedView(contiguous: [2])
      ) { _ throws(ModelFileError) in
        calls += 1
        throw ModelFileError(.inputOutput, "disk full")
      }
    }
    #expect(error.problem == "disk full")
    #expect(calls == 1)
  }
}

/// Tensors that are read ahead.
@Suite struct TensorPipelineTests {
  private let views: [StridedView] = [
    StridedView(contiguous: [7, 5]).permuted([1, 0]), StridedView(contiguous: [3]),
    StridedView(contiguous: [2_000_003]), StridedView(contiguous: [0]),
    StridedView(contiguous: [300, 20, 9]).permuted([2, 1, 0]),
  ]

  private func tensors() -> [OrderedTensor] {
    views.map { view in
      let values = (0..<view.elementCount).map { Float($0) }
      return OrderedTensor(
        source: ModelGraph.MemorySource(values), elementType: .float32, view: view)
    }
  }

  @Test func deliversWhatAStreamDoes() throws {
    let pipeline = TensorPipeline(tensors())
    for tensor in tensors() {
      var expected: [UInt8] = []
      var got: [UInt8] = []
      try TensorStream().forEachBand(
        of: tensor.source, elementType: .float32, view: tensor.view
      ) { expected += $0 }
      try pipeline.withNext { got += $0 }
      #expect(got == expected)
    }
  }

  @Test func mayBeLeftEarly() throws {
    for _ in 0..<100 {
      let pipeline = TensorPipeline(tensors())
      try pipeline.withNext { _ in }
    }
  }

  @Test func errorsComeWithTheirTensor() throws {
    let odd = OrderedTensor(
      source: ModelGraph.MemorySource([1, 2]), elementType: .float32,
      view: StridedView(contiguous: [3]))
    let pipeline = TensorPipeline([tensors()[0], odd, tensors()[1]])
    try pipeline.withNext { _ in }
    #expect(throws: ModelFileError.self) { try pipeline.withNext { _ in } }
    var count = 0
    try pipeline.withNext { count += $0.count }
    #expect(count == 12)
  }
}
