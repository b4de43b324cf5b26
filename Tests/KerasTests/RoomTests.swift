import FileSupport
import ModelGraph
import Testing

@testable import Keras

/// What rooms list and refuse.
@Suite struct RoomTests {
  @Test(arguments: [
    ("EinsumDense", #"{"equation": "abc,cd->abd", "output_shape": [null]}"#),
    ("EinsumDense", #"{"equation": "abc,de->abd", "output_shape": [3, 2]}"#),
    ("EinsumDense", #"{"equation": "abc,cd", "output_shape": 2}"#),
    ("EinsumDense", #"{"equation": "abcd,de->abce", "output_shape": [1, 1, 1]}"#),
    ("EinsumDense", #"{"equation": "abc,cd->abd", "output_shape": [3, 2], "bias_axes": "e"}"#),
    ("GroupQueryAttention", #"{"head_dim": 2, "num_query_heads": 3, "num_key_value_heads": 2}"#),
    ("Rescaling", #"{"scale": [1, 2, 3]}"#), ("Rescaling", #"{"scale": [[1], [2, 3]]}"#),
    ("Discretization", #"{"bin_boundaries": [2, 1]}"#),
    ("SpectralNormalization", #"{"layer": {"class_name": "ReLU", "config": {}}}"#),
    ("CenterCrop", #"{"height": 0, "width": 1}"#), ("Merge", #"{"mode": "mean"}"#),
  ])
  func misfits(className: String, configuration: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      let layer = try layer(className, configuration)
      _ = try layer.outputShape(of: [[3, 2]])
      _ = try layer.variables(for: [[3, 2]])
    }
    #expect(error?.kind == .damaged)
  }

  @Test(arguments: [
    ("StringLookup", "{}"), ("Hashing", "{}"), ("Discretization", #"{"num_bins": 3}"#),
    ("EinsumDense", #"{"equation": "aab,bc->aac", "output_shape": 2}"#),
    ("Merge", #"{"mode": "f", "mode_type": "function"}"#),
    (
      "LocallyConnected1D",
      #"{"filters": 1, "kernel_size": 2, "padding": "same", "implementation": 3}"#
    ),
    ("Resizing", #"{"height": 1, "width": 1, "antialias": true}"#),
    ("CategoryEncoding", #"{"num_tokens": 2, "sparse": true}"#),
    (
      "RNN",
      #"{"cell": {"class_name": "StackedRNNCells", "config": {"cells": [{"class_name": "StackedRNNCells", "config": {"cells": []}}]}}}"#
    ),
    ("RNN", #"{"cell": {"class_name": "ResidualWrapper", "config": {}}}"#),
  ])
  func refusals(className: String, configuration: String) throws {
    let unknown = try #require(try layer(className, configuration) as? UnknownLayer)
    #expect(unknown.refusal.kind == .unsupported)
  }

  @Test func aGatesVariablesStandBehindTheKeys() throws {
    let layer = try layer(
      "MultiHeadAttention", #"{"num_heads": 2, "key_dim": 3, "value_dim": 4, "use_gate": true}"#)
    let forms = try layer.variables(for: [[5, 6], [7, 8]])
    #expect(
      forms.map(\.name)
        == ["query", "key", "gate", "value", "output"].flatMap {
          ["\($0)/kernel", "\($0)/bias"]
        })
    #expect(forms[4].shape == [6, 2, 4])
  }

  @Test func aSpectralNormsVectorComesFirstAndIsStoredLast() throws {
    let layer = try layer(
      "SpectralNormalization", #"{"layer": {"class_name": "Dense", "config": {"units": 3}}}"#)
    let forms = try layer.variables(for: [[2]])
    #expect(forms.map(\.name) == ["vector_u", "kernel", "bias"])
    #expect(
      WeightAssignment.legacyOrder(forms).map(\.name) == ["kernel", "bias", "vector_u"])
    #expect(forms.map(\.owner) == [[], ["layer"], ["layer"]])
  }

  @Test func attentionAlongTheNumbersOfAStepIsRefused() throws {
    let unfit = LayerCase(
      "MultiHeadAttention",
      #"{"num_heads": 1, "key_dim": 1, "attention_axes": [3]}"#, inputs: [[2, 2, 1], [2, 2, 1]],
      variables: [[1, 1, 1], [1, 1], [1, 1, 1], [1, 1], [1, 1, 1], [1, 1], [1, 1, 1], [1]],
      output: [2, 2, 1], values: [])
    #expect(throws: ModelFileError.self) { try unfit.check() }
  }

  @Test func everyNameIsListedOnce() {
    let names = KerasSupport.all.map { "\($0.kind) \($0.name)" }
    #expect(Set(names).count == names.count)
    #expect(KerasSupport.all.contains { $0.name == "StringLookup" && !$0.isComputed })
    #expect(KerasSupport.all.contains { $0.name == "Convolution2D" && $0.isComputed })
  }

  private func layer(
    _ className: String, _ configuration: String
  ) throws -> any KerasLayerClass {
    let members = try #require(try JSONParser.parse(Array(configuration.utf8)).object)
    return try KerasLayers.layer(KerasConfiguration(className: className, members: members))
  }
}
