import Testing

/// Embeddings, against numbers of Keras 3.15; the table of 8 bits by its formula.
@Suite struct EmbeddingLayerTests {
  @Test(arguments: tables)
  func numbersOfTables(layer: LayerCase) throws { try layer.check() }

  private static let tables: [LayerCase] = [
    LayerCase(
      "Embedding", #"{"input_dim": 4, "output_dim": 2}"#,
      inputs: [[3]], whole: 4,
      variables: [[4, 2]], output: [3, 2],
      values: [0.5, 0, -0.5, 0.375, -0.25, 0.625]),
    LayerCase(
      "ReversibleEmbedding", #"{"input_dim": 4, "output_dim": 2}"#,
      inputs: [[3]], whole: 4,
      variables: [[4, 2]], output: [3, 2],
      values: [0.5, 0, -0.5, 0.375, -0.25, 0.625]),
    LayerCase(
      "Embedding", #"{"input_dim": 4, "output_dim": 2, "quantization_mode": "int8"}"#,
      inputs: [[3]], whole: 4, variables: [[4, 2], [4]], output: [3, 2],
      values: [-0.8, -0, -2, 1.5, -0.6666667, 1.666667]),
  ]
}
