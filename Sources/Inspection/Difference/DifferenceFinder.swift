import FileSupport
import HDF5

/// Finds what differs between what two files hold.
package struct DifferenceFinder {
  private let a: ModelContents
  private let b: ModelContents
  /// How many numbers that differ are told of each tensor.
  private let examples: Int

  /// What two files hold.
  package init(_ a: ModelContents, _ b: ModelContents, examples: Int = 0) {
    self.a = a
    self.b = b
    self.examples = examples
  }

  /// Whether the options of both are written by the same rules, so that they can be held against each other one
  /// by one.
  private var sharesOptions: Bool { a.vocabulary == b.vocabulary }

  /// Compares.
  ///
  /// - Throws: `ModelFileError` of either file.
  package func report() throws(ModelFileError) -> DifferenceReport {
    var report = DifferenceReport(a, b)
    let layers = LayerAlignment(a, b)
    let pairing = try TensorPairing(a, b, layers: layers, examples: examples)
    report.tensors = pairing.differences
    // Of a file alone there is nothing else to say.
    guard a.isThere, b.isThere else { return report }
    if a.format == b.format, a.hasOrder { noteOrder(pairing, &report) }
    if sharesOptions { compareOptions(layers, &report) }
    compareMetadata(&report)
    if a.format == b.format { compareStorage(&report) }
    noteUnread(&report)
    noteMissing(&report)
    return report
  }

  // MARK: Order

  /// Tensors that have another place among the others: as few as possible.
  private func noteOrder(_ pairing: TensorPairing, _ report: inout DifferenceReport) {
    let places = pairing.places
    let kept = Set(Self.longestRise(places.map(\.other)))
    for (rank, place) in places.enumerated() where !kept.contains(rank) {
      guard report.tensors[place.index].state == .equal else { continue }
      report.tensors[place.index].state = .moved
    }
  }

  /// The positions of a longest rising subsequence.
  private static func longestRise(_ values: [Int]) -> [Int] {
    // The position of the least value that ends a rise of each length.
    var ends: [Int] = []
    var before = [Int](repeating: -1, count: values.count)
    for (position, value) in values.enumerated() {
      var (low, high) = (0, ends.count)
      while low < high {
        let middle = (low + high) / 2
        if values[ends[middle]] < value { low = middle + 1 } else { high = middle }
      }
      before[position] = low > 0 ? ends[low - 1] : -1
      if low == ends.count { ends.append(position) } else { ends[low] = position }
    }
    var result: [Int] = []
    var position = ends.last ?? -1
    while position >= 0 {
      result.append(position)
      position = before[position]
    }
    return result.reversed()
  }

  // MARK: Options

  private func compareOptions(_ layers: LayerAlignment, _ report: inout DifferenceReport) {
    for (layer, partner) in zip(a.layers, layers.partners) {
      guard let partner else {
        report.options.append(
          .init(layer: layer.name, key: "layer", first: layer.kind, second: nil))
        continue
      }
      let differences = Self.differences(layer.options, b.layers[partner].options)
      report.options += differences.map { key, first, second in
        .init(layer: layer.name, key: key, first: first, second: second)
      }
    }
    for position in layers.unpaired {
      let layer = b.layers[position]
      report.options.append(
        .init(layer: layer.name, key: "layer", first: nil, second: layer.kind))
    }
  }

  /// What is not the same, in the order of the first, then of the second.
  private static func differences(
    _ first: [LayerSettings.Entry], _ second: [LayerSettings.Entry]
  ) -> [(key: String, first: String?, second: String?)] {
    let (x, y) = (values(first), values(second))
    var seen: Set<LinkName> = []
    return (first + second).compactMap { entry in
      let key = LinkName(entry.key)
      guard seen.insert(key).inserted else { return nil }
      let (p, q) = (x[key], y[key])
      // Texts are compared by their bytes.
      guard p.map({ Array($0.utf8) }) != q.map({ Array($0.utf8) }) else { return nil }
      return (entry.key, p, q)
    }
  }

  private static func values(_ entries: [LayerSettings.Entry]) -> [LinkName: String] {
    Dictionary(
      entries.map { (LinkName($0.key), $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  // MARK: Metadata

  /// Facts that only one file tells are a difference between files of one format; of two formats one may have no
  /// place for them.
  private func compareMetadata(_ report: inout DifferenceReport) {
    var told: [(name: String, format: String, values: [String])] = []
    for (key, first, second) in Self.differences(a.metadata, b.metadata) {
      guard a.format != b.format, first == nil || second == nil else {
        report.metadata.append(.init(layer: nil, key: key, first: first, second: second))
        continue
      }
      let format = first == nil ? b.format : a.format
      // What stands in one JSON text is one fact.
      let name = key.hasPrefix("/") ? key : String(key.prefix { $0 != "." })
      let isNested = ["training_config", "compile_config"].contains(name)
      if isNested, told.last?.name == name {
        told[told.count - 1].values.append(first ?? second ?? "")
      } else {
        told.append((isNested ? name : key, format, [first ?? second ?? ""]))
      }
    }
    report.notCompared += told.map { fact in
      let value = fact.values.count == 1 ? fact.values[0] : "\(fact.values.count) entries"
      return "\(fact.name): only \(fact.format) tells it (\(value))"
    }
  }

  private func compareStorage(_ report: inout DifferenceReport) {
    for tensor in report.tensors {
      guard let first = tensor.first?.storage, let second = tensor.second?.storage,
        first != second
      else { continue }
      let known = report.storage.firstIndex { $0.first == first && $0.second == second }
      if let known {
        report.storage[known].tensors.append(tensor.name)
      } else {
        report.storage.append(.init(tensors: [tensor.name], first: first, second: second))
      }
    }
  }

  // MARK: What is left open

  private func noteUnread(_ report: inout DifferenceReport) {
    for tensor in report.tensors where tensor.state == .unread {
      let reason = tensor.first?.unread ?? tensor.second?.unread ?? "its filter is not known"
      report.notCompared.append("\(tensor.name): \(reason)")
    }
  }

  /// What an optimizer keeps, and what else is no parameter, has no place in another format.
  private func noteMissing(_ report: inout DifferenceReport) {
    guard a.format != b.format else { return }
    let isForeign = { (tensor: TensorDifference) in
      switch tensor.state {
      case .removed: tensor.first?.role != .parameter
      case .added: tensor.second?.role != .parameter
      default: false
      }
    }
    for tensor in report.tensors where isForeign(tensor) {
      let format = tensor.first == nil ? b.format : a.format
      report.notCompared.append("\(tensor.name): only \(format) has a place for it")
    }
    report.tensors.removeAll(where: isForeign)
  }
}
