import FileSupport
import HDF5

/// The order in which the calls of a model's layers can be made.
struct CallOrder {
  /// One call: the position of its layer, and which of the layer's calls it is.
  struct Step {
    let position: Int
    let call: Int
  }

  /// A layer with its calls. One that is never called counts as called once, with nothing.
  typealias Layer = (name: String, calls: [KerasCall])

  /// The calls, each after those whose values it takes.
  let steps: [Step]

  /// - Throws: `ModelFileError` of kind `damaged` if layers take values from each other in a circle, or
  ///   from one that is not there. Its place is left to the caller, as `position`.
  init(
    _ layers: [Layer], positions: [LinkName: Int],
    place: (_ position: Int) -> ModelFileError.Place
  ) throws(ModelFileError) {
    var firsts: [Int] = []
    var all: [Step] = []
    for (position, layer) in layers.enumerated() {
      firsts.append(all.count)
      for call in 0..<max(layer.calls.count, 1) { all.append(Step(position: position, call: call)) }
    }
    var waiting = [Int](repeating: 0, count: all.count)
    var takers = [[Int]](repeating: [], count: all.count)
    for (number, step) in all.enumerated() {
      let calls = layers[step.position].calls
      for reference in calls.indices.contains(step.call) ? calls[step.call].references : [] {
        guard let source = positions[LinkName(reference.layer)],
          reference.node < max(layers[source].calls.count, 1)
        else {
          throw ModelFileError(
            .damaged, at: [place(step.position)],
            "takes a value from a layer or call that is not there",
            found: "call \(reference.node) of '\(reference.layer.escapedForTerminal)'")
        }
        waiting[number] += 1
        takers[firsts[source] + reference.node].append(number)
      }
    }
    var order = all.indices.filter { waiting[$0] == 0 }
    var next = 0
    while next < order.count {
      for taker in takers[order[next]] {
        waiting[taker] -= 1
        if waiting[taker] == 0 { order.append(taker) }
      }
      next += 1
    }
    guard order.count == all.count else {
      throw ModelFileError(.damaged, "the model's layers take values from each other in a circle")
    }
    steps = order.map { all[$0] }
  }
}
