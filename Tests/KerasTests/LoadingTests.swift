import FileSupport
import Testing

@testable import Keras

/// What each Keras makes of a configuration. `Tests/Interop/test_loads_in.py` asks the real ones.
@Suite("Which Keras loads a configuration")
struct LoadingTests {
  /// Why a generation refuses a `Sequential` of these layers in an `.h5`; `nil` if it takes it.
  private func refusal(
    _ generation: LoadingGeneration, _ layers: [JSONValue], isArchive: Bool = false
  ) -> String? {
    let input: JSONValue = [
      "class_name": "InputLayer", "config": ["batch_input_shape": [nil, 4], "name": "in"],
    ]
    var loader = ConfigurationLoader(generation, isArchive: isArchive, isOwn: true)
    do {
      try loader.load([
        "class_name": "Sequential",
        "config": ["name": "model", "layers": .array([input] + layers)],
      ])
      return nil
    } catch {
      return error.reason
    }
  }

  private func layer(_ className: String, _ config: JSONObject) -> JSONValue {
    var members = config
    if members["name"] == nil { members["name"] = "a" }
    return ["class_name": .string(className), "config": .object(members)]
  }

  @Test func whatBothTake() {
    let layers = [
      layer("Dense", ["units": 3, "activation": "relu", "kernel_initializer": "HeNormal"]),
      layer("LeakyReLU", ["alpha": 0.1]), layer("BatchNormalization", ["axis": [1]]),
    ]
    for generation in LoadingGeneration.allCases { #expect(refusal(generation, layers) == nil) }
  }

  @Test(
    arguments: [
      ("Dense", ["units": 3, "units_2": 3], "does not take 'units_2'"),
      ("FancyLayer", [:], "has no class 'FancyLayer'"),
      ("Dense", ["units": 3, "activation": "zing"], "has no activation 'zing'"),
      ("Dense", ["units": 3, "bias_initializer": "mine"], "has no initializer 'mine'"),
      ("Dense", ["activation": "relu"], "lacks 'units'"),
      ("Dense", ["units": 3, "dtype": "float33"], "has no dtype 'float33'"),
    ] as [(String, JSONObject, String)])
  func whatNeitherTakes(className: String, config: JSONObject, reason: String) {
    for generation in LoadingGeneration.allCases {
      #expect(refusal(generation, [layer(className, config)])?.contains(reason) == true)
    }
  }

  @Test(
    arguments: [
      (.third, "LSTM", ["units": 3, "time_major": false]),
      (.second, "LeakyReLU", ["negative_slope": 0.1]),
      (.second, "LeakyReLU", ["negative_slope": 0.1, "alpha": 0.1]),
      (.third, "ThresholdedReLU", [:]), (.second, "RMSNormalization", [:]),
      (.third, "Dense", ["units": 1, "name": "a/b"]),
      (.second, "Dense", ["units": 1, "name": "a b"]),
      (
        .third, "Dense",
        ["units": 1, "dtype": ["class_name": "Policy", "config": ["name": "mixed_float16"]]]
      ),
      (
        .second, "Dense",
        ["units": 1, "dtype": ["class_name": "DTypePolicy", "config": ["name": "float32"]]]
      ),
      (.third, "LayerNormalization", ["axis": [1, 2]]),
      (.third, "Attention", ["score_mode": "dot"]),
      (.second, "Dense", ["units": 1, "activation": "sparsemax"]),
    ] as [(LoadingGeneration, String, JSONObject)])
  func whatOneTakes(generation: LoadingGeneration, className: String, config: JSONObject) {
    #expect(refusal(generation, [layer(className, config)]) != nil)
    let other: LoadingGeneration = generation == .second ? .third : .second
    if className != "LeakyReLU" || config.count < 2 {
      #expect(refusal(other, [layer(className, config)]) == nil)
    }
  }

  @Test func modulesOutsideOfKeras() throws {
    let entry: JSONValue = [
      "module": "os", "class_name": "Dense", "config": ["name": "a", "units": 1],
      "registered_name": nil,
    ]
    #expect(refusal(.third, [entry]) == "Keras 3 has no class 'Dense'")
    let found = try KerasLayers.layer(
      KerasConfiguration(className: "Dense", members: ["units": 1], origin: entry, depth: 0))
    #expect((found as? UnknownLayer)?.isForeignCode == true)
  }

  /// `h + 3.0` in an `.h5` by Keras 3.
  @Test func operatorsByPosition() {
    func model(_ arguments: JSONValue) -> JSONValue {
      [
        "class_name": "Functional",
        "config": [
          "name": "m", "input_layers": [["in", 0, 0]], "output_layers": [["add", 0, 0]],
          "layers": [
            [
              "class_name": "InputLayer", "name": "in", "inbound_nodes": [],
              "config": ["batch_shape": [nil, 4], "name": "in"],
            ],
            [
              "class_name": "Add", "name": "add", "config": ["name": "add"],
              "inbound_nodes": [["args": arguments, "kwargs": [:]]],
            ],
          ],
        ],
      ]
    }
    let tensor: JSONValue = [
      "class_name": "__keras_tensor__",
      "config": ["shape": [nil, 4], "dtype": "float32", "keras_history": ["in", 0, 0]],
    ]
    var loader = ConfigurationLoader(.third, isArchive: false, isOwn: true)
    #expect(throws: LoadingRefusal.self) { try loader.load(model([tensor, 3.0])) }
    #expect(throws: LoadingRefusal.self) { try loader.load(model([tensor])) }
    #expect(throws: Never.self) { try loader.load(model([[tensor, tensor]])) }
  }
}
