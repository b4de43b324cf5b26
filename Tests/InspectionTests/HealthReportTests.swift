import FileSupport
import ModelGraph
import Testing

@testable import Inspection

/// What is wrong with numbers, and what is only odd.
@Suite struct HealthReportTests {
  typealias Tensor = (name: String, values: [Double])

  func findings(_ layers: [[Tensor]]) -> [HealthReport.Finding] {
    var summary = Summary(file: "m.h5", format: "keras-h5", bytes: 0)
    for (index, tensors) in layers.enumerated() {
      var layer = Summary.Layer(index: index, name: "layer_\(index)")
      for tensor in tensors {
        var statistics = Statistics()
        statistics.add(tensor.values)
        var parameter = Summary.StoredParameter(
          name: tensor.name, shape: [tensor.values.count], dtype: "float32", bytes: 0)
        parameter.statistics = statistics
        parameter.sha256 = "\(tensor.values)"
        layer.parameters.append(parameter)
      }
      summary.layers.append(layer)
    }
    return HealthReport(summary).findings
  }

  func kinds(_ name: String, _ values: [Double]) -> [HealthReport.Finding.Kind] {
    findings([[(name, values)]]).map(\.kind)
  }

  private let kernel: [Double] = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8, 0.9]

  @Test func healthy() {
    #expect(
      findings([
        [("conv/kernel:0", kernel), ("conv/bias:0", [0, 0, 0])],
        [
          ("gamma", [1, 1]), ("beta", [0, 0]), ("moving_mean", [0, 0]),
          ("moving_variance", [1, 1]),
        ],
      ]).isEmpty)
    // γ may begin as zeros, dead channels have no variance, statistics have the size of the data.
    #expect(kinds("gamma", [0, 0]) == [] && kinds("moving_variance", [0, 1, -7e-44]) == [])
    #expect(kinds("mean", [1e9, 2]) == [] && kinds("rolling_variance", [1e11, 3]) == [])
    #expect(kinds("weights", [0]) == [] && kinds("scales", [1e-40, 1, 1]) == [])
  }

  @Test(arguments: [
    ("weights", HealthReport.Finding.Kind.notANumber, [Double.nan, 1]),
    ("biases", .infinite, [-Double.infinity, 1]),
    ("rolling_variance", .negativeVariance, [1, -0.01]),
    ("conv/kernel:0", .zeros, [0, 0]), ("input_z.weights", .zeros, [0, 0]),
    ("moving_variance", .zeros, [0, 0]), ("kernel", .huge, [2e6, 1]), ("mean", .huge, [2e12, 1]),
    ("biases", .denormal, [1e-40, 2e-41, 1]),
    ("kernel", .constant, [Double](repeating: 0.5, count: 9)),
    ("gamma", .randomLooking, [1e-30, 3e20, -2, 1e30, 5e-9, -7e14, 1, 2]),
  ])
  func finding(name: String, kind: HealthReport.Finding.Kind, values: [Double]) {
    #expect(kinds(name, values) == [kind])
  }

  @Test func equalKernels() {
    let trained: [Tensor] = [("kernel", kernel), ("bias", [0.1, 0.2])]
    #expect(findings([trained, trained]).map(\.kind) == [.equalTensors])
    #expect(findings([trained, trained]).first?.detail == "has the numbers of layer_0, kernel")
    // Fresh ones of one seed.
    let fresh: [Tensor] = [("kernel", kernel), ("bias", [0, 0])]
    #expect(findings([fresh, fresh]).isEmpty)
    // One layer's own.
    #expect(
      findings([[("forward/kernel", kernel), ("backward/kernel", kernel), ("bias", [1, 2])]])
        .isEmpty)
  }

  @Test func document() {
    let summary = Summary(file: "m.h5", format: "keras-h5", bytes: 0)
    let text = String(decoding: JSONWriter().bytes(of: HealthReport(summary).json), as: UTF8.self)
    #expect(
      text
        == "{\"healthy\":true,\"file\":\"m.h5\",\"status\":null,\"tensors\":0,\"findings\":[],"
        + "\"warnings\":[]}")
  }
}
