import FileSupport
import ModelGraph
import TestSupport
import Testing

@testable import Keras

/// Models in the form of each generation.
@Suite struct RewritingTests {
  /// A functional model in a functional model, the way Keras 2 writes it.
  private static let nested = """
    {"class_name":"Functional","config":{"name":"m","layers":[
    {"class_name":"InputLayer","config":{"name":"a","batch_input_shape":[null,4],"dtype":"float32"},
     "name":"a","inbound_nodes":[]},
    {"class_name":"Functional","config":{"name":"in","layers":[
      {"class_name":"InputLayer","config":{"name":"b","batch_input_shape":[null,4],"dtype":"float32"},
       "name":"b","inbound_nodes":[]},
      {"class_name":"LeakyReLU","config":{"name":"c","alpha":0.2},"name":"c",
       "inbound_nodes":[[["b",0,0,{}]]]}],
      "input_layers":[["b",0,0]],"output_layers":[["c",0,0]]},
     "name":"in","inbound_nodes":[[["a",0,0,{}]]]},
    {"class_name":"Activation","config":{"name":"d","activation":"FUNCTION"},"name":"d",
     "inbound_nodes":[[["in",1,0,{}]]]}],
    "input_layers":[["a",0,0]],"output_layers":[["d",0,0]]}}
    """

  private func rewritten(
    _ form: KerasForm, function: String = "relu"
  ) throws -> RewrittenModel {
    let text = Self.nested.replacing("FUNCTION", with: function)
    let network = try KerasNetwork(
      describing: try JSONParser.parse(Array(text.utf8)), by: .second, path: "m.json")
    return try RewrittenModel(network, as: .fullModel, form: form)
  }

  private func layer(_ name: String, of model: RewrittenModel) throws -> JSONValue {
    let layers = try #require(model.configuration["config"]?["layers"]?.elements)
    return try #require(layers.first { $0["name"]?.text == name })
  }

  /// tf_keras counts the making of a model as a call of it, Keras 3 does not: where each call stands twice, number 1 is the
  /// same for both.
  @Test func callsOfModelsAreCountedByEach() throws {
    let both = try rewritten(.both)
    #expect(try layer("in", of: both)["inbound_nodes"]?.elements?.count == 2)
    #expect(try layer("d", of: both)["inbound_nodes"]?[0]?[0]?[1] == 1)
    let second = try rewritten(.second)
    #expect(try layer("in", of: second)["inbound_nodes"]?.elements?.count == 1)
    #expect(try layer("d", of: second)["inbound_nodes"]?[0]?[0]?[1] == 1)
    let third = try rewritten(.third)
    let value = try layer("d", of: third)["inbound_nodes"]?[0]?["args"]?[0]
    #expect(value?["config"]?["keras_history"] == ["in", 0, 0])
    #expect(value?["config"]?["shape"] == [nil, 4])
  }

  @Test func keysAreThoseOfTheGeneration() throws {
    let inner = { (model: RewrittenModel) throws in
      try #require(try layer("in", of: model)["config"]?["layers"]?[1]?["config"]?.object)
    }
    #expect(try inner(try rewritten(.both)).keys == ["name", "alpha"])
    #expect(try inner(try rewritten(.third))["negative_slope"]?.double == 0.2)
    #expect(try layer("a", of: try rewritten(.third))["config"]?["batch_shape"] == [nil, 4])
  }

  /// Keras 3 has another function under the name.
  @Test func whatIsComputedOtherwiseIsRefused() throws {
    _ = try rewritten(.second, function: "hard_sigmoid")
    for form in [KerasForm.third, .both] {
      let error = try failure { try rewritten(form, function: "hard_sigmoid") }
      #expect(error.kind == .unsupported)
      #expect(error.places == [.layer(index: 2, type: "Activation")])
    }
  }

