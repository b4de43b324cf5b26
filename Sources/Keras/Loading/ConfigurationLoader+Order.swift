import FileSupport
import HDF5

extension ConfigurationLoader {
  /// Makes the calls of a functional model one after the other, each when all that it takes is there.
  ///
  /// Both Kerases do so, the calls of a layer in their order; what waits for itself is refused by Keras 3 and never
  /// ends in tf_keras. A model of tf_keras that is called twice, the second time with what the first gave, is such a
  /// loop in Keras 3, which counts its calls from 0. Source: `keras/src/models/functional.py: functional_from_config`.
  mutating func order(
    _ layers: [JSONValue], among called: [LinkName: Called]
  ) throws(LoadingRefusal) {
    var waiting: [(name: LinkName, calls: ArraySlice<[KerasTensorReference]>)] = []
    var made: [LinkName: Int] = [:]
    for layer in layers {
      guard let text = layer["name"]?.text, let nodes = layer["inbound_nodes"]?.elements,
        let source = called[LinkName(text)]
      else { continue }
      // An input is there at once, and so is the call by which tf_keras made a model.
      made[LinkName(text)] = nodes.isEmpty ? 1 : firstCall(of: source)
      if !nodes.isEmpty { waiting.append((LinkName(text), nodes.map { values(of: $0) }[...])) }
    }
    for pass in 0... {
      guard pass < Self.maximumPasses else {
        return doubt(
          "the layers are listed so far from the order of their calls that it was not followed")
      }
      var isMoving = false
      for position in waiting.indices {
        while let next = waiting[position].calls.first,
          next.allSatisfy({ $0.node < made[LinkName($0.layer)] ?? 0 })
        {
          made[waiting[position].name, default: 0] += 1
          waiting[position].calls.removeFirst()
          isMoving = true
        }
      }
      waiting.removeAll { $0.calls.isEmpty }
      if !isMoving || waiting.isEmpty { break }
    }
    guard let stuck = waiting.first else { return }
    throw LoadingRefusal(
      "a call of \(Self.shown(stuck.name.text ?? "")) waits for itself, as \(generation.name) counts the calls"
    )
  }

  /// Layers are listed in the order of their calls, or nearly so.
  private static let maximumPasses = 1000

  /// The values that a call waits for. Of Keras 2's way, Keras 3 sees the first argument only.
  private func values(of node: JSONValue) -> [KerasTensorReference] {
    let call = KerasCall(node: node)
    return generation == .second || node.object != nil
      ? call.references : call.arguments.flatMap(\.tensors)
  }
}
