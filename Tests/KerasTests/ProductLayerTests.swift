import Testing

/// Layers of products and norms, against numbers of Keras 3.15.
@Suite struct ProductLayerTests {
  @Test(arguments: equations)
  func numbersOfEquations(layer: LayerCase) throws { try layer.check() }

  @Test(arguments: norms)
  func numbersOfNorms(layer: LayerCase) throws { try layer.check() }

  @Test(arguments: attention)
  func numbersOfAttention(layer: LayerCase) throws { try layer.check() }

  private static let equations: [LayerCase] = [
    LayerCase(
      "EinsumDense",
      #"{"equation": "abc,cd->abd", "output_shape": [null, 2], "bias_axes": "d", "activation": "relu"}"#,
      inputs: [[2, 3]],
      variables: [[3, 2], [2]], output: [2, 2],
      values: [1.40625, 0, 0, 0]),
    LayerCase(
      "EinsumDense", #"{"equation": "...x,xy->...y", "output_shape": 2}"#,
      inputs: [[2, 3]],
      variables: [[3, 2]], output: [2, 2],
      values: [1.03125, -0.71875, -0.40625, -0.59375]),
    LayerCase(
      "EinsumDense", #"{"equation": "ab...,bc->ac...", "output_shape": 2, "bias_axes": "c"}"#,
      inputs: [[2, 3]],
      variables: [[2, 2], [2, 1]], output: [2, 3],
      values: [0.5625, 0.40625, -0.15625, -0.5625, -0.25, 1.28125]),
    LayerCase(
      "EinsumDense", #"{"equation": "abc,bcd->abd", "output_shape": [2, 2], "bias_axes": "bd"}"#,
      inputs: [[2, 3]],
      variables: [[2, 3, 2], [2, 2]], output: [2, 2],
      values: [1.40625, -0.84375, -0.78125, -0.09375]),
    LayerCase(
      "EinsumDense", #"{"equation": "abc,cde->aebd", "output_shape": [3, 2, 2], "bias_axes": "e"}"#,
      inputs: [[2, 3]],
      variables: [[3, 2, 3], [3, 1, 1]], output: [3, 2, 2],
      values: [
        1.4375, 1.34375, -0.65625, -0.53125, -0.46875, -0.5625, -0.3125, -0.1875, -1.34375, -1.4375,
        -0.3125, -0.1875,
      ]),
    LayerCase(
      "EinsumDense", #"{"equation": "abc,bd->ad", "output_shape": [2]}"#,
      inputs: [[2, 3]],
      variables: [[2, 2]], output: [2],
      values: [-0.3125, 0.84375]),
  ]

  private static let norms: [LayerCase] = [
    LayerCase(
      "RMSNormalization", #"{}"#,
      inputs: [[2, 3]],
      variables: [[3]], output: [2, 3],
      values: [0.2379154, 0.1486971, 0.1784365, 0.1404878, 0.5268291, -0.1756097]),
    LayerCase(
      "RMSNormalization", #"{"axis": [1, 2], "epsilon": 0.01}"#,
      inputs: [[2, 3]],
      variables: [[2, 3]], output: [2, 3],
      values: [0.2554325, 0.1596453, 0.1915744, 0.1915744, 0.3831487, -0]),
  ]

  private static let attention: [LayerCase] = [
    LayerCase(
      "MultiHeadAttention", #"{"num_heads": 2, "key_dim": 2, "use_gate": true}"#,
      inputs: [[3, 2], [2, 3]],
      variables: [
        [2, 2, 2], [2, 2], [3, 2, 2], [2, 2], [2, 2, 2], [2, 2], [3, 2, 2], [2, 2], [2, 2, 2], [2],
      ], output: [3, 2],
      values: [0.3431431, -1.174472, 0.2771222, -1.248953, 0.2947958, -1.185002]),
    LayerCase(
      "MultiHeadAttention",
      #"{"num_heads": 2, "key_dim": 2, "value_dim": 1, "use_bias": false, "attention_axes": [2], "output_shape": [3]}"#,
      inputs: [[2, 3, 2], [2, 2, 2]],
      variables: [[2, 2, 2], [2, 2, 2], [2, 2, 1], [2, 1, 3]], output: [2, 3, 3],
      values: [
        -0.01705911, 0.1733091, -0.1598353, -0.02315977, 0.1794098, -0.1750869, -0.02076885,
        0.1770189, -0.1691096, 0.01880305, -0.268803, 0.2345076, 0.02120507, -0.2712051, 0.2405127,
        0.02359151, -0.2735915, 0.2464788,
      ]),
    LayerCase(
      "MultiHeadAttention", #"{"num_heads": 2, "key_dim": 2}"#,
      inputs: [[2, 2, 2], [2, 1, 2]],
      variables: [[2, 2, 2], [2, 2], [2, 2, 2], [2, 2], [2, 2, 2], [2, 2], [2, 2, 2], [2]],
      output: [2, 2, 2],
      values: [
        0.1654675, -1.20062, 0.1750509, -1.197396, 0.1761449, -1.194397, 0.1640771, -1.204554,
      ]),
    LayerCase(
      "GroupQueryAttention", #"{"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2}"#,
      inputs: [[3, 2], [2, 2]],
      variables: [[2, 4, 2], [4, 2], [2, 2, 2], [2, 2], [2, 2, 2], [2, 2], [4, 2, 2], [2]],
      output: [3, 2],
      values: [-0.5002329, -1.15102, -0.4916698, -1.184195, -0.4967965, -1.150644]),
    LayerCase(
      "GroupQueryAttention",
      #"{"head_dim": 2, "num_query_heads": 4, "num_key_value_heads": 2, "use_gate": true, "use_bias": false, "sliding_window": 1}"#,
      inputs: [[2, 2], [2, 2]],
      variables: [[2, 4, 2], [2, 2, 2], [2, 4, 2], [2, 2, 2], [4, 2, 2]], output: [2, 2],
      values: [0.3948698, -0.08503938, 0.2247521, -0.266196]),
  ]
}
