import FileSupport
import HDF5
import Keras
import ModelGraph

/// The datasets of an HDF5 file, each read at most once however many links lead to it.
struct DatasetListing {
  private let checkpoint: KerasCheckpoint
  private let path: String
  private let scan: ValueScan
  /// Rows in the order of their paths.
  private(set) var rows: [Summary.StoredDataset] = []
  private(set) var warnings: [ModelWarning] = []
  /// What can't be read, of the datasets and of the groups that lead to them.
  private(set) var flaws = Flaws()
  private var positions: [Place: Int] = [:]

  /// A path in one of a checkpoint's files.
  private struct Place: Hashable {
    let store: String?
    let path: [LinkName]
  }

  /// What was read of a dataset.
  private typealias Values = (sha256: String?, statistics: Statistics?)

  init(_ checkpoint: KerasCheckpoint, path: String, wishes: ValueScan.Wishes) {
    self.checkpoint = checkpoint
    self.path = path
    scan = ValueScan(wishes)
  }

  /// Walks the file. What is damaged of it does not hide the rest: ``flaws`` has it.
  ///
  /// - Throws: `ModelFileError` if reading itself fails.
  mutating func read() throws(ModelFileError) {
    for store in checkpoint.stores {
      do {
        try read(store)
      } catch {
        try note(error, in: store)
      }
    }
  }

  private mutating func note(
    _ error: ModelFileError, in store: WeightStore
  ) throws(ModelFileError) {
    try flaws.take(store.renaming(error))
  }

  private mutating func read(_ store: WeightStore) throws(ModelFileError) {
    var found: [(row: WalkRow, address: UInt64)] = []
    var strays: [ModelWarning] = []
    try store.file.walk { (flaw) throws(ModelFileError) in
      try note(flaw, in: store)
    } _: { row in
      switch row.link.target {
      case .hard(.dataset, let address): found.append((row, address))
      case .hard(.unknown, _):
        strays.append(warning(row, "is an object of a kind that is not known"))
      case .hard: break
      case .soft(let target):
        strays.append(
          warning(
            row,
            "is a soft link to '\(target.description.escapedForTerminal)', which is not followed"))
      case .external(let file, _):
        strays.append(
          warning(
            row,
            "is a link into the file '\(file.description.escapedForTerminal)', which is not followed"
          ))
      case .userDefined:
        strays.append(warning(row, "is a link of an application's own kind, not followed"))
      }
    }
    warnings += strays
    var known: [UInt64: Values] = [:]
    for (row, address) in found {
      let dataset: Dataset
      do {
        dataset = try row.parent.dataset(named: row.link.name)
      } catch {
        try note(error, in: store)
        continue
      }
      let weight = checkpoint.weight(named: "", dataset: dataset, in: store)
      if scan.wishes.isEmpty, let elsewhere = Self.elsewhere(dataset.layout) {
        warnings.append(warning(row, "\(elsewhere), and are not read"))
      }
      let position = rows.count
      positions[Place(store: store.name, path: row.path)] = position
      add(weight, at: row.path.pathText)
      do {
        rows[position].storedBytes = try dataset.storedBytes
        if !scan.wishes.isEmpty, known[address] == nil {
          known[address] = (nil, nil)
          known[address] = try read(weight, at: row.path.pathText)
        }
      } catch {
        try note(error, in: store)
      }
      rows[position].isExternal = dataset.layout == .external
      rows[position].sha256 = known[address]?.sha256
      rows[position].statistics = known[address]?.statistics
    }
  }

  /// Where the elements of a dataset lie, if not in the file.
  private static func elsewhere(_ layout: Dataset.Layout) -> String? {
    switch layout {
    case .external: "its elements lie in other files (external)"
    case .virtual: "its elements lie in other datasets (virtual)"
    default: nil
    }
  }

  /// Groups whose datasets are no layer's: what training keeps, and what nnfmt carries.
  private static let others: Set<LinkName> = [
    "optimizer", "optimizer_weights", "metrics", "darknet",
  ]

  /// The most datasets that are named one by one.
  private static let namedStrays = 5

  /// What the file holds beside the weights of layers, for which no Keras asks.
  var strays: [ModelWarning] {
    guard checkpoint.container != .plain else { return [] }
    let weights = checkpoint.layers.flatMap(\.weights)
    let listed = Set(weights.map { Place(store: $0.store.name, path: $0.dataset.path) })
    let found = positions.filter { place, _ in
      !listed.contains(place) && !place.path.contains(where: Self.others.contains)
    }.values.sorted()
    var warnings = found.prefix(Self.namedStrays).map { row in
      ModelWarning(
        file: path, at: [.path(rows[row].path)], "a dataset that no layer lists; it is not used")
    }
    if found.count > Self.namedStrays {
      warnings.append(
        ModelWarning(
          file: path, "\(found.count - Self.namedStrays) more datasets that no layer lists"))
    }
    return warnings
  }

