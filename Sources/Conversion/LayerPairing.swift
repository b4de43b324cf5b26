import FileSupport
import HDF5
import Keras

/// Which layer of a checkpoint holds the weights of which layer of a model: by name, or, where names
/// were changed, by order, as Keras itself does.
struct LayerPairing {
  /// A layer of the model with the one of the file.
  let pairs: [(KerasLayer, StoredLayer)]
  /// Whether the layers have the names that nnfmt gives them.
  let isByName: Bool
  /// What the user should know.
  let warnings: [ModelWarning]

  static let remedy = "check that the checkpoint belongs to this cfg"

  /// How many names there are, and the first few of them: `5: conv, conv_bn, dense, …`.
  static func list(_ names: [String]) -> String {
    let shown = names.prefix(4).map(\.escapedForTerminal) + (names.count > 4 ? ["…"] : [])
    return names.isEmpty ? "none" : "\(names.count): " + shown.joined(separator: ", ")
  }

  /// - Throws: `ModelFileError` of kind `damaged` if the file has another number of layers.
  init(expected: [KerasLayer], stored: [StoredLayer]) throws(ModelFileError) {
    var byName: [LinkName: StoredLayer] = [:]
    for layer in stored { byName[layer.name] = layer }
    let named = expected.compactMap { layer in
      byName[LinkName(layer.name)].map { (layer, $0) }
    }
    if named.count == expected.count {
      pairs = named
      isByName = true
      warnings = []
      return
    }
    let holding = stored.filter { !$0.weights.isEmpty }
    guard holding.count == expected.count else {
      throw ModelFileError(
        .damaged, "the Keras layers with weights are not those of the cfg",
        expected: Self.list(expected.map(\.name)),
        found: Self.list(holding.map(\.name.description)), remedy: Self.remedy)
    }
    pairs = Array(zip(expected, holding))
    isByName = false
    warnings = [
      ModelWarning(
        "layers are paired by order, because the checkpoint names them otherwise "
          + "('\(holding[0].name.description.escapedForTerminal)' for '\(expected[0].name)')")
    ]
  }
}
