import FileSupport
import ModelGraph
import Testing

@testable import Keras

/// `model_config`, written and read.
@Suite struct ModelConfigTests {
  @Test func theFormThatBothFrameworksLoad() throws {
    let model = try raised(convolution(out: 4, in: 3, size: 3, pad: 1, bias: false), on: [3, 4, 5])
    #expect(
      text(of: model.configuration) == """
        {"class_name":"Functional","config":{"name":"model","layers":[\
        {"class_name":"InputLayer","config":{"name":"input",\
        "batch_input_shape":[null,4,5,3],"dtype":"float32"},"name":"input","inbound_nodes":[]},\
        {"class_name":"Conv2D","config":{"name":"op","filters":4,"kernel_size":[3,3],\
        "padding":"same","use_bias":false},"name":"op",\
        "inbound_nodes":[[["input",0,0,{}]]]}],\
        "input_layers":["input",0,0],"output_layers":["op",0,0]}}
        """)
  }

  @Test func whatWasWrittenIsReadBack() throws {
    var graph = try OneInputGraph([3, 8, 8])
    let pad = Padding(before: 1, after: 1)
    let window = Window(size: [3, 3], strides: [2, 2], padding: [pad, pad])
    let conv = try graph.add(convolution(out: 4, in: 3, size: 3, stride: 2, pad: 1), "conv")
    let pool = try graph.add(Pooling(.maximum, window: window), "pool", on: [conv])
    let mish = try graph.add(Activation(.hardMish), "act", on: [pool])
    let up = try graph.add(Repeat(counts: [1, 2, 2]), "up", on: [mish])
    let part = Slice(cutting: [Padding(before: 1, after: 1)], of: [4, 4, 4])
    let slice = try graph.add(part, "slice", on: [up])
    let join = try graph.add(Concatenation(), "join", on: [slice, conv])
    let model = try graph.model(join, pool)
    let again = try KerasModel(configuration: model.configuration)
    #expect(again.configuration == model.configuration)
    #expect(again.layers.map(\.name) == model.layers.map(\.name))
    #expect(again.layers.map(\.outputShape) == model.layers.map(\.outputShape))
    #expect(again.layer("conv")?.variables.map(\.shape) == [[3, 3, 3, 4], [4]])
  }

  @Test func everyRoomReadsWhatItWrites() throws {
    #expect(Set(KerasLayers.all.map { $0.className }).count == KerasLayers.all.count)
    let layers: [any KerasLayerClass] = [
      KerasLayers.Conv2DTranspose(
        filters: 2, kernelSize: [2, 3], strides: [2, 2], padding: .same, usesBias: false),
      KerasLayers.DepthwiseConv2D(
        kernelSize: [3, 3], strides: [1, 1], padding: .valid, dilationRate: [2, 2],
        depthMultiplier: 2, usesBias: true),
      KerasLayers.BatchNormalization(epsilon: 1e-5, centers: false, scales: true),
      KerasLayers.ReLU(maximum: 6), KerasLayers.LeakyReLU(slope: 0.1), KerasLayers.ELU(alpha: 1),
      KerasLayers.Dropout(rate: 0.5), KerasLayers.Permute([2, 1]), KerasLayers.Softmax(),
    ]
    for layer in layers {
      let read = try KerasLayers.layer(
        KerasConfiguration(className: layer.className, members: layer.configuration))
      #expect(read.configuration == layer.configuration)
      #expect(read.className == layer.className)
    }
  }

  /// A class of several names keeps the one that it was read under.
  @Test(arguments: [
    "Conv1D", "Conv3D", "DepthwiseConv1D", "Conv1DTranspose", "MaxPooling3D", "ZeroPadding1D",
    "Cropping3D", "UpSampling1D", "GlobalMaxPooling1D", "SyncBatchNormalization",
    "AdditiveAttention", "LocallyConnected1D",
  ])
  func namesOfClasses(name: String) throws {
    let members: JSONObject = ["filters": 2, "kernel_size": 3]
    let read = try #require(KerasLayers.all.first { $0.aliases.contains(name) }).init(
      KerasConfiguration(className: name, members: members))
    #expect(read.className == name)
  }

  @Test func nodesOfKeras3() throws {
    let model = try parsed(
      """
      {"class_name": "Functional", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"batch_shape": [null, 4], "name": "a"},
         "name": "a", "inbound_nodes": []},
        {"class_name": "Dense", "config": {"name": "b", "units": 3, "activation": "relu",
         "dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}}}, "name": "b",
         "inbound_nodes": [{"args": [{"class_name": "__keras_tensor__",
          "config": {"shape": [null, 4], "keras_history": ["a", 0, 0]}}], "kwargs": {}}]}],
       "input_layers": ["a", 0, 0], "output_layers": [["b", 0, 0]]}}
      """)
    #expect(model.layer("b")?.inbound == ["a"])
    #expect(model.layer("b")?.outputShape == [3])
    #expect(model.inputs == [KerasTensorReference(layer: "a")])
  }

  @Test func sequentialModels() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": [
        {"class_name": "Dense", "config": {"name": "d", "units": 3,
         "batch_input_shape": [null, 5]}},
        {"class_name": "Activation", "config": {"name": "e", "activation": "tanh"}}]}
      """)
    #expect(model.outline == ["d_input:InputLayer", "d:Dense", "e:Activation"])
    #expect(model.layer("d")?.variables.first?.shape == [5, 3])
  }

  @Test func unknownClassesAreKept() throws {
    let text = """
      {"class_name":"Functional","config":{"name":"m","layers":[\
      {"class_name":"InputLayer","config":{"name":"a","batch_input_shape":[null,4],\
      "dtype":"float32"},"name":"a","inbound_nodes":[]},\
      {"class_name":"Novel","config":{"name":"b","depth":7},"name":"b",\
      "inbound_nodes":[[["a",0,0,{}]]]},\
      {"class_name":"Dense","config":{"name":"c","units":2},"name":"c",\
      "inbound_nodes":[[["b",0,0,{}]]]}],\
      "input_layers":["a",0,0],"output_layers":["c",0,0]}}
      """
    let model = try parsed(text)
    #expect(model.layer("b")?.layerClass.className == "Novel")
    #expect(model.layer("b")?.outputShape == nil)
    #expect(model.layer("c")?.outputShape == nil)
    #expect(String(decoding: JSONWriter().bytes(of: model.configuration), as: UTF8.self) == text)
  }

  @Test(arguments: [
    #"{"class_name": "Dense", "config": {"name": "b"}}"#,
    #"{"class_name": "Dense", "config": {"name": "b", "units": -1}}"#,
    #"{"class_name": "Dense", "config": {"name": "b", "units": 1e30}}"#,
    #"{"class_name": "Conv2D", "config": {"name": "b", "filters": 1, "kernel_size": [0, 1]}}"#,
    #"{"class_name": "MaxPooling2D", "config": {"name": "b", "strides": 0}}"#,
    #"{"class_name": "Permute", "config": {"name": "b", "dims": [1, 1]}}"#,
    #"{"class_name": "Flatten", "config": {"name": "b", "data_format": 3}}"#,
    #"{"class_name": "Reshape", "config": {"name": "b", "target_shape": [-1, 7, -1]}}"#,
    #"{"config": {"name": "b"}}"#,
  ])
  func wrongConfigurationsAreRefused(layer: String) {
    let error = #expect(throws: ModelFileError.self) {
      try parsed(
        """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"name": "a", "batch_input_shape": [null, 4]}},
          \(layer)]}}
        """)
    }
    #expect(error?.kind == .damaged)
    #expect(error?.places.isEmpty == false)
  }

  /// Keras calls such layers after their classes (`Layer.__init__`).
  @Test func aSequentialsLayersMayLackNames() throws {
    let model = try parsed(
      """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "InputLayer", "config": {"name": "a", "batch_input_shape": [null, 4]}},
        {"class_name": "Dense", "config": {"units": 3}},
        {"class_name": "Dense", "config": {"name": "dense_1", "units": 3}},
        {"class_name": "my>LayerScale", "config": {"trainable": true}},
        {"class_name": "Dense", "config": {"units": 2}}]}}
      """)
    #expect(model.layers.map(\.name) == ["a", "dense", "dense_1", "layer_scale", "dense_2"])
  }

  @Test func circlesAreRefused() {
    #expect(throws: ModelFileError.self) {
      try parsed(
        """
        {"class_name": "Functional", "config": {"layers": [
          {"class_name": "ReLU", "config": {}, "name": "a", "inbound_nodes": [[["b", 0, 0, {}]]]},
          {"class_name": "ReLU", "config": {}, "name": "b", "inbound_nodes": [[["a", 0, 0, {}]]]}
        ]}}
        """)
    }
  }

  @Test func variablesLargerThanAnyMemoryAreRefused() {
    let error = #expect(throws: ModelFileError.self) {
      try parsed(
        """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"name": "a", "batch_input_shape": [null, 4, 4, 1]}},
          {"class_name": "Conv2D", "config": {"name": "b", "filters": 2000000000, "padding": "same",
           "kernel_size": [2000000000, 2000000000]}}]}}
        """)
    }
    #expect(error?.places == [.layer(index: 1, type: "Conv2D")])
  }

  @Test func extentsThatGrowWithoutEndAreRefused() {
    let growth = (0..<5).map { index in
      #"{"class_name": "UpSampling2D", "config": {"name": "u\#(index)", "size": 2000000000}}"#
    }
    #expect(throws: ModelFileError.self) {
      try parsed(
        """
        {"class_name": "Sequential", "config": {"name": "m", "layers": [
          {"class_name": "InputLayer", "config": {"name": "a", "batch_input_shape": [null, 4, 4, 1]}},
          \(growth.joined(separator: ","))]}}
        """)
    }
  }

  private func parsed(_ text: String) throws -> KerasModel {
    try KerasModel(configuration: JSONParser.parse(Array(text.utf8)))
  }
}

private func text(of json: JSONValue) -> String {
  String(decoding: JSONWriter().bytes(of: json), as: UTF8.self)
}
