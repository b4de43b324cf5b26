import Testing

/// Layers of older versions of Keras, against numbers of tf_keras 2.21 and, for Keras 1, of numpy.
@Suite struct OlderLayerTests {
  @Test(arguments: localConnections)
  func numbersOfLocalConnections(layer: LayerCase) throws { try layer.check() }

  @Test(arguments: turnedCells)
  func numbersOfTurnedCells(layer: LayerCase) throws { try layer.check() }

  @Test(arguments: firstGeneration)
  func numbersOfFirstGeneration(layer: LayerCase) throws { try layer.check() }

  private static let localConnections: [LayerCase] = [
    LayerCase(
      "LocallyConnected1D", #"{"filters": 2, "kernel_size": 2}"#,
      inputs: [[3, 2]],
      variables: [[2, 4, 2], [2, 2]], output: [2, 2],
      values: [1.65625, -1.03125, 0, -1.09375], generation: .second),
    LayerCase(
      "LocallyConnected1D",
      #"{"filters": 2, "kernel_size": 2, "implementation": 3, "use_bias": false}"#,
      inputs: [[3, 2]],
      variables: [[16]], output: [2, 2],
      values: [0.78125, -1.4375, 0.625, -0.03125], generation: .second),
    LayerCase(
      "LocallyConnected2D",
      #"{"filters": 2, "kernel_size": [2, 1], "data_format": "channels_first"}"#,
      inputs: [[1, 3, 2]],
      variables: [[4, 2, 2], [2, 2, 2]], output: [2, 2, 2],
      values: [0.8125, 0.25, -0.625, 0.40625, -1.4375, 0.4375, -1, -1.0625], generation: .second),
    LayerCase(
      "LocallyConnected2D",
      #"{"filters": 1, "kernel_size": [2, 2], "strides": [1, 2], "padding": "same", "implementation": 2}"#,
      inputs: [[2, 3, 1]],
      variables: [[2, 3, 1, 2, 2, 1], [2, 2, 1]], output: [2, 2, 1],
      values: [0.625, -1.0625, -0.5625, -0.90625], generation: .second),
  ]

  private static let turnedCells: [LayerCase] = [
    LayerCase(
      "CuDNNGRU", #"{"units": 2}"#, inputs: [[3, 2]], variables: [[2, 6], [2, 6], [12]],
      output: [2],
      values: [0.6360927, -0.06663439], generation: .second),
    LayerCase(
      "CuDNNLSTM", #"{"units": 2}"#, inputs: [[3, 2]], variables: [[2, 8], [2, 8], [16]],
      output: [2],
      values: [0.03819525, 0.09480523], generation: .second),
  ]

  private static let firstGeneration: [LayerCase] = [
    LayerCase(
      "Merge", #"{"mode": "sum"}"#, inputs: [[2], [2]], variables: [], output: [2],
      values: [-1.25, 1.25], generation: .first),
    LayerCase(
      "Merge", #"{"mode": "ave"}"#, inputs: [[2], [2]], variables: [], output: [2],
      values: [-0.625, 0.625], generation: .first),
    LayerCase(
      "Merge", #"{"mode": "concat", "concat_axis": 1}"#, inputs: [[1, 2], [2, 2]], variables: [],
      output: [3, 2],
      values: [-1, 0.25, -0.25, 1, -1, 0.25], generation: .first),
    LayerCase(
      "Merge", #"{"mode": "dot", "dot_axes": [2, 2]}"#, inputs: [[1, 2], [2, 2]], variables: [],
      output: [1, 2],
      values: [0.5, 1.0625], generation: .first),
    LayerCase(
      "Merge", #"{"mode": "cos", "dot_axes": -1}"#, inputs: [[2], [2]], variables: [],
      output: [1, 1],
      values: [0.4705882], generation: .first),
    LayerCase(
      "MaxoutDense", #"{"output_dim": 2, "nb_feature": 3, "init": "zero"}"#, inputs: [[2]],
      variables: [[3, 2, 2], [3, 2]], output: [2],
      values: [0.65625, 1.1875], generation: .first),
    LayerCase(
      "Highway", #"{"activation": "tanh", "init": "zero"}"#, inputs: [[2]],
      variables: [[2, 2], [2, 2], [2], [2]], output: [2],
      values: [-0.6100612, 0.02460522], generation: .first),
  ]
}
