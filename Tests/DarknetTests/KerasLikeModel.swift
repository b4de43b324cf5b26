import ModelGraph

@testable import Darknet

/// A graph that is put together node by node, with arrays of rising numbers.
struct KerasLikeModel {
  var builder = GraphBuilder(layout: .channelsLast)
  var last: Int
  private var count = 0

  init(_ input: Shape) throws {
    last = try builder.input(name: "input", shape: input)
  }

  @discardableResult
  mutating func add(_ operation: some Operation, on inputs: [Int]? = nil) throws -> Int {
    count += 1
    builder.layer = LayerReference(index: count, name: "layer_\(count)", type: "Layer")
    last = try builder.add(operation, name: "layer_\(count)/Operation", inputs: inputs ?? [last])
    return last
  }

  /// The network with these outputs, the last node if there are none.
  func raised(
    _ dialect: Dialect = .alexeyab, outputs: [Int] = []
  ) throws -> RaisedNetwork {
    var builder = builder
    for output in outputs.isEmpty ? [last] : outputs { builder.output(output, named: "output") }
    return try NetworkRaising(builder.finish(), dialect: dialect).network(
      from: "test", path: "test.h5")
  }

  /// The sections behind `[net]` as lines.
  func sections(_ dialect: Dialect = .alexeyab, outputs: [Int] = []) throws -> [String] {
    try raised(dialect, outputs: outputs).network.config.sections.dropFirst().map { section in
      ([section.name] + section.entries.map { "\($0.key)=\($0.value)" }).joined(separator: " ")
    }
  }
}

func parameter(_ shape: Shape, _ values: [Float]? = nil) -> Parameter {
  Parameter(
    "p", of: "layer", role: .weights, shape: shape,
    source: MemorySource(values ?? (0..<shape.elementCount).map(Float.init)))
}

func window(
  _ size: Int, stride: [Int] = [1, 1], dilation: Int = 1, _ before: Int = 0, _ after: Int? = nil
) -> Window {
  let side = Padding(before: before, after: after ?? before)
  return Window(
    size: [size, size], strides: stride, dilation: [dilation, dilation], padding: [side, side])
}

func convolution(
  _ window: Window, from channels: Int = 3, to filters: Int = 4, groups: Int = 1,
  biases: [Float]? = nil
) -> Convolution {
  Convolution(
    window: window, groups: groups,
    weights: parameter(Shape([filters, channels / groups] + window.size)),
    biases: biases.map { parameter([filters], $0) })
}

func normalization(
  _ channels: Int, epsilon: Double = 1e-5, scales: [Float]? = nil, variance: [Float]? = nil
) -> BatchNormalization {
  BatchNormalization(
    divisor: .rootOfSum(epsilon: epsilon), scales: scales.map { parameter([channels], $0) },
    biases: nil, mean: parameter([channels]), variance: parameter([channels], variance))
}

func values(_ raised: RaisedNetwork, _ name: String) throws -> [Float]? {
  let entry = WeightsPlan(raised.network).entries.first { raised.network.name(of: $0) == name }
  return try entry.flatMap { raised.array($0) }?.values()
}
