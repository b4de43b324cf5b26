import FileSupport
import Inference
import ModelGraph
import Testing

@testable import Keras

/// A layer with what real Keras makes of it: the shapes of its variables, and what it computes of one sample
/// with numbers that a formula gives.
struct LayerCase: Sendable, CustomTestStringConvertible {
  let className: String
  let configuration: String
  let inputs: [Shape]
  /// Whether the inputs are whole numbers below this one.
  let whole: Int?
  let variables: [Shape]
  let output: Shape
  let values: [Float]
  let generation: KerasGeneration

  init(
    _ className: String, _ configuration: String, inputs: [Shape], whole: Int? = nil,
    variables: [Shape], output: Shape, values: [Float], generation: KerasGeneration = .third
  ) {
    self.className = className
    self.configuration = configuration
    self.inputs = inputs
    self.whole = whole
    self.variables = variables
    self.output = output
    self.values = values
    self.generation = generation
  }

  var testDescription: String { "\(className) \(configuration)" }

  /// Element *i* of input *k*: `((5 i + 3 k + 2) mod 13 − 6) / 4`, or the whole number `(5 i + 2) mod n`.
  private func input(_ number: Int, _ shape: Shape) -> Tensor {
    let values = (0..<shape.elementCount).map { element -> Float in
      if let whole { return Float((element * 5 + 2) % whole) }
      return Float((element * 5 + number * 3 + 2) % 13 - 6) / 4
    }
    return Tensor(shape: Shape([1] + shape.extents), values: values)
  }

  /// Element *i* of variable *j*: `((7 i + 5 j + 3) mod 11 − 5) / 8`.
  private static func variable(_ number: Int, _ form: KerasVariableForm) -> Parameter {
    let values = (0..<form.shape.elementCount).map {
      Float(($0 * 7 + number * 5 + 3) % 11 - 5) / 8
    }
    return Parameter(
      form.name, of: "layer", role: form.role, shape: form.shape, source: MemorySource(values))
  }

  /// Holds the room against it.
  func check() throws {
    let members = try #require(try JSONParser.parse(Array(configuration.utf8)).object)
    let layer = try KerasLayers.layer(
      KerasConfiguration(className: className, members: members))
    try #require(!(layer is UnknownLayer))
    let shapes = inputs.map { KerasShape($0) }
    #expect(try layer.outputShape(of: shapes) == KerasShape(output))
    let forms = try layer.variables(for: shapes)
    #expect(forms.map(\.shape) == variables)
    var context = LoweringContext(generation: generation, backend: "tensorflow")
    var nodes: [KerasValue] = []
    for (number, shape) in inputs.enumerated() {
      nodes.append(try context.input(named: "input\(number)", shape: shape))
    }
    let parameters = LayerParameters(
      forms: forms, parameters: forms.enumerated().map { Self.variable($0, $1) })
    let results = try context.lower(
      layer, named: "layer", call: LayerCall(nodes), parameters: parameters)
    context.output(try #require(results.first), named: "output")
    let tensors = inputs.enumerated().map { input($0, $1) }
    let found = try #require(
      try ReferenceEngine().outputs(of: context.finish(), inputs: tensors).first)
    #expect(found.sample == output)
    try #require(found.values.count == values.count)
    for (number, expected) in zip(found.values, values) {
      #expect(abs(number - expected) <= 1e-5 * max(1, abs(expected)))
    }
  }
}
