import Darknet
import Inference
import ModelFiles
import ModelGraph
import TestSupport
import Testing

/// From a path to a prediction: for networks and Keras models, again and again, by several threads.
struct PredictorTests {
  /// A network, and Keras models of JSON and safetensors.
  final class Place: TemporaryFolder {

    func putNetwork() throws -> String {
      try write("net.cfg", SampleNetwork.convolutions)
      return try write("net.weights", WeightsHeader(.third, seen: 0).bytes + floats(204))
    }

    /// A convolution of 1×1 with 2 filters on `[height, width, 3]`, of which `null` leaves one open; its mean.
    func putKeras(height: String, width: String) throws -> String {
      try write(
        "model.json",
        """
        {"class_name": "Sequential", "keras_version": "3.0.0", "config": {"name": "s", "layers": [
          {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [null, \(height), \(width), 3]}},
          {"class_name": "Conv2D", "config": {"name": "c", "filters": 2, "kernel_size": [1, 1], "use_bias": false}},
          {"class_name": "GlobalMaxPooling2D", "config": {"name": "m"}}]}}
        """)
      let header =
        #"{"c.kernel": {"dtype": "F32", "shape": [1, 1, 3, 2], "data_offsets": [0, 24]}}"#
      let count = UInt8(header.utf8.count)
      return try write(
        "model.safetensors", [count, 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + floats(6))
    }
  }

  let place: Place

  init() throws { place = try Place() }

  /// What the Keras model gives for one picture.
  private func expected(_ picture: Tensor) -> [Float] {
    let kernel = numbers(6).map(Double.init)
    return (0..<2).map { filter in
      var greatest = -Float.infinity
      for first in stride(from: 0, to: picture.values.count, by: 3) {
        var sum = 0.0
        for channel in 0..<3 {
          sum += Double(picture.values[first + channel]) * kernel[channel * 2 + filter]
        }
        greatest = max(greatest, Float(sum))
      }
      return greatest
    }
  }

  private func picture(_ shape: Shape, scale: Float = 1) -> Tensor {
    Tensor(shape: shape, values: numbers(shape.elementCount).map { $0 * scale })
  }

  @Test func network() throws {
    let path = try place.putNetwork()
    let model = try Predictor(path: path, engine: ReferenceEngine())
    #expect(model.inputs.map(\.shape) == [[3, 8, 8]])
    let input = picture([2, 3, 8, 8])
    let outputs = try model.predict([input])

    let network = try Network(contentsOf: place.path("net.cfg"), dialect: .alexeyab)
    let weights = try WeightsFile(path: path, network: network)
    let graph = try network.graph(layout: weights.layout) { weights.source($0) }
    #expect(outputs == (try ReferenceEngine().outputs(of: graph, inputs: [input])))
    #expect(outputs.map(\.shape) == [[2, 16, 8, 8]])
  }

  @Test func severalThreadsAtTheSameTime() async throws {
    let model = try Predictor(path: try place.putNetwork())
    let inputs = (1...12).map { picture([1, 3, 8, 8], scale: Float($0)) }
    let single = try inputs.map { try model.predict([$0]) }
    let together = try await withThrowingTaskGroup { group in
      for (position, input) in inputs.enumerated() {
        group.addTask { (position, try model.predict([input])) }
      }
      var found: [Int: [Tensor]] = [:]
      for try await (position, outputs) in group { found[position] = outputs }
      return inputs.indices.map { found[$0] ?? [] }
    }
    #expect(together == single)
    #expect(Set(single.map { $0[0].values[0] }).count == inputs.count)
  }

  /// More shapes than there are plans kept, each of them twice, and by several threads.
  @Test func openExtents() async throws {
    let path = try place.putKeras(height: "null", width: "null")
    let model = try Predictor(path: path, engine: ReferenceEngine())
    #expect(model.inputs.map(\.name) == ["x"] && model.inputs.map(\.shape) == [[nil, nil, 3]])
    try await withThrowingTaskGroup { group in
      for size in (1...7).map({ $0 }) + (1...7).map({ $0 }) {
        let input = picture([1, size, 2, 3], scale: Float(size))
        let answer = Tensor(shape: [1, 2], values: expected(input))
        group.addTask { try #expect(model.predict([input]) == [answer]) }
      }
      try await group.waitForAll()
    }
  }

  @Test func batches() throws {
    let path = try place.putKeras(height: "4", width: "2")
    let model = try Predictor(path: path, engine: ReferenceEngine())
    let one = picture([1, 4, 2, 3])
    let three = Tensor(shape: [3, 4, 2, 3], values: one.values + one.values + one.values)
    let answer = expected(one)
    #expect(try model.predict([one]) == [Tensor(shape: [1, 2], values: answer)])
    #expect(
      try model.predict([three]) == [Tensor(shape: [3, 2], values: answer + answer + answer)])
    #expect(
      try model.predict([Tensor(shape: [4, 2, 3], values: one.values)])
        == [Tensor(shape: [1, 2], values: answer)])
  }

  @Test func architectureElsewhere() throws {
    let path = try place.putNetwork()
    let weights = try place.write("other.weights", try place.bytes("net.weights"))
    let refusal = try failure { try Predictor(path: weights) }
    #expect(refusal.kind == .usage && refusal.file == weights)
    let other = try Predictor(
      path: weights, architecture: place.path("net.cfg"), engine: ReferenceEngine())
    let input = picture([1, 3, 8, 8])
    let answer = try Predictor(path: path, engine: ReferenceEngine()).predict([input])
    #expect(try other.predict([input]) == answer)
  }

  @Test(arguments: ["null", "4"])
  func arraysThatDoNotFit(height: String) throws {
    let path = try place.putKeras(height: height, width: "2")
    let model = try Predictor(path: path)
    let shape = try failure { try model.predict([picture([1, 4, 3, 3])]) }
    #expect(shape.kind == .damaged && shape.file == path)
    let count = try failure { try model.predict([]) }
    #expect(count.kind == .usage && count.file == path)
  }

  @Test func fileThatIsCutShort() throws {
    let path = try place.putNetwork()
    try place.write("net.weights", Array(try place.bytes("net.weights").dropLast(8)))
    #expect(try failure { try Predictor(path: path) }.kind == .damaged)
  }
}
