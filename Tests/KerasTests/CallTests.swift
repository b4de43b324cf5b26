import FileSupport
import Inference
import ModelGraph
import Testing

@testable import Keras

/// What calls and configurations say beside values of the model: it is taken up, refused by name, or known to mean
/// nothing. The numbers are Keras's own.
@Suite struct CallTests {
  /// What a functional model of `x` and a layer `l` gives for one sample.
  private func output(
    _ layer: String, _ values: [Float], shape: Shape? = nil,
    _ generation: KerasGeneration = .third
  ) throws -> [Float] {
    let extents = (shape ?? [values.count]).extents.map(String.init).joined(separator: ", ")
    let text = #"""
      {"layers": [{"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
                   "config": {"batch_input_shape": [null, \#(extents)], "name": "x"}}, \#(layer)],
       "input_layers": [["x", 0, 0]], "output_layers": [["l", 0, 0]]}
      """#
    let wiring = try ModelWiring(
      try JSONParser.parse(Array(text.utf8)), className: "Functional", depth: 0)
    let sample = shape ?? [values.count]
    var inference = ShapeInference(wiring, inputs: [KerasShape(sample)])
    var budget = ShapeInference.largestBudget
    let model = try inference.run(&budget).model
    var context = LoweringContext(generation: generation, backend: nil)
    let input = try context.input(named: "x", shape: sample)
    let results = try context.lower(
      BoundModel(model: model, parameters: model.layers.map { _ in .none }), on: [input],
      isOutermost: true)
    for result in results { context.output(result, named: "output") }
    let tensor = Tensor(shape: Shape([1] + sample.extents), values: values)
    return try #require(
      try ReferenceEngine().outputs(of: context.finish(), inputs: [tensor]).first
    ).values
  }

  private static let x =
    #"{"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}}"#

  /// A function as an `.h5` by Keras 3 has it, without a module.
  private func function(
    _ className: String, _ arguments: String, _ keys: String = "", named: String = "{}"
  ) -> String {
    let config = keys.isEmpty ? "" : ", \(keys)"
    return #"""
      {"class_name": "\#(className)", "name": "l", "config": {"name": "l"\#(config)},
       "inbound_nodes": [{"args": [\#(arguments.replacing("x", with: Self.x))], "kwargs": \#(named)}]}
      """#
  }

  /// A layer as Keras 2 has it, called with `x` and arguments by name.
  private func layer(_ className: String, _ config: String, _ named: String) -> String {
    #"""
    {"class_name": "\#(className)", "name": "l", "config": \#(config),
     "inbound_nodes": [[["x", 0, 0, \#(named)]]]}
    """#
  }

  @Test(
    arguments: [
      ("Add", "x, 3.0", [4, 2.5]), ("Add", "3.0, x", [4, 2.5]), ("Add", "x, x", [2, -1]),
      ("Subtract", "x, 3.0", [-2, -3.5]), ("Subtract", "3.0, x", [2, 3.5]),
      ("Multiply", "x, 0.5", [0.5, -0.25]), ("Maximum", "x, 0.5", [1, 0.5]),
      ("Minimum", "x, 0.5", [0.5, -0.5]), ("TrueDivide", "x, 4", [0.25, -0.125]),
    ] as [(String, String, [Float])])
  func operators(_ className: String, _ arguments: String, _ expected: [Float]) throws {
    #expect(try output(function(className, arguments), [1, -0.5]) == expected)
  }

  @Test func optionsOfFunctions() throws {
    #expect(
      try output(
        function("Max", "x", #""axis": 1, "keepdims": false, "initial": 2.5"#), [1, -0.5]) == [2.5])
    #expect(try output(function("Round", "x", #""decimals": 1"#), [0.26, -0.51]) == [0.3, -0.5])
    #expect(
      try output(function("Average", "x", #""axis": 1"#, named: #"{"weights": null}"#), [1, 3])
        == [2])
    #expect(
      try output(
        function("LogSoftmax", "x", #""axis": 1"#), [0, 0, 0, 0], shape: [2, 2]
      ).allSatisfy { abs($0 + 0.6931472) < 1e-6 })
  }

  @Test func castsOfTensorFlow() throws {
    let cast = #"""
      {"class_name": "TFOpLambda", "name": "l", "config": {"function": "cast", "dtype": "float32"},
       "inbound_nodes": [["x", 0, 0, {"dtype": "<dtype: 'int32'>"}]]}
      """#
    #expect(try output(cast, [1.7, -1.7], .second) == [1, -1])
  }

  /// Numbers that a mask leaves out may be none at all.
  @Test func choiceLeavesOutWhatIsNoNumber() throws {
    let choice = function("Where", "x, x, 7.0")
    #expect(try output(choice, [0, 2]) == [7, 2])
    #expect(try output(choice, [0, .infinity]) == [7, .infinity])
  }

  /// Keras 2 lets a call compute as in training, Keras 3 does not when it predicts.
  @Test func training() throws {
    let noise = layer("GaussianNoise", #"{"stddev": 0.1}"#, #"{"training": true}"#)
    #expect(refusal(noise, .second)?.places.contains(.option("stddev")) == true)
    #expect(try output(noise, [1, 2], .third) == [1, 2])
    let none = layer("Dropout", #"{"rate": 0}"#, #"{"training": 1}"#)
    #expect(try output(none, [1, 2], .second) == [1, 2])
  }

  private func refusal(
    _ layer: String, _ generation: KerasGeneration = .third
  ) -> ModelFileError? {
    #expect(throws: ModelFileError.self) { try output(layer, [1, 2], generation) }
  }

  @Test(arguments: [#"{"mask": true}"#, #"{"alpha": 0.5}"#, #"{"mask": ["x", 0, 0]}"#])
  func strayArguments(_ named: String) {
    let error = refusal(layer("ReLU", "{}", named), .second)
    #expect(error?.kind == .unsupported)
  }

  @Test func constantsBesideValues() {
    let sum = #"""
      {"class_name": "Add", "name": "l", "config": {},
       "inbound_nodes": [[["x", 0, 0, {}], ["_CONSTANT_VALUE", -1, [[1.0, 2.0]], {}]]]}
      """#
    #expect(refusal(sum, .second)?.kind == .unsupported)
    let weighted = function("Average", "x", #""axis": 1"#, named: #"{"weights": [1, 2]}"#)
    #expect(refusal(weighted)?.places.contains(.option("weights")) == true)
    #expect(
      refusal(function("Relu", "x", #""slope": 2"#))?.places.contains(.option("slope")) == true)
  }

  @Test func strayKeys() throws {
    let members: JSONObject = ["units": 3, "foo_bar": 1]
    let dense = try KerasLayers.layer(KerasConfiguration(className: "Dense", members: members))
    let unknown = try #require(dense as? UnknownLayer)
    #expect(unknown.refusal.places.contains(.option("foo_bar")))
    // What is known of the class tells its shapes.
    #expect(try unknown.outputShape(of: [[2]]) == [3])
    #expect(
      try
        !(KerasLayers.layer(
          KerasConfiguration(className: "Dense", members: ["units": 3, "foo_bar": nil]))
        is UnknownLayer))
  }

  /// What Python takes for a flag, a count, a name.
  @Test func valuesAsPythonTakesThem() throws {
    let dense = try KerasLayers.Dense(
      KerasConfiguration(className: "Dense", members: ["units": 3.0, "use_bias": 0]))
    #expect(dense.units == 3 && !dense.usesBias)
    let normalization = try KerasLayers.BatchNormalization(
      KerasConfiguration(
        className: "BatchNormalization", members: ["scale": 1.0, "center": nil]))
    #expect(normalization.scales && !normalization.centers)
    let configuration = KerasConfiguration(
      className: "Conv2D", members: ["padding": "SAME", "data_format": "Channels_Last"])
    #expect(try configuration.padding() == .same)
    #expect(try configuration.layout() == .channelsLast)
  }
}
