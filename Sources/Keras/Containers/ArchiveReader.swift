import Archive
import FileSupport
import HDF5

/// Reads a `.keras` archive: its configuration, and the HDF5 file in it.
struct ArchiveReader {
  private let archive: ZipArchive
  private let opener: StoreOpener

  static let configuration = "config.json"
  static let metadata = "metadata.json"
  static let weights = "model.weights.h5"
  private static let numpyWeights = "model.weights.npz"
  private static let shards = "model.weights.json"
  private static let textBytes: UInt64 = 256 << 20
  /// Weights that are stored cost no more than the archive itself; deflated ones are held to a ratio
  /// that no trained weights come near, beyond what any disk spares.
  private static let storedBytes: UInt64 = 1 << 40
  private static let freeBytes: UInt64 = 256 << 20
  private static let expansion: UInt64 = 20

  init(_ file: InputFile, _ opener: StoreOpener) throws(ModelFileError) {
    archive = try ZipArchive(file)
    self.opener = opener
  }

  func checkpoint() throws(ModelFileError) -> KerasCheckpoint {
    let bytes = try bytes(Self.configuration)
    let hasByteOrderMark = bytes.map(JSONParser.hasByteOrderMark) ?? false
    guard let bytes else {
      let endings = [".weights", ".cfg", ".h5", ".hdf5", ".keras", ".json"]
      let inner = archive.members.first { member in endings.contains { member.name.hasSuffix($0) } }
      throw ModelFileError(
        .damaged, at: [.path(Self.configuration)], "the archive holds no model's configuration",
        expected: "a member '\(Self.configuration)'",
        found: archive.members.prefix(5).map(\.name.escapedForTerminal).joined(separator: ", "),
        remedy: inner.map { "unpack it first: unzip FILE '\($0.name.escapedForTerminal)'" }
          ?? "give a .keras file that Keras saved")
    }
    let configuration = try Self.parsed(bytes, Self.configuration)
    guard configuration["config"] != nil else {
      throw ModelFileError(
        .damaged, at: [.path(Self.configuration)], "the configuration is no model's",
        expected: "an object with 'class_name' and 'config'")
    }
    var warnings: [ModelWarning] = []
    for member in archive.members where member.leadsAstray {
      warnings.append(
        ModelWarning(
          file: archive.file.path, at: [.path(member.name)],
          "the member's name leads out of the archive's folder; nothing is unpacked"))
    }
    for member in archive.members where Self.inflates(member) {
      warnings.append(
        ModelWarning(
          file: archive.file.path, at: [.path(member.name)],
          "inflates from \(member.compressedSize) bytes to \(member.size), which no model's text does"
        ))
    }
    let metadata = try text(Self.metadata)
    var stores: [WeightStore] = []
    var layers: [StoredLayer] = []
    var optimizer: [StoredWeight] = []
    if let member = archive[Self.weights] {
      stores = [try store(member)]
    } else if let index = try text(Self.shards) {
      for name in try ShardReader.names(in: index) {
        guard let member = archive[name] else {
          throw ModelFileError(
            .damaged, at: [.path(name)], "the archive lacks a file that its index names")
        }
        stores.append(try store(member))
      }
    } else if archive[Self.numpyWeights] != nil {
      warnings.append(
        ModelWarning(
          file: archive.file.path, at: [.path(Self.numpyWeights)],
          "the weights are pickled Python objects, which are not read; Keras 3 does not load them "
            + "either"))
    } else {
      throw ModelFileError(
        .damaged, at: [.path(Self.weights)], "the archive holds no weights",
        expected: "a member '\(Self.weights)'")
    }
    var damage: ModelFileError?
    for store in stores {
      let layout = try opener.tolerating(&damage, or: nil) { () throws(ModelFileError) in
        try inside(store) { () throws(ModelFileError) in try Version3Layout(store) }
      }
      layers = StoredLayer.joined(layers, layout?.layers ?? [])
      optimizer += layout?.optimizer ?? []
    }
    var checkpoint = KerasCheckpoint(
      .archive, size: archive.file.size, stores: stores, layers: layers, optimizer: optimizer,
      configuration: configuration, kerasVersion: metadata?["keras_version"]?.text,
      damage: damage, warnings: warnings)
    checkpoint.configurationHasByteOrderMark = hasByteOrderMark
    return checkpoint
  }

  /// Whether a text grows a hundredfold by inflating, as a bomb does. Small ones may: they cost nothing.
  private static func inflates(_ member: ZipMember) -> Bool {
    member.name.hasSuffix(".json") && member.size > 1 << 16
      && member.size / 100 > member.compressedSize
  }

  /// A JSON member; `nil` if there is none of this name.
  private func text(_ name: String) throws(ModelFileError) -> JSONValue? {
    guard let bytes = try bytes(name) else { return nil }
    return try Self.parsed(bytes, name)
  }

  private func bytes(_ name: String) throws(ModelFileError) -> [UInt8]? {
    guard let member = archive[name] else { return nil }
    return try archive.bytes(of: member, limit: Self.textBytes)
  }

  private static func parsed(_ bytes: [UInt8], _ name: String) throws(ModelFileError) -> JSONValue {
    do throws(ModelFileError) {
      return try JSONParser.parse(bytes)
    } catch {
      throw error.at(.path(name))
    }
  }

  /// Opens an HDF5 member, by a copy without a name.
  private func store(_ member: ZipMember) throws(ModelFileError) -> WeightStore {
    let limit =
      member.method == .stored
      ? Self.storedBytes
      : Self.freeBytes + min(member.compressedSize, 1 << 50) * Self.expansion
    let copy = try PrivateFile()
    try archive.read(member, limit: limit) { band throws(ModelFileError) in
      try copy.append(band)
    }
    let content = try FileContent(of: try InputFile(path: copy.path))
    guard content == .hdf5 else {
      throw ModelFileError(
        .damaged, at: [.path(member.name)], "the weights in the archive are no HDF5 file",
        found: "\(content.name), \(member.size) bytes")
    }
    let offset = try archive.storedOffset(of: member)
    return try opener.open(
      copy: copy, name: member.name, place: offset.map { (archive.file, $0) })
  }

  /// Runs `body` with errors that name the member and not its copy.
  private func inside<Result>(
    _ store: WeightStore, _ body: () throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    do {
      return try body()
    } catch {
      throw store.renaming(error)
    }
  }
}

extension WeightStore {
  /// An error that names this file as the user knows it: by its name in the archive or beside the index.
  public func renaming(_ error: ModelFileError) -> ModelFileError {
    guard let name, error.file == file.path else { return error }
    var renamed = error.at(.path(name))
    renamed.file = nil
    return renamed
  }
}
