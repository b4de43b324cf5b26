import FileSupport
import Inference
import ModelGraph
import Testing

/// Numbers in memory as the bytes of a parameter.
struct MemorySource: TensorSource {
  let bytes: [UInt8]

  init(_ values: [Float]) {
    bytes = values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
  }

  init(bytes: [UInt8]) { self.bytes = bytes }

  var byteCount: Int { bytes.count }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ModelFileError) {
    buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
  }
}

extension Parameter {
  /// A parameter with these numbers and a name of its own.
  init(_ role: ParameterRole = .weights, _ shape: Shape, _ values: [Float]) {
    self.init(
      role.rawValue, of: "layer\(UInt64.random(in: 0 ... .max))", role: role, shape: shape,
      source: MemorySource(values))
  }
}

/// Computes one operation.
func value(
  of operation: some Operation, on inputs: [Tensor], layout: ImageLayout = .channelsFirst,
  threads: Int = 1
) throws -> Tensor {
  try values(of: operation, on: inputs, layout: layout, threads: threads)[0]
}

/// Computes one operation, with the values that it gives besides its first. Where there is oneDNN, its engine has to
/// agree.
func values(
  of operation: some Operation, on inputs: [Tensor], layout: ImageLayout = .channelsFirst,
  threads: Int = 1
) throws -> [Tensor] {
  var builder = GraphBuilder(layout: layout)
  var nodes: [Int] = []
  for (number, input) in inputs.enumerated() {
    nodes.append(try builder.input(name: "input\(number)", shape: input.sample))
  }
  builder.layer = LayerReference(index: 0, name: "layer", type: "test")
  let node = try builder.add(operation, name: "operation", inputs: nodes)
  for output in [node] + (try builder.furtherValues(of: node)) {
    builder.output(output, named: "output")
  }
  let graph = builder.finish()
  let result = try ReferenceEngine(threads: threads).outputs(of: graph, inputs: inputs)
  if let engine = OneDNNEngine(threads: threads) {
    let other = try engine.outputs(of: graph, inputs: inputs)
    let error = scaledError(other, result)
    let allowed = tolerance(of: graph.nodes[node], in: graph)
    #expect(error <= allowed, "\(operation): oneDNN's engine is off by \(error) of \(allowed)")
  }
  return result
}

/// `2 ε √n`, *n* being the numbers that one of the value's is summed from (`spec/tolerances.md`).
func tolerance(of node: Node, in graph: Graph) -> Double {
  let n = node.summands(inputs: node.inputs.map { graph.nodes[$0].shape })
  return 2 * 0x1p-23 * Double(n).squareRoot()
}

/// `max |a − b| / (1 + max |b|)` of some tensors; infinite if shapes differ, or NaN and Inf stand at other places.
func scaledError(_ a: [Tensor], _ b: [Tensor]) -> Double {
  guard a.map(\.shape) == b.map(\.shape) else { return .infinity }
  var result = 0.0
  for (x, y) in zip(a, b) {
    let scale = 1 + Double(y.values.lazy.filter(\.isFinite).map(abs).max() ?? 0)
    for (p, q) in zip(x.values, y.values) where p != q && !(p.isNaN && q.isNaN) {
      let error = abs(Double(p) - Double(q)) / scale
      result = error.isNaN ? .infinity : max(result, error)
    }
  }
  return result
}

/// The same, those of each sample in a row.
func joinedValues(
  of operation: some Operation, on inputs: [Tensor], layout: ImageLayout = .channelsFirst,
  threads: Int = 1
) throws -> [Float] {
  let all = try values(of: operation, on: inputs, layout: layout, threads: threads)
  return (0..<all[0].batch).flatMap { sample in
    all.flatMap { tensor in
      let start = sample * tensor.sampleCount
      return tensor.values[start..<(start + tensor.sampleCount)]
    }
  }
}

/// Holds a recurrence against recorded numbers, channels last; the number of threads makes no difference.
func check(
  _ layer: Recurrence, withStates: Bool = false, _ inputs: [Tensor], _ expected: [Double],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let compute = { (threads: Int) in
    withStates
      ? try joinedValues(of: layer, on: inputs, layout: .channelsLast, threads: threads)
      : try value(of: layer, on: inputs, layout: .channelsLast, threads: threads).values
  }
  let result = try compute(1)
  #expect(agree(result, expected), "\(result)", sourceLocation: sourceLocation)
  #expect(try compute(3) == result, sourceLocation: sourceLocation)
}

/// Computes one operation on one sample.
func values(
  of operation: some Operation, on sample: Shape, _ numbers: [Float],
  layout: ImageLayout = .channelsFirst
) throws -> [Float] {
  let input = Tensor(shape: Shape([1] + sample.extents), values: numbers)
  return try value(of: operation, on: [input], layout: layout).values
}

/// Numbers that look random and are the same every time.
struct Noise {
  private var state: UInt64

  init(_ seed: UInt64 = 1) { state = seed }

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) * 0x1p-31
  }

  mutating func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }

  mutating func tensor(_ shape: Shape) -> Tensor {
    Tensor(shape: shape, values: numbers(shape.elementCount))
  }
}

/// Whether two runs of numbers agree to a few units in the last place.
func agree(_ a: [Float], _ b: [Double], tolerance: Double = 1e-6) -> Bool {
  a.count == b.count
    && zip(a, b).allSatisfy { abs(Double($0) - $1) <= tolerance * (1 + abs($1)) }
}
