import FileSupport
import ModelGraph
import Testing

@testable import Keras

/// Configurations as each generation of Keras writes them.
@Suite struct ConfigGenerationTests {
  @Test func keysOfKeras1() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": [
        {"class_name": "Convolution1D", "config": {"name": "c", "nb_filter": 5,
         "filter_length": 3, "border_mode": "same", "subsample_length": 1, "bias": true,
         "activation": "relu", "init": "glorot_uniform", "batch_input_shape": [null, 12, 3]}},
        {"class_name": "MaxPooling1D", "config": {"name": "p", "stride": 2, "pool_length": 2,
         "border_mode": "valid"}},
        {"class_name": "Flatten", "config": {"name": "f"}},
        {"class_name": "Dense", "config": {"name": "d", "output_dim": 2, "bias": true,
         "init": "glorot_uniform", "activation": "linear"}}]}
      """)
    #expect(shapes(model) == [[12, 3], [12, 5], [6, 5], [30], [2]])
    #expect(forms(model, "c") == [[3, 1, 3, 5], [5]])
    #expect(forms(model, "d") == [[30, 2], [2]])
  }

  @Test func gatesOfKeras1AreArraysOfTheirOwn() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": [
        {"class_name": "LSTM", "config": {"name": "l", "output_dim": 3, "init": "uniform",
         "inner_init": "orthogonal", "inner_activation": "hard_sigmoid", "consume_less": "cpu",
         "batch_input_shape": [null, 6, 4]}}]}
      """)
    #expect(forms(model, "l")?.count == 12)
    #expect(forms(model, "l")?.prefix(3) == [[4, 3], [3, 3], [3]])
  }

  @Test func nestedModelsStoreFrozenVariablesLast() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "Sequential", "config": {"name": "inner", "layers": [
          {"class_name": "InputLayer", "config": {"name": "i", "batch_shape": [null, 6]}},
          {"class_name": "Dense", "config": {"name": "d", "units": 5, "trainable": false}},
          {"class_name": "BatchNormalization", "config": {"name": "bn", "axis": [1]}},
          {"class_name": "Dense", "config": {"name": "e", "units": 4}}]}}]}}
      """)
    let forms = try #require(model.layers.last?.forms)
    #expect(
      WeightAssignment.legacyOrder(forms).map(\.name) == [
        "bn/gamma", "bn/beta", "e/kernel", "e/bias", "d/kernel", "d/bias", "bn/moving_mean",
        "bn/moving_variance",
      ])
    #expect(forms.last?.owner == ["layers", "dense_1"])
  }

  @Test func nestedCallsOfKeras2CountFromOne() throws {
    let model = try parsed(
      """
      {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
         "config": {"name": "x", "batch_input_shape": [null, 6]}},
        {"class_name": "Functional", "name": "n", "inbound_nodes": [[["x", 0, 0, {}]]],
         "config": {"name": "n", "layers": [
          {"class_name": "InputLayer", "name": "y", "inbound_nodes": [],
           "config": {"name": "y", "batch_input_shape": [null, 6]}},
          {"class_name": "Dense", "name": "d", "inbound_nodes": [[["y", 0, 0, {}]]],
           "config": {"name": "d", "units": 4}}],
          "input_layers": [["y", 0, 0]], "output_layers": [["d", 0, 0]]}},
        {"class_name": "Dense", "name": "h", "inbound_nodes": [[["n", 1, 0, {}]]],
         "config": {"name": "h", "units": 2}}],
       "input_layers": [["x", 0, 0]], "output_layers": [["h", 0, 0]]}}
      """)
    #expect(forms(model, "n") == [[6, 4], [4]])
    #expect(forms(model, "h") == [[4, 2], [2]])
  }

  @Test func openExtentsStayOpen() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, null, null, 3]}},
        {"class_name": "Conv2D", "config": {"name": "c", "filters": 8, "kernel_size": 3}},
        {"class_name": "GlobalAveragePooling2D", "config": {"name": "g"}},
        {"class_name": "Dense", "config": {"name": "d", "units": 2}}]}}
      """)
    #expect(shapes(model) == [[nil, nil, 3], [nil, nil, 8], [8], [2]])
    #expect(forms(model, "c") == [[3, 3, 3, 8], [8]])
  }

  @Test func wrappersOwnTheWeightsOfTheirLayers() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, 6, 4]}},
        {"class_name": "Bidirectional", "config": {"name": "b", "merge_mode": "concat",
         "layer": {"class_name": "GRU", "config": {"name": "g", "units": 3, "reset_after": true,
          "return_sequences": true}}}},
        {"class_name": "TimeDistributed", "config": {"name": "t",
         "layer": {"class_name": "Dense", "config": {"name": "d", "units": 5}}}}]}}
      """)
    #expect(shapes(model) == [[6, 4], [6, 6], [6, 5]])
    #expect(forms(model, "b") == [[4, 9], [3, 9], [2, 9], [4, 9], [3, 9], [2, 9]])
    #expect(model.layers[1].forms?.last?.owner == ["backward_layer", "cell"])
    #expect(forms(model, "t") == [[6, 5], [5]])
  }

  /// Both Kerases refuse two layers that don't go together.
  @Test(arguments: [
    (#""go_backwards": false"#, "go_backwards"),
    (#""go_backwards": true, "return_sequences": true"#, "return_sequences"),
    (#""go_backwards": true, "return_state": true"#, "return_state"),
    (#""go_backwards": true"#, nil),
  ])
  func directionsGoTogether(options: String, refused: String?) {
    let model = """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, 6, 4]}},
        {"class_name": "Bidirectional", "config": {"name": "b",
         "layer": {"class_name": "SimpleRNN", "config": {"name": "f", "units": 3}},
         "backward_layer": {"class_name": "GRU", "config": {"name": "g", "units": 2, \(options)}}}}]}}
      """
    guard let refused else {
      #expect(throws: Never.self) { try parsed(model) }
      return
    }
    let error = #expect(throws: ModelFileError.self) { try parsed(model) }
    #expect(error?.kind == .damaged && error?.problem.contains(refused) == true)
  }

  @Test func lambdasAreForeignCode() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "a", "batch_shape": [null, 4]}},
        {"class_name": "Lambda", "config": {"name": "l", "function": ["4wE", null, null]}}]}}
      """)
    #expect((model.layers.last?.layerClass as? UnknownLayer)?.isForeignCode == true)
    #expect(model.layers.last?.forms == nil)
  }

  @Test func callsThatAreNotThereAreRefused() {
    let error = #expect(throws: ModelFileError.self) {
      try parsed(
        """
        {"class_name": "Functional", "config": {"layers": [
          {"class_name": "InputLayer", "name": "x", "inbound_nodes": [],
           "config": {"batch_input_shape": [null, 6]}},
          {"class_name": "ReLU", "config": {}, "name": "a", "inbound_nodes": [[["x", 5, 0, {}]]]}
        ]}}
        """)
    }
    #expect(error?.kind == .damaged)
  }

  @Test func modelsInOneAnotherHaveALimit() {
    var text = #"{"class_name": "Dense", "config": {"name": "d", "units": 1}}"#
    for _ in 0..<40 {
      text = #"{"class_name": "Sequential", "config": {"name": "s", "layers": [\#(text)]}}"#
    }
    #expect(throws: ModelFileError.self) { try parsed(text) }
  }

  private func parsed(_ text: String) throws -> KerasModel {
    try KerasModel(configuration: JSONParser.parse(Array(text.utf8)))
  }

  private func shapes(_ model: KerasModel) -> [[Int?]?] {
    model.layers.map { $0.outputShape?.extents }
  }

  private func forms(_ model: KerasModel, _ name: String) -> [[Int]]? {
    model.layers.first { $0.name == name }?.forms?.map(\.shape.extents)
  }
}
