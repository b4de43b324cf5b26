import FileSupport
import HDF5

/// The layout of `.h5` files by every Keras: a group for each layer, whose attribute lists its weights.
struct LegacyLayout {
  private let store: WeightStore

  /// The most weights that a file may list. No model has a hundredth of it.
  static let maximumWeights = 100_000

  init(_ store: WeightStore) {
    self.store = store
  }

  /// The layers that a group lists, in its order.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if one is not there.
  func layers(in group: Group) throws(ModelFileError) -> [StoredLayer] {
    guard let names = try LegacyNames.read(LegacyNames.layers, of: group) else {
      throw ModelFileError(
        .damaged, at: [.path(group.path.pathText)], "the layers are not listed",
        expected: "an attribute 'layer_names'")
    }
    var layers: [StoredLayer] = []
    var count = 0
    for name in names {
      let path = LegacyNames.path(of: name)
      guard !path.isEmpty else {
        throw ModelFileError(
          .damaged, at: [.path(group.path.pathText)], "the list of layers has an empty name")
      }
      let weights = try weights(of: try group.group(at: path), count: &count)
      layers.append(StoredLayer(name: name, weights: weights))
    }
    return layers
  }

  /// What the optimizer keeps; a list that is broken is passed over, since the model stands without it.
  func optimizer(of root: Group) throws(ModelFileError) -> [StoredWeight] {
    let name = KerasCheckpoint.optimizerWeights
    guard case .hard(.group, _) = try root.target(named: name) else { return [] }
    var count = 0
    return (try? weights(of: root.group(named: name), count: &count)) ?? []
  }

  private func weights(
    of layer: Group, count: inout Int
  ) throws(ModelFileError) -> [StoredWeight] {
    let names = try LegacyNames.read(LegacyNames.weights, of: layer) ?? []
    count += names.count
    guard count <= Self.maximumWeights else {
      throw ModelFileError(
        .damaged, at: [.path(layer.path.pathText)], "the file lists too many weights",
        expected: "at most \(Self.maximumWeights)")
    }
    var weights: [StoredWeight] = []
    for name in names {
      let dataset = try layer.dataset(at: LegacyNames.path(of: name))
      weights.append(StoredWeight(name: name, dataset: dataset, store: store))
    }
    return weights
  }
}
