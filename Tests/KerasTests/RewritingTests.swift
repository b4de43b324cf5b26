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
}
