import FileSupport
import HDF5
import Keras

extension Summary {
  /// An attribute of a group or dataset of an HDF5 file.
  public struct StoredAttribute: Sendable {
    /// The path of its group or dataset.
    public var path: String
    /// Its name.
    public let name: String
    /// Its element type.
    public let dtype: String
    /// Its extents, none for a scalar; `nil` for an attribute without elements (a null dataspace).
    public let shape: [UInt64]?
    /// Its first elements; `nil` for a type that has no form here.
    public let values: [JSONValue]?
    /// How many elements, or of a long text how many characters, are left out.
    public let omitted: Int

    var json: JSONValue {
      var object = JSONObject()
      object["path"] = .string(path)
      object["name"] = .string(name)
      object["dtype"] = .string(dtype)
      object["shape"] = shape.map { .array($0.map { JSONValue($0) }) } ?? .null
      if let values {
        object["value"] = shape == [] ? values.first ?? .null : .array(values)
      }
      if omitted > 0 { object["omitted"] = JSONValue(omitted) }
      return .object(object)
    }
  }
}

/// The attributes of an HDF5 file's groups and datasets, each object's read once however many paths lead to it.
struct AttributeListing {
  /// Rows in the order of their paths and names.
  private(set) var rows: [Summary.StoredAttribute] = []
  /// What can't be read of them.
  private(set) var flaws = Flaws()

  /// More elements of an attribute, or characters of a text, are left out.
  private static let (maximumCount, maximumLength) = (100, 1000)
  /// A few objects that many paths lead to have more rows than anybody reads.
  private static let maximumRows = 1_000_000

  /// Walks a file.
  ///
  /// - Throws: `ModelFileError` if reading itself fails, or there are too many attributes.
  mutating func read(_ store: WeightStore) throws(ModelFileError) {
    var known: [UInt64: [Summary.StoredAttribute]] = [:]
    try take(try attributes(of: store.file.root, in: store), at: "/", store)
    // The listing of datasets tells what is wrong with groups.
    try store.file.walk { _ in
    } _: { (row) throws(ModelFileError) in
      guard case .hard(let kind, let address) = row.link.target, kind == .group || kind == .dataset
      else { return }
      if known[address] == nil {
        known[address] = []
        do throws(ModelFileError) {
          known[address] =
            kind == .group
            ? try attributes(of: try row.parent.group(named: row.link.name), in: store)
            : try attributes(of: try row.parent.dataset(named: row.link.name), in: store)
        } catch {
          try flaws.take(store.renaming(error))
        }
      }
      try take(known[address] ?? [], at: row.path.pathText, store)
    }
  }

  private mutating func take(
    _ attributes: [Summary.StoredAttribute], at path: String, _ store: WeightStore
  ) throws(ModelFileError) {
    guard rows.count + attributes.count <= Self.maximumRows else {
      throw ModelFileError(
        .damaged, file: store.file.path, "has too many attributes",
        expected: "at most \(Self.maximumRows), each once for each path of its object")
    }
    rows += attributes.map { attribute in
      var attribute = attribute
      attribute.path = path
      return attribute
    }
  }

  /// An attribute that can't be read does not hide the others.
  private mutating func attributes(
    of holder: some AttributeHolder, in store: WeightStore
  ) throws(ModelFileError) -> [Summary.StoredAttribute] {
    var found: [Summary.StoredAttribute] = []
    do throws(ModelFileError) {
      for name in try holder.attributeNames() {
        do throws(ModelFileError) {
          guard let attribute = try holder.attribute(named: name) else { continue }
          found.append(try Self.row(attribute))
        } catch {
          try flaws.take(store.renaming(error))
        }
      }
    } catch {
      try flaws.take(store.renaming(error))
    }
    return found
  }

  private static func row(_ attribute: Attribute) throws(ModelFileError) -> Summary.StoredAttribute
  {
    var values: [JSONValue]?
    var omitted = 0
    switch attribute.datatype.kind {
    case .fixedText, .variableText:
      values = try attribute.texts().prefix(maximumCount).map { bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        omitted += max(0, text.count - maximumLength)
        return .string(String(text.prefix(maximumLength)))
      }
    case .float where attribute.datatype.floatFormat != nil:
      values = try attribute.doubles().prefix(maximumCount).map { .number($0) }
    case .integer, .enumeration:
      guard attribute.datatype.isNumeric, attribute.datatype.size <= 8 else { break }
      if attribute.datatype.name == "bool" {
        values = try attribute.integers().prefix(maximumCount).map { .bool($0 != 0) }
      } else if isUnsigned(attribute.datatype) {
        values = try attribute.unsignedIntegers().prefix(maximumCount).map { JSONValue($0) }
      } else {
        values = try attribute.integers().prefix(maximumCount).map { JSONValue($0) }
      }
    default: break
    }
    if let values, let count = attribute.shape.elementCount { omitted += Int(count) - values.count }
    return Summary.StoredAttribute(
      path: "", name: attribute.name.description, dtype: attribute.datatype.name,
      shape: attribute.shape.extents, values: values, omitted: omitted)
  }

  private static func isUnsigned(_ type: Datatype) -> Bool {
    switch type.kind {
    case .integer(let isSigned): !isSigned
    case .enumeration(let base, _): isUnsigned(base)
    default: false
    }
  }
}
