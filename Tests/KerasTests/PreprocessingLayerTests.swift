import Testing

/// Adaptive pooling and what comes before a model, against numbers of Keras 3.15.
@Suite struct PreprocessingLayerTests {
  @Test(arguments: adaptivePooling)
  func numbersOfAdaptivePooling(layer: LayerCase) throws { try layer.check() }

  @Test(arguments: images)
  func numbersOfImages(layer: LayerCase) throws { try layer.check() }

  @Test(arguments: categories)
  func numbersOfCategories(layer: LayerCase) throws { try layer.check() }

  private static let adaptivePooling: [LayerCase] = [
    LayerCase(
      "AdaptiveAveragePooling1D", #"{"output_size": 3}"#,
      inputs: [[5, 1]],
      variables: [], output: [3, 1],
      values: [-0.375, 0.4166667, 0.125]),
    LayerCase(
      "AdaptiveAveragePooling2D", #"{"output_size": [2, 2]}"#,
      inputs: [[4, 3, 1]],
      variables: [], output: [2, 2, 1],
      values: [-0.125, 0.3125, 0.0625, -0.3125]),
    LayerCase(
      "AdaptiveMaxPooling1D", #"{"output_size": 4}"#,
      inputs: [[3, 2]],
      variables: [], output: [4, 2],
      values: [-1, 0.25, 1.5, 0.25, 1.5, -0.5, 0.75, -1.25]),
    LayerCase(
      "AdaptiveMaxPooling3D", #"{"output_size": [2, 2, 2], "data_format": "channels_first"}"#,
      inputs: [[1, 3, 3, 3]],
      variables: [], output: [1, 2, 2, 2],
      values: [1, 1.5, 1.5, 1.25, 1, 1.25, 1.5, 1]),
  ]

  private static let images: [LayerCase] = [
    LayerCase(
      "CenterCrop", #"{"height": 2, "width": 1}"#,
      inputs: [[3, 4, 1]],
      variables: [], output: [2, 1, 1],
      values: [0.25, -1.25]),
    LayerCase(
      "CenterCrop", #"{"height": 2, "width": 5}"#,
      inputs: [[3, 4, 1]],
      variables: [], output: [2, 5, 1],
      values: [
        0.75, -0.6500001, -0.625, 0.3749999, 1.25, 0.75, -0.6500001, -0.625, 0.3749999, 1.25,
      ]),
    LayerCase(
      "Resizing", #"{"height": 2, "width": 2}"#,
      inputs: [[3, 4, 1]],
      variables: [], output: [2, 2, 1],
      values: [-0.34375, 0.53125, -0.15625, -0.5]),
    LayerCase(
      "Resizing",
      #"{"height": 3, "width": 1, "interpolation": "nearest", "crop_to_aspect_ratio": true}"#,
      inputs: [[3, 4, 1]],
      variables: [], output: [3, 1, 1],
      values: [0.25, -1.25, 0.5]),
    LayerCase(
      "Resizing", #"{"height": 4, "width": 3, "pad_to_aspect_ratio": true, "fill_value": 1.5}"#,
      inputs: [[2, 3, 1]],
      variables: [], output: [4, 3, 1],
      values: [1.5, 1.5, 1.5, -1, 0.25, 1.5, -0.5, 0.75, -1.25, 1.5, 1.5, 1.5]),
    LayerCase(
      "Rescaling", #"{"scale": [1.0, 2.0], "offset": [0.5, -0.5]}"#,
      inputs: [[2, 2]],
      variables: [], output: [2, 2],
      values: [-0.5, 0, 2, -1.5]),
    LayerCase(
      "Rescaling", #"{"scale": 2.0, "offset": [[1.0], [2.0]]}"#,
      inputs: [[2, 2]],
      variables: [], output: [2, 2],
      values: [-1, 1.5, 5, 1]),
  ]

  private static let categories: [LayerCase] = [
    LayerCase(
      "CategoryEncoding", #"{"num_tokens": 4, "output_mode": "one_hot"}"#,
      inputs: [[3]], whole: 4,
      variables: [], output: [3, 4],
      values: [0, 0, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0]),
    LayerCase(
      "CategoryEncoding", #"{"num_tokens": 4, "output_mode": "multi_hot"}"#,
      inputs: [[3]], whole: 4,
      variables: [], output: [4],
      values: [1, 0, 1, 1]),
    LayerCase(
      "CategoryEncoding", #"{"num_tokens": 4, "output_mode": "count"}"#,
      inputs: [[3]], whole: 4,
      variables: [], output: [4],
      values: [1, 0, 1, 1]),
    LayerCase(
      "CategoryEncoding", #"{"num_tokens": 4, "output_mode": "one_hot"}"#,
      inputs: [[2, 1]], whole: 4,
      variables: [], output: [2, 4],
      values: [0, 0, 1, 0, 0, 0, 0, 1]),
    LayerCase(
      "Discretization", #"{"bin_boundaries": [-1.0, 0.0, 0.5]}"#,
      inputs: [[5]],
      variables: [], output: [5],
      values: [1, 2, 3, 1, 3]),
    LayerCase(
      "Discretization", #"{"bin_boundaries": [-1.0, 0.0], "output_mode": "count"}"#,
      inputs: [[5]],
      variables: [], output: [3],
      values: [0, 2, 3]),
  ]
}
