import ModelGraph
import TestSupport
import Testing

@testable import Validation

/// What a changed cfg makes of a comparison whose numbers are the same on both sides.
@Suite struct NetworkConfigurationTests {
  /// No value reaches 6, and a head's values don't tell its anchors.
  static let cfg = """
    [net]
    width=8
    height=8
    channels=1
    [convolutional]
    filters=2
    size=1
    activation=relu
    [maxpool]
    size=1
    stride=1
    [convolutional]
    filters=2
    size=1
    activation=linear
    [route]
    layers=-1,-3
    [convolutional]
    filters=7
    size=1
    activation=logistic
    [yolo]
    anchors=1,2, 3,4
    mask=1
    classes=2
    num=2
    """

  /// Of three convolutions of 1, 2 and 4 channels.
  static let count = (2 + 2) + (2 + 4) + (7 + 28)

  let bench: Bench

  init() throws {
    bench = try Bench()
    try bench.put("a", Self.cfg, numbers(Self.count))
  }

  private func compare(_ old: String, _ new: String) throws -> ComparisonReport {
    try bench.put("b", Self.cfg.replacing(old, with: new), numbers(Self.count))
    return try bench.compare(bench.model("a"), bench.model("b"))
  }

  @Test(arguments: [
    ("anchors=1,2, 3,4", "anchors=1,2, 3,5", "yolo_5", "anchors"),
    ("mask=1", "mask=0", "yolo_5", "mask"),
    ("num=2", "num=2\nscale_x_y=1.1", "yolo_5", "scale_x_y"),
    ("num=2", "num=2\nnew_coords=1", "yolo_5", "new_coords"),
    ("activation=relu", "activation=relu6", "convolutional_0", "activation"),
    ("layers=-1,-3", "layers=-3,-1", "route_3", "layers"),
    ("activation=logistic", "activation=tanh", "convolutional_4", "activation"),
  ])
  func changed(old: String, new: String, layer: String, option: String) throws {
    let report = try compare(old, new)
    #expect(!report.matches)
    #expect(report.firstDifference == layer)
    #expect(report.differingParameters.isEmpty)
    #expect(
      report.differences.contains {
        $0.kind == .configuration && $0.layer == layer && $0.option == option
      }, "\(report.differences)")
  }

  /// What is listed as changing nothing.
  @Test(arguments: [
    ("filters=2\nsize=1", "filters=2\nsize=1\ndilation=2", "convolutional_0", "dilation"),
    ("num=2", "num=2\njitter=.4", "yolo_5", "jitter"),
  ])
  func changedWithoutMeaning(old: String, new: String, layer: String, option: String) throws {
    let report = try compare(old, new)
    #expect(report.matches, "\(report.differences)")
    #expect(report.equivalent.contains { $0.layer == layer && $0.option == option })
  }
}
