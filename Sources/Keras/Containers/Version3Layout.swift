import FileSupport
import HDF5

/// The layout of Keras 3 (and of tf_keras's `.weights.h5`): groups named after classes and attributes,
/// whose groups `vars` hold datasets called by numbers.
struct Version3Layout {
  /// The layers, those of a container in the order of their names and numbers.
  private(set) var layers: [StoredLayer] = []
  /// The optimizer's variables.
  private(set) var optimizer: [StoredWeight] = []
  private let store: WeightStore
  private var count = 0

  /// The groups that hold a model's layers: Keras 3's name, and that of Keras 2.12.
  static let containers: [LinkName] = ["layers", "_layer_checkpoint_dependencies"]
  private static let variables: LinkName = "vars"
  /// Groups at the root that hold no layers. `darknet` is nnfmt's own.
  private static let others: Set<LinkName> = [KerasCheckpoint.optimizer, "metrics", "darknet"]
  private static let maximumDepth = 64

  /// Whether a file looks so.
  static func isUsed(by root: Group) throws(ModelFileError) -> Bool {
    for name in containers + [variables] {
      if case .hard(.group, _) = try root.target(named: name) { return true }
    }
    // A subclassed model's layers stand under the names of Python attributes.
    for link in try root.links() {
      guard case .hard(.group, _) = link.target, !others.contains(link.name) else { continue }
      if case .hard(.group, _) = try root.group(named: link.name).target(named: variables) {
        return true
      }
    }
    return false
  }

  /// Lists the layers.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if a variable lies behind a link that is not
  ///   followed, or there are too many of them.
  init(_ store: WeightStore) throws(ModelFileError) {
    self.store = store
    let root = store.file.root
    for link in try Self.sorted(root.links()) {
      guard case .hard(.group, _) = link.target else { continue }
      let group = try root.group(named: link.name)
      switch link.name {
      case KerasCheckpoint.optimizer: optimizer = try weights(in: group, prefix: [], depth: 1)
      case "metrics": continue
      case Self.variables:
        // The variables that a model has beside those of its layers.
        let own = try weights(in: group, prefix: [Self.variables], depth: 1)
        if !own.isEmpty { layers.append(StoredLayer(name: "vars", weights: own, group: [])) }
      case let name where Self.containers.contains(name):
        for layer in try Self.sorted(group.links()) {
          guard case .hard(.group, _) = layer.target else {
            // Says what it is instead.
            _ = try group.group(named: layer.name)
            continue
          }
          try add(try group.group(named: layer.name), path: [name, layer.name])
        }
      case let name where Self.others.contains(name): continue
      default: try addShallowest(group, path: [link.name], depth: 1)
      }
    }
  }

  /// Adds the layers in a group of a subclassed model: the group itself if it has variables, else those
  /// below it, as a list of layers has them.
  private mutating func addShallowest(
    _ group: Group, path: [LinkName], depth: Int
  ) throws(ModelFileError) {
    try Self.check(depth, at: group)
    if case .hard(.group, _) = try group.target(named: Self.variables) {
      return try add(group, path: path)
    }
    for link in try Self.sorted(group.links()) {
      guard case .hard(.group, _) = link.target else { continue }
      let inner = try group.group(named: link.name)
      try addShallowest(inner, path: path + [link.name], depth: depth + 1)
    }
  }

  private mutating func add(_ group: Group, path: [LinkName]) throws(ModelFileError) {
    let weights = try weights(in: group, prefix: [], depth: 2)
    var name: LinkName?
    if case .hard(.group, _) = try group.target(named: Self.variables) {
      name = try group.group(named: Self.variables).attribute(named: "name")?.texts().first
        .map { LinkName(bytes: $0) }
    }
    let place = LinkName(bytes: Array(path.map(\.bytes).joined(separator: [0x2F])))
    layers.append(StoredLayer(name: name ?? place, weights: weights, group: path))
  }

  /// All datasets below a group, those of `vars` first.
  private mutating func weights(
    in group: Group, prefix: [LinkName], depth: Int
  ) throws(ModelFileError) -> [StoredWeight] {
    try Self.check(depth, at: group)
    var weights: [StoredWeight] = []
    for link in try Self.sorted(group.links()) {
      let path = prefix + [link.name]
      if case .hard(.group, _) = link.target {
        let inner = try group.group(named: link.name)
        weights += try self.weights(in: inner, prefix: path, depth: depth + 1)
      } else {
        count += 1
        guard count <= LegacyLayout.maximumWeights else {
          throw ModelFileError(
            .damaged, at: [.path(group.path.pathText)], "the file holds too many variables",
            expected: "at most \(LegacyLayout.maximumWeights)")
        }
        let name = LinkName(bytes: Array(path.map(\.bytes).joined(separator: [0x2F])))
        let dataset = try group.dataset(named: link.name)
        weights.append(StoredWeight(name: name, dataset: dataset, store: store))
      }
    }
    return weights
  }

  private static func check(_ depth: Int, at group: Group) throws(ModelFileError) {
    guard depth <= maximumDepth else {
      throw ModelFileError(
        .damaged, at: [.path(group.path.pathText)], "variables lie too deep",
        expected: "at most \(maximumDepth) groups in one another")
    }
  }

  /// Links in the order of their numbers: `vars`, `dense`, `dense_2`, `dense_10`.
  private static func sorted(_ links: [Link]) -> [Link] {
    links.map { (key: NumberedName($0.name), link: $0) }.sorted { $0.key < $1.key }.map(\.link)
  }
}

/// A name with a number at its end: `dense_10`, `10`.
struct NumberedName: Comparable {
  /// What stands in front of the number and its `_`.
  let stem: LinkName
  /// The number, 0 without one: `dense` is the first, `dense_1` the second.
  let number: Int

  init(_ name: LinkName) {
    let digits = name.bytes.reversed().prefix { (0x30...0x39).contains($0) }.reversed()
    let rest = name.bytes.dropLast(digits.count)
    let value = Int(String(decoding: Array(digits), as: UTF8.self))
    if let value, rest.isEmpty || rest.last == UInt8(ascii: "_") {
      stem = LinkName(bytes: Array(rest.dropLast()))
      number = value
    } else {
      stem = name
      number = 0
    }
  }

  static func < (left: NumberedName, right: NumberedName) -> Bool {
    left.isVariables != right.isVariables
      ? left.isVariables : (left.stem, left.number) < (right.stem, right.number)
  }

  private var isVariables: Bool { stem == "vars" }
}
