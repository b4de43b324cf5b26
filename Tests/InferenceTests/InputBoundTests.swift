import FileSupport
import Foundation
import Inference
import ModelGraph
import TestSupport
import Testing

/// What would take more memory than there is is told before it is allocated.
@Suite struct InputBoundTests {
  /// A file of 100 bytes that the file system says has 10 TB: a hole.
  @Test func aFileThatIsAHole() throws {
    let folder = try TemporaryFolder()
    let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2500000000000,), }\n"
    let header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count), 0]
    let path = try folder.write("hole.npy", header + Array(text.utf8))
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.truncate(atOffset: UInt64(header.count + text.utf8.count) + 10_000_000_000_000)
    try file.close()

    let array = try NpyFile(path: path)
    #expect(array.count == 2_500_000_000_000)
    let error = #expect(throws: ModelFileError.self) { _ = try array.floats() }
    #expect(error?.kind == .damaged)
    #expect(error?.file == path)
    // Its shape alone says that it is no input of an image.
    #expect(throws: ModelFileError.self) { try Shape(array.shape).input(for: [3, 8, 8]) }
  }

  /// The parameters of a node are in memory beside the values: 2 + 3 numbers, 6 + 3 of the matrix.
  @Test func parametersCount() throws {
    let operation = FullyConnected(
      weights: Parameter(.weights, [3, 2], [1, 2, 3, 4, 5, 6]),
      biases: Parameter(.biases, [3], [0, 0, 0]))
    var builder = GraphBuilder(layout: .channelsFirst)
    let input = try builder.input(name: "input", shape: [2])
    builder.output(try builder.add(operation, name: "connected", inputs: [input]), named: "output")
    let graph = builder.finish()
    let plan = Plan(graph, wanting: Set(graph.outputs.map(\.node)))
    #expect(plan.peakElements == 5)
    #expect(plan.parameterElements == 9)
    let tensor = Tensor(shape: [2], values: [1, 1])
    #expect(throws: ModelFileError.self) {
      try ReferenceEngine(memoryLimit: 55).outputs(of: graph, inputs: [tensor])
    }
    let found = try ReferenceEngine(memoryLimit: 56).outputs(of: graph, inputs: [tensor])
    #expect(found.map(\.values) == [[3, 7, 11]])
  }
}
