/// The order of `model.layers` in Keras.
///
/// Weights in a legacy `.h5` are paired with layers by position alone, so a writer has to list them in
/// the order that Keras gives the layers when it rebuilds the model, whatever the order in
/// `model_config` is. tf_keras (`_map_graph_network`) and Keras 3 (`map_graph`) agree: first those
/// farthest from an output; among equals those that a walk back from the outputs meets first. An
/// input that no output needs comes before the others of depth 0.
enum LayerOrder {
  /// Sorts layers that are each called at most once.
  ///
  /// - Parameters:
  ///   - layers: each after those that it takes values from.
  ///   - outputs: the model's outputs in order; every layer but an input leads to one of them.
  static func sorted(_ layers: [KerasLayer], outputs: [KerasTensorReference]) -> [KerasLayer] {
    let positions = Dictionary(
      uniqueKeysWithValues: layers.enumerated().map { ($1.name, $0) })
    let sources = layers.map { layer in layer.inbound.compactMap { positions[$0] } }

    var depth = [Int](repeating: 0, count: layers.count)
    for layer in layers.indices.reversed() {
      for source in sources[layer] { depth[source] = max(depth[source], depth[layer] + 1) }
    }

    // Preorder of a depth-first walk; a stack of our own, since models can be thousands of layers deep.
    var met = [Int](repeating: -1, count: layers.count)
    var count = 0
    var stack = Array(outputs.compactMap { positions[$0.layer] }.reversed())
    while let layer = stack.popLast() {
      guard met[layer] < 0 else { continue }
      met[layer] = count
      count += 1
      stack.append(contentsOf: sources[layer].reversed())
    }
    return layers.indices.sorted { (-depth[$0], met[$0]) < (-depth[$1], met[$1]) }.map {
      layers[$0]
    }
  }
}
