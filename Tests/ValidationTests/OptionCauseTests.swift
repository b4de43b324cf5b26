import Foundation
import Testing

@testable import Validation

/// What is found out about options that differ.
@Suite struct OptionCauseTests {
  typealias Option = (name: String, first: String, second: String)

  func cause(
    _ options: [Option], architecture: [Option] = [], elsewhere: [Option] = []
  ) -> LikelyCause? {
    let differences =
      options.map {
        ModelDifference(
          .configuration, layer: "a", option: $0.name, first: $0.first, second: $0.second)
      }
      + architecture.map {
        ModelDifference(
          .architecture, layer: "a", option: $0.name, first: $0.first, second: $0.second)
      }
      + elsewhere.map {
        ModelDifference(
          .configuration, layer: "b", option: $0.name, first: $0.first, second: $0.second)
      }
    return OptionCauses(differences, of: "a").cause()
  }

  @Test(arguments: [
    ("epsilon", "0.001", "0.02", LikelyCause.Kind.epsilon),
    ("divisor", "rootOfSum(epsilon: 0.001)", "sumWithRoot(epsilon: 1e-06)", .epsilon),
    ("pad", "1", "0", .padding), ("window.padding.0", "(1, 1)", "(0, 0)", .padding),
    ("activation", "relu", "elu", .activation),
    ("function", "leakyRelu(slope: 0.1)", "leakyRelu(slope: 0.2)", .slope),
    ("function", "leakyRelu(slope: 0.1)", "relu(maximum: 6.0)", .activation),
    ("function", "mish", "swish", .activation), ("negative_slope", "0.1", "0.3", .slope),
    ("layer.config.go_backwards", "none", "true", .direction),
    ("class_name", "MaxPooling2D", "AveragePooling2D", .pooling),
    ("class_name", "ReLU", "ELU", .activation), ("rule", "maximum", "average", .pooling),
    ("layers", "-1,8", "8,-1", .inputOrder), ("layers", "-1,8", "-1,7", .inputs),
    ("inputs", "x, y", "y, x", .inputOrder), ("from", "-3", "-4", .inputs),
    ("tanh", "0", "1", .activation),
    ("operation", "repetition", "resizing", .interpolation),
    ("operation", "repetition", "slice", .option), ("mask", "0,1,2", "3,4,5", .mask),
    ("scale_x_y", "1", "1.05", .option),
  ])
  func oneOption(name: String, first: String, second: String, kind: LikelyCause.Kind) {
    let cause = cause([(name, first, second)], elsewhere: [("mask", "1", "2")])
    #expect(cause?.kind == kind && cause?.layer == "a")
    #expect(cause?.detail == "\(name): \(first) → \(second)")
  }

  @Test func several() {
    let one = cause([("pad", "1", "0"), ("padding", "none", "0")])
    #expect(one?.kind == .padding)
    #expect(one?.detail == "pad: 1 → 0; padding: none → 0")
    #expect(cause([("pad", "1", "0"), ("stride", "1", "2")]) == nil)
  }

  @Test func whatFollows() {
    let reversed: Option = ("go_backwards", "none", "true")
    #expect(cause([reversed, ("implementation", "none", "2")])?.kind == .direction)
    #expect(cause([reversed, ("stateful", "none", "true")]) == nil)
    let type: Option = ("type", "[maxpool] [2, 4, 4]", "[local_avgpool] [2, 4, 4]")
    #expect(cause([("maxpool_depth", "0", "none")], architecture: [type])?.kind == .pooling)
    #expect(cause([("size", "2", "3")], architecture: [type]) == nil)
  }

  @Test func otherActivationLayer() {
    let layer: Option = ("class_name", "LeakyReLU", "ReLU")
    #expect(
      cause([layer, ("alpha", "0.1", "none"), ("max_value", "none", "6")])?.kind == .activation)
    #expect(cause([layer, ("alpha", "0.1", "none"), ("pad", "1", "0")]) == nil)
    #expect(cause([("class_name", "ReLU", "Conv2D"), ("alpha", "0.1", "none")]) == nil)
  }

  @Test func architecture() {
    let shape: Option = ("shape", "[convolutional] [2, 4, 4]", "[convolutional] [2, 2, 2]")
    #expect(cause([("pad", "1", "0")], architecture: [shape])?.kind == .padding)
    #expect(cause([], architecture: [shape]) == nil)
    #expect(cause([("pad", "1", "0")], architecture: [("type", "a", "b")]) == nil)
  }

  /// The page tells of every kind, and of no other.
  @Test func page() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../spec/causes.md").standardizedFileURL
    let text = try String(contentsOf: page, encoding: .utf8)
    let named = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .compactMap { $0.split(separator: "|").first }
      .flatMap { $0.split(separator: "`").filter { $0.contains { $0.isLetter } } }
    #expect(Set(named.map(String.init)) == Set(LikelyCause.Kind.allCases.map(\.rawValue)))
  }
}
