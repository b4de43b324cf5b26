import FileSupport
import Inference
import ModelGraph
import Testing

@testable import Keras

/// Whole models as graphs: how calls are wired, by which generation things go, what is refused. The layers
/// have no variables; those with some are held against Keras one by one, and in `Tests/Interop`.
@Suite struct ModelLoweringTests {
  /// What a functional model of these layers gives for vectors.
  private func outputs(
    _ layers: String, inputs: String = #"[["x", 0, 0]]"#, outputs: String,
    _ values: [[Float]], shape: Shape? = nil, _ generation: KerasGeneration = .third,
    backend: String? = nil
  ) throws -> [[Float]] {
    let text =
      #"{"layers": [\#(layers)], "input_layers": \#(inputs), "output_layers": \#(outputs)}"#
    let wiring = try ModelWiring(
      try JSONParser.parse(Array(text.utf8)), className: "Functional", depth: 0)
    let shapes = values.map { shape ?? [$0.count] }
    var inference = ShapeInference(wiring, inputs: shapes.map { KerasShape($0) })
    var budget = ShapeInference.largestBudget
    let model = try inference.run(&budget).model
    var context = LoweringContext(generation: generation, backend: backend)
    var nodes: [KerasValue] = []
    for (reference, shape) in zip(model.inputs, shapes) {
      nodes.append(try context.input(named: reference.layer, shape: shape))
    }
    let results = try context.lower(
      BoundModel(model: model, parameters: model.layers.map { _ in .none }), on: nodes,
      isOutermost: true)
    for result in results { context.output(result, named: "output") }
    let tensors = zip(values, shapes).map {
      Tensor(shape: Shape([1] + $1.extents), values: $0)
    }
    return try ReferenceEngine().outputs(of: context.finish(), inputs: tensors).map(\.values)
  }

