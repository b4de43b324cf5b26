import FileSupport
import ModelGraph

@testable import Keras

/// A graph of one operation (or a few) on one input, for tests of a single rule.
struct OneInputGraph {
  var builder = GraphBuilder(layout: .channelsFirst)
  let input: Int

  init(_ shape: Shape) throws {
    input = try builder.input(name: "input", shape: shape)
    builder.layer = LayerReference(index: 7, name: "layer", type: "tested")
  }

  mutating func add(
    _ operation: some Operation, _ name: String, on inputs: [Int]? = nil
  ) throws -> Int {
    try builder.add(operation, name: name, inputs: inputs ?? [input])
  }

  /// The Keras model whose outputs are these nodes.
  mutating func model(_ outputs: Int...) throws -> KerasModel {
    for output in outputs { builder.output(output, named: "output") }
    return try KerasRaising(builder.finish()).model(named: "model")
  }
}

/// The model of one operation called `op` on one input.
func raised(_ operation: some Operation, on shape: Shape) throws -> KerasModel {
  var graph = try OneInputGraph(shape)
  let node = try graph.add(operation, "op")
  return try graph.model(node)
}

/// A parameter without bytes.
func parameter(_ role: ParameterRole, _ shape: Shape, name: String = "p") -> Parameter {
  Parameter(role.rawValue, of: name, role: role, shape: shape)
}

/// A convolution with square windows.
func convolution(
  out: Int, in inputs: Int, size: Int, stride: Int = 1, dilation: Int = 1, pad: Int = 0,
  groups: Int = 1, bias: Bool = true, name: String = "p"
) -> Convolution {
  let padding = Padding(before: pad, after: pad)
  let window = Window(
    size: [size, size], strides: [stride, stride], dilation: [dilation, dilation],
    padding: [padding, padding])
  return Convolution(
    window: window, groups: groups,
    weights: parameter(.weights, [out, inputs / groups, size, size], name: name),
    biases: bias ? parameter(.biases, [out], name: name) : nil)
}

extension KerasModel {
  /// `name:Class` of every layer.
  var outline: [String] { layers.map { "\($0.name):\($0.layerClass.className)" } }

  /// The layer of this name.
  func layer(_ name: String) -> KerasLayer? { layers.first { $0.name == name } }
}
