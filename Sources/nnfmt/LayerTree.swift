import Inspection

/// The numbers of layers by their names, level by level: the layers of a nested model have names of their own.
struct LayerNames {
  let numbers: [String: Int]
  /// The names inside of the layers that are models.
  let inside: [Int: LayerNames]

  init(_ layers: [Summary.Layer]) {
    numbers = Dictionary(
      layers.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    inside = Dictionary(
      layers.compactMap { layer in layer.children.map { (layer.index, LayerNames($0)) } },
      uniquingKeysWith: { first, _ in first })
  }
}

extension Summary {
  /// Whether layers are told that lie in others.
  var hasChildren: Bool { layers.contains { $0.children != nil } }
}

extension String {
  /// The text of a row at a level of a tree.
  func indented(_ depth: Int) -> String { String(repeating: "  ", count: depth) + self }
}
