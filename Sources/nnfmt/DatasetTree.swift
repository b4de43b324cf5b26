import Inspection

/// Datasets by the groups that they lie in, or tensors by the parts of their names.
struct DatasetTree {
  private let root = Node()
  private let separator: Character
  /// What stands before every path.
  private let start: String

  /// Deeper, a path is one name: a file could fill the memory with groups in one another.
  private static let deepest = 64

  /// A group: what is in it, in the order in which it was found.
  private final class Node {
    var children: [(name: String, node: Node)] = []
    var positions: [String: Int] = [:]
    var datasets: [(name: String, dataset: Summary.StoredDataset)] = []
    var count = 0
    var bytes: UInt64 = 0

    func child(_ name: String) -> Node {
      if let position = positions[name] { return children[position].node }
      let node = Node()
      positions[name] = children.count
      children.append((name, node))
      return node
    }
  }

  /// A row of the tree.
  struct Row {
    enum Content {
      /// How many datasets are in it, and how many bytes they take in the file.
      case group(count: Int, bytes: UInt64)
      case dataset(Summary.StoredDataset)
    }

    let name: String
    let path: String
    let depth: Int
    let content: Content
  }

  /// A tree.
  ///
  /// - Parameter separator: what stands between the parts of a path.
  init(_ datasets: [Summary.StoredDataset], separator: Character) {
    self.separator = separator
    start = datasets.first?.path.first == separator ? String(separator) : ""
    for dataset in datasets {
      let parts = dataset.path.split(separator: separator, maxSplits: Self.deepest)
        .map(String.init)
      var node = root
      for part in parts.dropLast() {
        node = node.child(part)
        node.count += 1
        node.bytes = node.bytes.addingReportingOverflow(dataset.storedBytes ?? 0).partialValue
      }
      node.datasets.append((parts.last ?? dataset.path, dataset))
    }
  }

  /// Its rows down to so many levels: of each group first what lies in it, then the groups in it.
  func rows(levels: Int) -> [Row] {
    var rows: [Row] = []
    var waiting: [(node: Node, name: String, path: String, depth: Int)] = [(root, "", "", -1)]
    while let (node, name, path, depth) = waiting.popLast() {
      if depth >= 0 {
        rows.append(
          Row(
            name: name + String(separator), path: path, depth: depth,
            content: .group(count: node.count, bytes: node.bytes)))
      }
      guard depth + 1 < levels else { continue }
      let prefix = path.isEmpty ? start : path + String(separator)
      for (name, dataset) in node.datasets {
        rows.append(
          Row(name: name, path: dataset.path, depth: depth + 1, content: .dataset(dataset)))
      }
      for (name, child) in node.children.reversed() {
        waiting.append((child, name, prefix + name, depth + 1))
      }
    }
    return rows
  }
}
