import FileSupport
import HDF5

/// Reads the index of weights in several files, as Keras 3 writes `NAME.weights.json` beside
/// `NAME_00000.weights.h5`, ….
struct ShardReader {
  private let index: InputFile
  private let opener: StoreOpener

  private static let maximumFiles = 10_000
  private static let maximumBytes: UInt64 = 256 << 20

  init(_ index: InputFile, _ opener: StoreOpener) {
    self.index = index
    self.opener = opener
  }

  func checkpoint() throws(ModelFileError) -> KerasCheckpoint {
    guard index.size <= Self.maximumBytes else {
      throw ModelFileError(.damaged, "the index is too large", expected: "\(Self.maximumBytes)")
    }
    let names = try Self.names(in: try JSONParser.parse(try index.prefix(Int(index.size))))
    let folder = index.path.lastIndex(of: "/").map { String(index.path[...$0]) } ?? ""
    var stores: [WeightStore] = []
    var layers: [StoredLayer] = []
    var optimizer: [StoredWeight] = []
    var damage: ModelFileError?
    for name in names {
      let store = try opener.open(try InputFile(path: folder + name), name: name)
      let layout = try opener.tolerating(&damage, or: nil) { () throws(ModelFileError) in
        try Version3Layout(store)
      }
      stores.append(store)
      layers = StoredLayer.joined(layers, layout?.layers ?? [])
      optimizer += layout?.optimizer ?? []
    }
    return KerasCheckpoint(
      .version3Weights, size: index.size, stores: stores, layers: layers, optimizer: optimizer,
      damage: damage)
  }

  /// Whether a document is such an index.
  static func isIndex(_ document: JSONValue) -> Bool { document["weight_map"]?.object != nil }

  /// The files that an index names, each once, in order. They lie beside it.
  static func names(in document: JSONValue) throws(ModelFileError) -> [String] {
    guard let map = document["weight_map"]?.object else {
      throw ModelFileError(
        .damaged, at: [.option("weight_map")], "the JSON text is no index of weights",
        expected: "an object 'weight_map'")
    }
    var names: Set<String> = []
    for (path, value) in map {
      for name in value.elements?.map(\.text) ?? [value.text] {
        guard let name, name.hasSuffix(".h5"), !name.contains("/"), !name.contains("\0") else {
          throw ModelFileError(
            .damaged, at: [.option(path)], "the index names no file beside it",
            expected: "the name of an .h5 file, without a folder")
        }
        names.insert(name)
      }
    }
    guard names.count <= maximumFiles else {
      throw ModelFileError(
        .damaged, "the index names too many files", expected: "at most \(maximumFiles)")
    }
    return names.sorted()
  }
}