  private func input(_ name: String, _ extents: String = "null") -> String {
    #"""
    {"class_name": "InputLayer", "name": "\#(name)", "inbound_nodes": [],
     "config": {"batch_input_shape": [null, \#(extents)], "name": "\#(name)"}}
    """#
  }

  private func layer(
    _ className: String, _ name: String, _ nodes: String, _ config: String = "{}",
    module: String = "keras.layers"
  ) -> String {
    #"""
    {"class_name": "\#(className)", "name": "\#(name)", "module": "\#(module)", "config": \#(config),
     "inbound_nodes": [\#(nodes)]}
    """#
  }

  /// A value in the way of Keras 3.
  private func value(_ layer: String, _ node: Int = 0, _ tensor: Int = 0) -> String {
    #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["\#(layer)", \#(node), \#(tensor)]}}"#
  }

  private func node(_ arguments: String..., named: String = "{}") -> String {
    #"{"args": [\#(arguments.joined(separator: ", "))], "kwargs": \#(named)}"#
  }

  @Test func callsOfBothGenerations() throws {
    let layers = [input("x"), input("y")]
    let second = layer("Subtract", "s", #"[["y", 0, 0, {}], ["x", 0, 0, {}]]"#)
    let third = layer("Subtract", "s", node("[\(value("y")), \(value("x"))]"))
    for call in [second, third] {
      let found = try outputs(
        (layers + [call]).joined(separator: ","), inputs: #"[["x", 0, 0], ["y", 0, 0]]"#,
        outputs: #"["s", 0, 0]"#, [[1, 2], [10, 30]])
      #expect(found == [[9, 28]])
    }
  }

  /// Keras 3 counts the call that made a functional model among the outputs, not among what layers take.
  @Test func callsOfASharedModel() throws {
    let inner = [
      input("i"), layer("Rescaling", "r", node(value("i")), #"{"scale": 2, "offset": 1}"#),
    ].joined(separator: ",")
    let config = #"""
      {"layers": [\#(inner)], "input_layers": [["i", 0, 0]], "output_layers": [["r", 0, 0]]}
      """#
    let shared = layer(
      "Functional", "f",
      [node(value("x")), node(value("y")), node(value("y"))].joined(separator: ","),
      config)
    let difference = layer("Subtract", "s", node("[\(value("f", 0)), \(value("f", 1))]"))
    let found = try outputs(
      [input("x"), input("y"), shared, difference].joined(separator: ","),
      inputs: #"[["x", 0, 0], ["y", 0, 0]]"#, outputs: #"[["s", 0, 0], ["f", 3, 0]]"#,
      [[1], [5]])
    #expect(found == [[3 - 11], [11]])
  }

  @Test func dictionariesGoByTheirNames() throws {
    let found = try outputs(
      [input("x"), layer("Rescaling", "r", node(value("x")), #"{"scale": 3}"#)].joined(
        separator: ","),
      outputs: #"{"z": ["x", 0, 0], "a": ["r", 0, 0]}"#, [[2]])
    #expect(found == [[6], [2]])
  }

  @Test func functionsOutsideOfLayers() throws {
    let slice = #"""
      [{"class_name": "__slice__", "config": {"start": null, "stop": null, "step": null}},
       {"class_name": "__slice__", "config": {"start": -1, "stop": null, "step": -2}}]
      """#
    let ops = "keras.src.ops.numpy"
    let third = [
      input("x"), layer("GetItem", "g", node(value("x"), slice), module: ops),
      layer("Subtract", "s", node("10", value("g")), module: ops),
    ].joined(separator: ",")
    #expect(try outputs(third, outputs: #"["s", 0, 0]"#, [[1, 2, 3, 4, 5]]) == [[5, 7, 9]])
    let second = [
      input("x"),
      layer(
        "SlicingOpLambda", "g",
        #"["x", 0, 0, {"slice_spec": [{"start": null}, {"start": 1, "stop": 3, "step": null}]}]"#,
        #"{"function": "__operators__.getitem"}"#),
      layer(
        "TFOpLambda", "s", #"["_CONSTANT_VALUE", -1, 2.0, {"y": ["g", 0, 0], "name": null}]"#,
        #"{"function": "math.subtract"}"#),
    ].joined(separator: ",")
    #expect(try outputs(second, outputs: #"["s", 0, 0]"#, [[1, 2, 3]], .second) == [[0, -1]])
  }

  @Test(arguments: [(KerasGeneration.second, Float(0.7)), (.third, 0.5 + 1 / 6)])
  func hardSigmoid(_ generation: KerasGeneration, _ expected: Float) throws {
    let layers = [
      input("x"), layer("Activation", "a", node(value("x")), #"{"activation": "hard_sigmoid"}"#),
    ].joined(separator: ",")
    let found = try outputs(layers, outputs: #"["a", 0, 0]"#, [[1, 9, -9]], generation)
    #expect(abs(found[0][0] - expected) < 1e-7)
    #expect(found[0].dropFirst() == [1, 0])
  }

  /// A sequence of which the second step does not count, times another without a mask.
  @Test(arguments: [(KerasGeneration.second, [Float(4), 0, 6]), (.third, [4, 5, 6])])
  func masksOfProducts(_ generation: KerasGeneration, _ expected: [Float]) throws {
    let layers = [
      input("x", "null, 1"), input("y", "null, 1"),
      layer("Masking", "m", node(value("x")), #"{"mask_value": 0}"#),
      layer("Multiply", "p", node("[\(value("m")), \(value("y"))]")),
      layer("GlobalAveragePooling1D", "g", node(value("p"))),
    ].joined(separator: ",")
    let found = try outputs(
      layers, inputs: #"[["x", 0, 0], ["y", 0, 0]]"#,
      outputs: #"[["p", 0, 0], ["g", 0, 0]]"#, [[1, 0, 1], [4, 5, 6]], shape: [3, 1], generation)
    #expect(found[0] == expected)
    // Keras 2 keeps the only mask that there is; Keras 3 wants one of each value.
    #expect(found[1] == [5])
  }

  private func refusal(_ layers: String, backend: String? = nil) -> ModelFileError? {
    #expect(throws: ModelFileError.self) {
      try outputs(layers, outputs: #"["l", 0, 0]"#, [[1, 2]], backend: backend)
    }
  }

  @Test func codeIsNeverRun() {
    for name in ["Lambda", "MyPackage>Doubled"] {
      let error = refusal([input("x"), layer(name, "l", node(value("x")))].joined(separator: ","))
      #expect(error?.kind == .unsupported)
      #expect(error?.problem.contains("never run") == true)
    }
  }

  @Test func whatIsWiredWrong() {
    let circle = [
      input("x"), layer("Add", "l", node("[\(value("x")), \(value("k"))]")),
      layer("ReLU", "k", node(value("l"))),
    ].joined(separator: ",")
    #expect(refusal(circle)?.kind == .damaged)
    let nobody = [input("x"), layer("ReLU", "l", node(value("nobody")))].joined(separator: ",")
    #expect(refusal(nobody)?.kind == .damaged)
    let third = [input("x"), layer("ReLU", "l", node(value("x", 0, 2)))].joined(separator: ",")
    #expect(refusal(third)?.kind == .damaged)
  }

  /// A slice from the least number that there is, a softmax of a number alone, an activation layer that changes the
  /// shape, an input that is named twice.
  @Test func hostileConfigurations() throws {
    let ops = "keras.src.ops.numpy"
    let slice = #"[{"start": null}, {"start": -9223372036854775808}]"#
    let get = layer("GetItem", "l", node(value("x"), slice), module: ops)
    #expect(refusal([input("x"), get].joined(separator: ",")) != nil)
    let scalar = [
      input("x"), layer("Sum", "s", node(value("x")), #"{"axis": 1}"#, module: ops),
      layer("Activation", "l", node(value("s")), #"{"activation": "softmax"}"#),
    ].joined(separator: ",")
    #expect(refusal(scalar)?.kind == .damaged)
    let wide = #"{"activation": {"class_name": "RepeatVector", "config": {"n": 3}}}"#
    let changed = [input("x"), layer("Activation", "l", node(value("x")), wide)]
    #expect(refusal(changed.joined(separator: ","))?.kind == .damaged)
    #expect(throws: ModelFileError.self) {
      try outputs(
        input("x"), inputs: #"[["x", 0, 0], ["x", 0, 0]]"#, outputs: #"["x", 0, 0]"#, [[1], [2]])
    }
  }

  /// Each model calls the one inside ten times: ten to the twelfth calls, if all were made. Those that are alike are one.
  @Test func modelsInModels() throws {
    let alike = Array(repeating: node(value("i")), count: 10)
    #expect(try nestedTwelveTimes(alike) == [[1]])
    let chained = [node(value("i"))] + (0..<9).map { node(value("m", $0)) }
    #expect(throws: ModelFileError.self) { try nestedTwelveTimes(chained) }
  }

  private func nestedTwelveTimes(_ calls: [String]) throws -> [[Float]] {
    let calls = calls.joined(separator: ",")
    var inner = layer("ReLU", "m", calls)
    for _ in 0..<12 {
      let config = #"""
        {"layers": [\#(input("i")), \#(inner)], "input_layers": [["i", 0, 0]],
         "output_layers": [["m", 9, 0]]}
        """#
      inner = layer("Functional", "m", calls, config)
    }
    return try outputs(
      [input("i"), inner].joined(separator: ","), inputs: #"[["i", 0, 0]]"#,
      outputs: #"[["m", 9, 0]]"#, [[1]])
  }
}
