import HDF5

/// The order in which Keras 3 makes the calls of a functional model. It matters where a call changes what another one
/// takes: `MultiHeadAttention` takes the masks off its values.
///
/// Calls farthest from an output come first. Among equals those that are met first on the way back through the calls in
/// the reverse of the order in which a depth-first walk from the outputs leaves them, each followed by those whose values
/// it takes. A layer's later calls are at least as far from an output as those that were met before.
///
/// Source: `keras/src/ops/function.py: map_graph, _build_map, _run_through_graph`.
struct RunOrder {
  /// The calls, each after those whose values it takes; those that no output needs come last.
  let steps: [CallOrder.Step]

  /// - Parameters:
  ///   - order: the calls in any order in which they can be made.
  ///   - layers: the layers.
  ///   - positions: the positions of the layers by name.
  ///   - outputs: the outputs of the model.
  init(
    _ order: CallOrder, of layers: [KerasLayer], positions: [LinkName: Int],
    outputs: [KerasTensorReference]
  ) {
    var numbers: [[Int]] = layers.map { [Int](repeating: 0, count: max($0.calls.count, 1)) }
    for (number, step) in order.steps.enumerated() { numbers[step.position][step.call] = number }
    func number(_ reference: KerasTensorReference) -> Int? {
      guard let position = positions[LinkName(reference.layer)],
        numbers[position].indices.contains(reference.node)
      else { return nil }
      return numbers[position][reference.node]
    }
    let sources = order.steps.map { step in
      let calls = layers[step.position].calls
      return calls.indices.contains(step.call)
        ? calls[step.call].referencesByName.compactMap(number) : []
    }

    var depths = [Int?](repeating: nil, count: sources.count)
    var layerDepths = [Int](repeating: 0, count: layers.count)
    var met: [Int] = []
    for call in DepthFirstWalk(from: outputs.compactMap(number), sources).left.reversed() {
      if depths[call] == nil { met.append(call) }
      let position = order.steps[call].position
      let depth = max(depths[call] ?? 0, layerDepths[position])
      layerDepths[position] = depth
      depths[call] = depth
      for source in sources[call] {
        if depths[source] == nil { met.append(source) }
        depths[source] = max(depths[source] ?? 0, depth + 1)
      }
    }
    let sorted = met.enumerated().sorted { a, b in
      (-(depths[a.element] ?? 0), a.offset) < (-(depths[b.element] ?? 0), b.offset)
    }
    let unneeded = depths.indices.filter { depths[$0] == nil }
    steps = (sorted.map(\.element) + unneeded).map { order.steps[$0] }
  }
}
