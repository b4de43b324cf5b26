/// The order of `model.layers` in Keras.
///
/// Weights in a legacy `.h5` are paired with layers by position alone, so a writer has to list them in
/// the order that Keras gives the layers when it rebuilds the model, whatever the order in
/// `model_config` is; in Keras 3's layout the numbers of layers of one class go by it. tf_keras (`_map_graph_network`)
/// and Keras 3 (`map_graph`) agree: first those farthest from an output; among equals those that a walk back from the
/// outputs meets first. An input that no output needs comes before the others of depth 0.
///
/// A layer that is called several times is as far away as its farthest call.
struct LayerOrder {
  /// The layers in Keras's order; those that no output needs, but for inputs, are left out.
  let sorted: [KerasLayer]
  /// The calls on the longest way from an input to an output, less one.
  let depth: Int

  /// Sorts layers.
  ///
  /// - Parameters:
  ///   - layers: the layers, in any order.
  ///   - outputs: the model's outputs in order.
  init(_ layers: [KerasLayer], outputs: [KerasTensorReference]) {
    let calls = Calls(layers)
    let walk = DepthFirstWalk(from: outputs.compactMap(calls.number), calls.sources)
    var depths = [Int](repeating: 0, count: calls.layers.count)
    var layerDepths = [Int](repeating: 0, count: layers.count)
    for call in walk.left.reversed() {
      let layer = calls.layers[call]
      depths[call] = max(depths[call], layerDepths[layer])
      layerDepths[layer] = depths[call]
      for source in calls.sources[call] { depths[source] = max(depths[source], depths[call] + 1) }
    }
    depth = depths.max() ?? 0
    var met = [Int?](repeating: nil, count: layers.count)
    for (place, call) in walk.entered.enumerated() where met[calls.layers[call]] == nil {
      met[calls.layers[call]] = place
    }
    let kept = layers.indices.filter {
      met[$0] != nil || layers[$0].layerClass is KerasLayers.InputLayer
    }
    sorted = kept.sorted {
      (-layerDepths[$0], met[$0] ?? -1, $0) < (-layerDepths[$1], met[$1] ?? -1, $1)
    }.map { layers[$0] }
  }

  /// The calls of all layers, numbered.
  private struct Calls {
    /// The position of the layer of each call.
    var layers: [Int] = []
    /// The calls whose values each call takes.
    var sources: [[Int]] = []
    private var firsts: [String: Int] = [:]
    private var counts: [String: Int] = [:]

    init(_ layers: [KerasLayer]) {
      for (position, layer) in layers.enumerated() {
        firsts[layer.name] = self.layers.count
        // An input is there without a call.
        let count = max(layer.calls.count, 1)
        counts[layer.name] = count
        self.layers += [Int](repeating: position, count: count)
      }
      for layer in layers {
        sources +=
          layer.calls.isEmpty ? [[]] : layer.calls.map { $0.referencesByName.compactMap(number) }
      }
    }

    func number(of reference: KerasTensorReference) -> Int? {
      guard let first = firsts[reference.layer], let count = counts[reference.layer],
        (0..<count).contains(reference.node)
      else { return nil }
      return first + reference.node
    }
  }
}
