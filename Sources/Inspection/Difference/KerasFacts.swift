import Archive
import FileSupport
import HDF5
import Keras

/// What a Keras file says beside its layers and numbers: versions, attributes, how the model was compiled, and
/// the other members of an archive.
struct KerasFacts {
  private(set) var entries: [LayerSettings.Entry] = []

  /// Attributes that tell what is told elsewhere: the layers, their order, and the versions.
  private static let structural: Set<LinkName> = [
    "model_config", "layer_names", "weight_names", "keras_version", "backend",
    "DIMENSION_LIST", "REFERENCE_LIST",
  ]
  /// Members of an archive that are read as what they are.
  private static let known: Set<String> = ["config.json", "metadata.json", "model.weights.h5"]

  init(_ checkpoint: KerasCheckpoint) throws(ModelFileError) {
    if let version = checkpoint.kerasVersion { add("keras_version", version) }
    if let backend = checkpoint.backend { add("backend", backend) }
    if let compiled = checkpoint.configuration?["compile_config"], compiled != .null {
      entries += FlatOptions(of: compiled, under: "compile_config").entries
    }
    for store in checkpoint.stores {
      do throws(ModelFileError) {
        try read(store)
      } catch {
        throw store.renaming(error)
      }
    }
  }

  /// Adds what stands in an archive beside the model.
  ///
  /// - Throws: `ModelFileError` if the archive is damaged.
  static func members(of file: InputFile) throws(ModelFileError) -> [LayerSettings.Entry] {
    let archive = try ZipArchive(file)
    var facts = KerasFacts()
    if let member = archive["metadata.json"] {
      let text = try archive.bytes(of: member, limit: 1 << 20)
      if let document = try? JSONParser.parse(text), var members = document.object {
        members["keras_version"] = nil
        facts.entries += FlatOptions(of: .object(members)).entries
      }
    }
    for member in archive.members where !member.isFolder && !known.contains(member.name) {
      let digits = String(member.checksum, radix: 16)
      facts.add("member \(member.name)", "\(member.size) bytes, crc32 \(digits)")
    }
    return facts.entries
  }

  private init() {}

  private mutating func add(_ key: String, _ value: String) {
    entries.append(LayerSettings.Entry(key: key, value: value))
  }

  private mutating func read(_ store: WeightStore) throws(ModelFileError) {
    try take(store.file.root, at: "")
    // Links that don't lead to anything hold no attributes; `inspect` tells of them.
    var rows: [WalkRow] = []
    try store.file.walk { row throws(ModelFileError) in rows.append(row) }
    var seen: Set<UInt64> = []
    for row in rows {
      switch row.link.target {
      case .hard(.group, let address) where seen.insert(address).inserted:
        try take(try row.parent.group(named: row.link.name), at: row.path.pathText)
      case .hard(.dataset, let address) where seen.insert(address).inserted:
        try take(try row.parent.dataset(named: row.link.name), at: row.path.pathText)
      default: break
      }
    }
  }

  private mutating func take(
    _ holder: some AttributeHolder, at path: String
  ) throws(ModelFileError) {
    for name in try holder.attributeNames() where !Self.structural.contains(name) {
      guard let attribute = try holder.attribute(named: name) else { continue }
      let key = path.isEmpty ? "\(name)" : "\(path)@\(name)"
      let value = try Self.text(of: attribute)
      if value.hasPrefix("{"), let document = try? JSONParser.parse(Array(value.utf8)) {
        entries += FlatOptions(of: document, under: key).entries
      } else {
        add(key, value)
      }
    }
  }

  /// The elements of an attribute, or what they are.
  private static func text(of attribute: Attribute) throws(ModelFileError) -> String {
    switch attribute.datatype.kind {
    case .fixedText, .variableText:
      // Of texts that are no UTF-8 the bytes count.
      let texts = try attribute.texts().map { "\(LinkName(bytes: $0))" }
      return texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
    case .integer: return list(try attribute.integers().map { "\($0)" })
    case .float: return list(try attribute.doubles().map { "\($0)" })
    default:
      guard let bytes = try? attribute.rawBytes() else { return attribute.datatype.name }
      let digest = try SHA256()
      bytes.withUnsafeBytes { digest.update($0) }
      return "\(attribute.datatype.name), sha256 \(digest.finish())"
    }
  }

  private static func list(_ values: [String]) -> String {
    values.count == 1 ? values[0] : "[\(values.joined(separator: ", "))]"
  }
}