  private func warning(_ row: WalkRow, _ message: String) -> ModelWarning {
    ModelWarning(file: path, at: [.path(row.path.pathText)], message)
  }

  private mutating func add(_ weight: StoredWeight, at place: String) {
    let dataset = weight.dataset
    rows.append(
      Summary.StoredDataset(
        path: place, shape: dataset.shape.extents, dtype: weight.typeName,
        layout: Self.name(of: dataset.layout), filters: dataset.filters.map(\.name),
        bytes: dataset.declaredBytes))
  }

  /// What HDF5 calls a layout: it has no word for elements in other files, which lie there in one piece.
  private static func name(of layout: Dataset.Layout) -> String {
    (layout == .external ? .contiguous : layout).rawValue
  }

  /// Reads a dataset; one that is sound and can't be read (virtual, external, unknown filter, too large)
  /// draws a warning.
  private mutating func read(
    _ weight: StoredWeight, at place: String
  ) throws(ModelFileError) -> Values {
    let dataset = weight.dataset
    // The null space has no elements.
    guard dataset.shape.extents != nil else { return (nil, nil) }
    do {
      if case .variableText = dataset.datatype.kind { try dataset.checkTexts() }
      // Bytes without meaning have a digest, but no statistics.
      let isOpaque = dataset.datatype.kind == .opaque
      let type = isOpaque ? try? weight.elementType() : try weight.elementType()
      let values = try scan.scan(try weight.source(), elementType: type)
      for complaint in values.statistics.map({ Health.complaints(path: place, $0) }) ?? [] {
        warnings.append(ModelWarning(file: path, at: [.path(place)], complaint))
      }
      return values
    } catch {
      let isElsewhere = dataset.layout == .virtual || dataset.layout == .external
      guard error.kind == .unsupported || isElsewhere else { throw error }
      warnings.append(
        ModelWarning(file: path, at: [.path(place)], "is not read: \(Self.reason(error))"))
      return (nil, nil)
    }
  }

  private static func reason(_ error: ModelFileError) -> String {
    guard let expected = error.expected, let found = error.found else { return error.problem }
    return "\(error.problem) (expected \(expected), found \(found))"
  }

  /// A weight as a parameter, with what was read of its dataset. One that is damaged or too large to be
  /// read is a flaw, and listed all the same.
  ///
  /// - Throws: `ModelFileError` if it is no array.
  mutating func parameter(
    of weight: StoredWeight, name: String? = nil
  ) throws(ModelFileError) -> Summary.StoredParameter {
    let place = Place(store: weight.store.name, path: weight.dataset.path)
    let row = positions[place].map { rows[$0] }
    let shape = try weight.shape()
    do {
      try check(weight)
    } catch {
      try note(error, in: weight.store)
    }
    var parameter = Summary.StoredParameter(
      name: name ?? weight.name.description, shape: shape, dtype: weight.typeName,
      bytes: weight.dataset.declaredBytes ?? 0)
    parameter.offset = weight.offset
    parameter.numbers = Summary.Numbers(elementType: try? weight.elementType()) {
      () throws(ModelFileError) in try weight.source()
    }
    parameter.sha256 = row?.sha256
    parameter.statistics = row?.statistics
    return parameter
  }
}

extension DatasetListing {
  /// Checks that a weight can be read. What is only compressed in an unknown way is a parameter all the same;
  /// what lies elsewhere, or is larger than anything may be, is none.
  private func check(_ weight: StoredWeight) throws(ModelFileError) {
    switch weight.dataset.datatype.kind {
    case .fixedText, .variableText: _ = try weight.elementType()
    default: break
    }
    do {
      try weight.dataset.checkDecodable()
    } catch {
      guard error.kind == .unsupported else { throw error }
      return
    }
    try weight.dataset.checkReadable()
  }
}

extension Health {
  /// A dataset is told by the last part of its path, without TensorFlow's `:0`. What an optimizer
  /// keeps bears the names of weights, but is none.
  static func complaints(path: String, _ statistics: Statistics) -> [String] {
    let parts = path.split(separator: "/")
    let isOptimizer = parts.first.map { $0.hasPrefix("optimizer") } ?? false
    let name = parts.last.map { $0.prefix { $0 != ":" } } ?? ""
    return complaints(name: isOptimizer ? "" : String(name), statistics)
  }
}
