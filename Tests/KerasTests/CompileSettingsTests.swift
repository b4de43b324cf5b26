import FileSupport
import ModelGraph
import Testing

@testable import Keras

@Suite struct CompileSettingsTests {
  private func adam(_ keys: JSONObject = [:]) -> JSONValue {
    var config: JSONObject = ["learning_rate": 1, "beta_1": 0.9, "amsgrad": false]
    for (key, value) in keys { config[key] = value }
    return ["class_name": "Custom>Adam", "config": .object(config)]
  }

  private func refusal(_ settings: JSONValue, names: [String: String] = ["y": "y"]) -> String? {
    do throws(SettingsRefusal) {
      _ = try CompileSettings(settings, names: names)
      return nil
    } catch {
      return error.reason
    }
  }

  @Test func functionsBecomeObjects() throws {
    let settings = try CompileSettings(
      [
        "optimizer_config": adam(), "loss": ["y": "mse"],
        "metrics": [
          [
            [
              "class_name": "MeanMetricWrapper",
              "config": ["name": "mae", "dtype": "float32", "fn": "mean_absolute_error"],
            ]
          ]
        ],
      ], names: ["y": "y_1"])
    let written = settings.written(inLegacyLayout: false, for: .both, rate: 0.5)
    #expect(written["optimizer"]?["class_name"] == "Adam")
    #expect(written["optimizer"]?["config"]?["learning_rate"] == 0.5)
    #expect(written["loss"]?["y_1"]?["class_name"] == "MeanSquaredError")
    #expect(written["metrics"]?[0]?["class_name"] == "MeanAbsoluteError")
    #expect(written["metrics"]?[0]?["config"] == ["name": "mae"])
    #expect(written["weighted_metrics"] == .null)
    let legacy = settings.written(inLegacyLayout: true, for: .second, rate: nil)
    #expect(legacy["optimizer_config"]?["class_name"] == "Custom>Adam")
    // Keras 3 takes no whole number for the rate.
    #expect(legacy["optimizer_config"]?["config"]?["learning_rate"] == 1.0)
  }

  @Test func outputsWithoutMetricsHaveEmptyLists() throws {
    let settings = try CompileSettings(
      ["optimizer_config": adam(), "metrics": [["mae"], [nil]]], names: ["y": "y", "z": "z"])
    let metrics = settings.written(inLegacyLayout: true, for: .third, rate: nil)["metrics"]
    #expect(metrics?[0]?[0]?["class_name"] == "MeanAbsoluteError")
    #expect(metrics?[1] == [])
    let one = try CompileSettings(
      ["optimizer_config": adam(), "metrics": [[nil]]], names: ["y": "y"])
    #expect(one.written(inLegacyLayout: true, for: .third, rate: nil)["metrics"] == [])
  }

  @Test func whatIsNotKnownIsRefused() {
    let optimizer = ["optimizer_config": adam()] as JSONObject
    func with(_ key: String, _ value: JSONValue) -> JSONValue {
      var settings = optimizer
      settings[key] = value
      return .object(settings)
    }
    #expect(refusal(.object(optimizer)) == nil)
    #expect(refusal([]) == "they are no object")
    #expect(refusal(["loss": "mse"]) == "they name no optimizer")
    #expect(refusal(with("loss", "my_loss")) == "the loss 'my_loss' is not known")
    #expect(refusal(with("loss", ["z": "mse"])) == "'z' is no output of the model")
    #expect(refusal(with("metrics", ["my_metric"])) == "the metric 'my_metric' is not known")
    #expect(refusal(with("loss_weights", ["y": "much"])) == "a weight of a loss is no number")
    #expect(refusal(with("further", 3)) == "'further' is not known")
    #expect(refusal(with("further", .null)) == nil)
    let classes: [(JSONValue, String)] = [
      (
        adam(["beta_1": 2]), "'beta_1' of the optimizer 'Adam' has a value that Keras does not take"
      ),
      (adam(["beta_3": 0.5]), "'beta_3' of the optimizer 'Adam' is not known"),
      (adam(["decay": 0.0]), "the optimizer 'Adam' is a legacy one"),
      (
        adam(["clipnorm": 1.0, "clipvalue": 1.0]),
        "the optimizer 'Adam' clips gradients in two ways"
      ),
      (["class_name": "Mine", "config": [:]], "the optimizer 'Mine' is not known"),
      ("adam", "the optimizer is none that Keras writes"),
    ]
    for (value, reason) in classes {
      #expect(refusal(["optimizer_config": value]) == reason)
    }
  }

  @Test func variablesOfOptimizersDifferBetweenGenerations() throws {
    let shapes = [Shape([2, 3]), Shape([3])]
    func layout(_ name: String, _ keys: JSONObject, _ keras: LoadingGeneration) throws -> [Shape] {
      var config: JSONObject = ["learning_rate": 0.1]
      for (key, value) in keys { config[key] = value }
      let optimizer = try OptimizerSettings(
        ["class_name": .string(name), "config": .object(config)])
      return OptimizerLayout(optimizer, in: keras, for: shapes).entries.map(\.shape)
    }
    let scalar = Shape([])
    #expect(try layout("SGD", [:], .second) == [scalar] + shapes)
    #expect(try layout("SGD", [:], .third) == [scalar, scalar])
    #expect(
      try layout("Adam", ["amsgrad": true], .third) == [
        scalar, scalar, shapes[0], shapes[0], shapes[1], shapes[1], shapes[0], shapes[1],
      ])
    #expect(try layout("Nadam", [:], .third).last == scalar)
    let schedule: JSONValue = [
      "class_name": "ExponentialDecay",
      "config": ["initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5],
    ]
    #expect(
      try layout("Lion", ["learning_rate": schedule], .third)
        == layout("Lion", ["learning_rate": schedule], .second))
  }
}
