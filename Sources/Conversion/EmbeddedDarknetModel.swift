import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph

/// What an `.h5` carries of the darknet model that it was made of, in a group that Keras ignores, so
/// that the way back needs nothing else (`spec/embedded-model.md`).
///
/// The group `/darknet` has the attributes `dialect` and, of a partial file, `layers_loaded`; the
/// datasets `cfg` and `header` hold bytes as they stood in the files, and so does `names`, if the names of the classes are known. The group `files` has a dataset for each file that
/// the cfg names and its graph needs, with its `name` in the cfg. The group `arrays` has a dataset
/// for each array that no Keras variable holds unchanged. One that a variable holds in another form names
/// it (`stands_for`) with the SHA-256 that the variable's dataset had (`sha256`): it is used only while
/// that matches.
struct EmbeddedDarknetModel {
  /// The dialect by which the weights are read.
  var dialect: Dialect
  /// The cfg's bytes.
  var config: [UInt8]
  /// The header's bytes.
  var header: [UInt8]
  /// How many layers have their numbers, where not all do.
  var layersLoaded: Int?
  /// The files that the cfg names, by the names that it gives them.
  var files: [String: [UInt8]] = [:]
  /// The names of the classes, as their file has them.
  var names: [UInt8]?
  /// The arrays by name.
  var arrays: [String: CarriedArray] = [:]

  /// An array that travels beside the model.
  struct CarriedArray {
    let source: any TensorSource
    /// The dataset whose place it takes, with the digest that this had; `nil` if there is none.
    let standsFor: (path: String, sha256: String)?
  }

  private static let group: LinkName = "darknet"
  private static let arraysGroup: LinkName = "arrays"
  private static let filesGroup: LinkName = "files"
  private static let nameAttribute: LinkName = "name"
  private static let configDataset: LinkName = "cfg"
  private static let headerDataset: LinkName = "header"
  private static let namesDataset: LinkName = "names"
  /// The longest list of names, in bytes.
  static let maximumNameBytes = 16 << 20
  private static let dialectAttribute: LinkName = "dialect"
  private static let layersAttribute: LinkName = "layers_loaded"
  private static let standsForAttribute: LinkName = "stands_for"
  private static let digestAttribute: LinkName = "sha256"

  /// Writes it into a new file.
  ///
  /// - Throws: `ModelFileError` of the arrays' files or of the new one.
  func write(to file: HDF5File) throws(ModelFileError) {
    let group = try file.root.createGroup(named: Self.group)
    try group.setAttribute(named: Self.dialectAttribute, string: dialect.rawValue)
    if let layersLoaded {
      try group.setAttribute(named: Self.layersAttribute, integers: [Int64(layersLoaded)])
    }
    try Self.write(config, as: Self.configDataset, in: group)
    try Self.write(header, as: Self.headerDataset, in: group)
    if let names { try Self.write(names, as: Self.namesDataset, in: group) }
    try writeFiles(in: group)
    guard !arrays.isEmpty else { return }
    let holder = try group.createGroup(named: Self.arraysGroup)
    let stream = TensorStream()
    for (name, array) in arrays.sorted(by: { $0.key < $1.key }) {
      let count = array.source.byteCount / ElementType.float32.byteCount
      let dataset = try holder.createDataset(
        named: LinkName(name), type: .float32, shape: .simple([UInt64(count)]))
      var row = 0
      try stream.forEachBand(
        of: array.source, elementType: .float32, view: StridedView(contiguous: [count])
      ) { (band) throws(ModelFileError) in
        let rows = row..<row + band.count / ElementType.float32.byteCount
        try dataset.write(rows: rows, from: band)
        row = rows.upperBound
      }
      if let standsFor = array.standsFor {
        try dataset.setAttribute(
          named: Self.standsForAttribute, string: standsFor.path)
        try dataset.setAttribute(
          named: Self.digestAttribute, string: standsFor.sha256)
      }
    }
  }

  /// They are numbered: the names that a cfg gives them may be paths.
  private func writeFiles(in group: Group) throws(ModelFileError) {
    guard !files.isEmpty else { return }
    let holder = try group.createGroup(named: Self.filesGroup)
    for (number, file) in files.sorted(by: { $0.key < $1.key }).enumerated() {
      let dataset = try Self.write(file.value, as: LinkName("\(number)"), in: holder)
      try dataset.setAttribute(named: Self.nameAttribute, string: file.key)
    }
  }

