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

  /// Walks the file.
  ///
  /// - Throws: `ModelFileError` if its structure is broken.
  mutating func read() throws(ModelFileError) {
    for store in checkpoint.stores {
      do {
        try read(store)
      } catch {
        throw store.renaming(error)
      }
    }
  }

  private mutating func read(_ store: WeightStore) throws(ModelFileError) {
    var found: [(row: WalkRow, address: UInt64)] = []
    var strays: [ModelWarning] = []
    try store.file.walk { row in
      switch row.link.target {
      case .hard(.dataset, let address): found.append((row, address))
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
      let dataset = try row.parent.dataset(named: row.link.name)
      let weight = checkpoint.weight(named: "", dataset: dataset, in: store)
      if !scan.wishes.isEmpty, known[address] == nil {
        known[address] = try read(weight, at: row.path.pathText)
      }
      positions[Place(store: store.name, path: row.path)] = rows.count
      try add(weight, at: row.path.pathText, known[address] ?? (nil, nil))
    }
  }

  private func warning(_ row: WalkRow, _ message: String) -> ModelWarning {
    ModelWarning(file: path, at: [.path(row.path.pathText)], message)
  }

  private mutating func add(
    _ weight: StoredWeight, at place: String, _ values: Values
  ) throws(ModelFileError) {
    let dataset = weight.dataset
    var row = Summary.StoredDataset(
      path: place, shape: dataset.shape.extents, dtype: weight.typeName,
      layout: Self.name(of: dataset.layout), filters: dataset.filters.map(\.name),
      bytes: dataset.declaredBytes, storedBytes: try dataset.storedBytes)
    row.sha256 = values.sha256
    row.statistics = values.statistics
    rows.append(row)
  }

  /// What HDF5 calls a layout: it has no word for elements in other files, which lie there in one piece.
  private static func name(of layout: Dataset.Layout) -> String {
    (layout == .external ? .contiguous : layout).rawValue
  }

  /// Reads a dataset; one that can't be read (virtual, external, unknown filter) draws a warning.
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
        ModelWarning(file: path, at: [.path(place)], "is not read: \(error.problem)"))
      return (nil, nil)
    }
  }

  /// A weight as a parameter, with what was read of its dataset.
  func parameter(
    of weight: StoredWeight, name: String? = nil
  ) throws(ModelFileError) -> Summary.StoredParameter {
    let place = Place(store: weight.store.name, path: weight.dataset.path)
    let row = positions[place].map { rows[$0] }
    let shape = try weight.shape()
    do {
      try weight.dataset.checkReadable()
    } catch {
      // What is only compressed in an unknown way is listed; what lies elsewhere is no parameter.
      guard error.kind == .unsupported else { throw error }
    }
    switch weight.dataset.datatype.kind {
    case .fixedText, .variableText: _ = try weight.elementType()
    default: break
    }
    var parameter = Summary.StoredParameter(
      name: name ?? weight.name.description, shape: shape, dtype: weight.typeName,
      bytes: weight.dataset.declaredBytes ?? 0)
    parameter.offset = weight.offset
    parameter.sha256 = row?.sha256
    parameter.statistics = row?.statistics
    return parameter
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