  @Test func namesThatCannotBeHadAreReplaced() throws {
    let names = #"[{"name":"a/b"},{"name":"a_b"},{"name":"слой"},{"name":"c"}]"#
    let text = #"{"class_name":"Sequential","config":{"layers":\#(names)}}"#
    let configuration = try JSONParser.parse(Array(text.utf8))
    let renamed = { (form: KerasForm) in
      ModelRenaming(form).renamed(configuration)?["config"]?["layers"]?.elements?
        .compactMap { $0["name"]?.text }
    }
    #expect(renamed(.third) == ["a_b_2", "a_b", "слой", "c"])
    #expect(renamed(.second) == ["a/b", "a_b", "layer____", "c"])
    #expect(renamed(.both) == ["a_b_2", "a_b", "layer____", "c"])
  }

  /// Keras 1 has such a kernel the other way round, which its shape does not show where all extents are alike.
  @Test func kernelsOfTheFirstKerasAreTurned() throws {
    let text = """
      {"class_name":"Sequential","config":[{"class_name":"Convolution2D","config":{"name":"c",
      "batch_input_shape":[null,3,8,8],"nb_filter":3,"nb_row":3,"nb_col":3,"dim_ordering":"th",
      "border_mode":"valid","subsample":[1,1],"activation":"linear","bias":true}}]}
      """
    let network = try KerasNetwork(
      describing: try JSONParser.parse(Array(text.utf8)), by: .second, path: "m.json")
    let model = try RewrittenModel(network, as: .fullModel, form: .both)
    let kernel = try #require(model.layers.last?.variables.first?.variable)
    #expect(
      kernel.view == StridedView(contiguous: [3, 3, 3, 3]).permuted([2, 3, 1, 0]))
  }

  /// Variables of one name in two cells are not one array.
  @Test func equalCellsHaveVariablesOfTheirOwn() throws {
    let cell = #"{"class_name":"SimpleRNNCell","config":{"units":4}}"#
    let text = """
      {"class_name":"Sequential","config":{"name":"m","layers":[
      {"class_name":"InputLayer","config":{"name":"a","batch_input_shape":[null,5,4]}},
      {"class_name":"RNN","config":{"name":"r","cell":{"class_name":"StackedRNNCells",
      "config":{"cells":[\(cell),\(cell)]}}}}]}}
      """
    let network = try KerasNetwork(
      describing: try JSONParser.parse(Array(text.utf8)), by: .second, path: "m.json")
    let model = try RewrittenModel(network, as: .fullModel, form: .second)
    let names = try #require(model.layers.last).variables.map(\.variable.parameter.name)
    #expect(names.count == 6)
    #expect(Set(names).count == 6)
    #expect(!model.sharesArrays)
  }

  /// A function that one of the generations lacks becomes a layer of both.
  @Test func functionsBecomeLayers() throws {
    let text = """
      {"class_name":"Functional","config":{"name":"m","layers":[
      {"class_name":"InputLayer","config":{"name":"a","batch_input_shape":[null,4],"dtype":"float32"},
       "name":"a","inbound_nodes":[]},
      {"class_name":"TFOpLambda","config":{"name":"f","function":"math.multiply","dtype":"float32"},
       "name":"f","inbound_nodes":[["a",0,0,{"y":0.5,"name":null}]]},
      {"class_name":"TFOpLambda","config":{"name":"g","function":"__operators__.add","dtype":"float32"},
       "name":"g","inbound_nodes":[["f",0,0,{"y":["a",0,0],"name":null}]]}],
      "input_layers":[["a",0,0]],"output_layers":[["g",0,0]]}}
      """
    let network = try KerasNetwork(
      describing: try JSONParser.parse(Array(text.utf8)), by: .second, path: "m.json")
    let both = try RewrittenModel(network, as: .fullModel, form: .both)
    #expect(try layer("f", of: both)["class_name"] == "Rescaling")
    #expect(try layer("f", of: both)["config"]?["scale"] == 0.5)
    #expect(try layer("g", of: both)["class_name"] == "Add")
    #expect(
      try layer("g", of: both)["inbound_nodes"] == [[["f", 0, 0, [:]], ["a", 0, 0, [:]]]])
    let second = try RewrittenModel(network, as: .fullModel, form: .second)
    #expect(try layer("g", of: second)["class_name"] == "TFOpLambda")
  }
}