  @discardableResult
  private static func write(
    _ bytes: [UInt8], as name: LinkName, in group: Group
  ) throws(ModelFileError) -> Dataset {
    let dataset = try group.createDataset(
      named: name, type: .uint8, shape: .simple([UInt64(bytes.count)]))
    var failure: ModelFileError?
    bytes.withUnsafeBytes { buffer in
      do throws(ModelFileError) {
        try dataset.write(from: buffer)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return dataset
  }
}

extension EmbeddedDarknetModel {
  /// Reads what a file carries; `nil` if it carries nothing of darknet.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if something of it is missing or broken.
  init?(from checkpoint: KerasCheckpoint) throws(ModelFileError) {
    guard let store = checkpoint.stores.first else { return nil }
    let root = store.file.root
    guard case .hard(.group, _) = try root.target(named: Self.group) else { return nil }
    let group = try root.group(named: Self.group)
    guard let name = try group.attribute(named: Self.dialectAttribute)?.string(),
      let dialect = Dialect(rawValue: name)
    else {
      throw ModelFileError(
        .damaged, at: [.path(group.path.pathText), .option("dialect")],
        "the carried darknet model names no dialect", expected: "one of \(Dialect.allCases)")
    }
    self.dialect = dialect
    layersLoaded = try group.attribute(named: Self.layersAttribute)?.integers().first
      .flatMap { Int(exactly: $0) }
    config = try Self.bytes(
      of: Self.configDataset, in: group, atMost: ConfigFile.maximumBytes)
    header = try Self.bytes(of: Self.headerDataset, in: group, atMost: 20)
    if case .hard(.dataset, _) = try group.target(named: Self.namesDataset) {
      names = try Self.bytes(of: Self.namesDataset, in: group, atMost: Self.maximumNameBytes)
    }
    files = try Self.files(in: group)
    guard case .hard(.group, _) = try group.target(named: Self.arraysGroup) else { return }
    let holder = try group.group(named: Self.arraysGroup)
    for link in try holder.links() {
      let dataset = try holder.dataset(named: link.name)
      let weight = checkpoint.weight(named: link.name, dataset: dataset, in: store)
      let path = try dataset.attribute(named: Self.standsForAttribute)?.string()
      let digest = try dataset.attribute(named: Self.digestAttribute)?.string()
      arrays[link.name.description] = CarriedArray(
        source: try weight.source(),
        standsFor: path.flatMap { path in digest.map { (path, $0) } })
    }
  }

  /// The header that the bytes are.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are none.
  func parsedHeader() throws(ModelFileError) -> WeightsHeader {
    try WeightsHeader(exactly: header, dialect: dialect)
  }

  private static func files(in group: Group) throws(ModelFileError) -> [String: [UInt8]] {
    guard case .hard(.group, _) = try group.target(named: Self.filesGroup) else { return [:] }
    let holder = try group.group(named: Self.filesGroup)
    var files: [String: [UInt8]] = [:]
    for link in try holder.links() {
      let name = try holder.dataset(named: link.name).attribute(named: Self.nameAttribute)?.string()
      guard let name else {
        throw ModelFileError(
          .damaged, at: [.path((holder.path + [link.name]).pathText), .option("name")],
          "a carried file has no name")
      }
      files[name] = try bytes(of: link.name, in: holder, atMost: Network.maximumFileBytes)
    }
    return files
  }

  private static func bytes(
    of name: LinkName, in group: Group, atMost limit: Int
  ) throws(ModelFileError) -> [UInt8] {
    let dataset = try group.dataset(named: name)
    guard dataset.datatype == .uint8, let count = dataset.shape.elementCount, count <= limit else {
      throw ModelFileError(
        .damaged, at: [.path(dataset.path.pathText)], "the carried bytes are of another form",
        expected: "at most \(limit) bytes", found: "\(dataset.datatype.name) \(dataset.shape)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    var failure: ModelFileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(ModelFileError) {
        try dataset.read(into: buffer)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}
