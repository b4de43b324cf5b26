import FileSupport
import HDF5

/// The names in the legacy layout: how lists of them are kept in attributes, and how a name with
/// slashes becomes a path.
enum LegacyNames {
  /// The attribute that lists layers.
  static let layers: LinkName = "layer_names"
  /// The attribute that lists the weights of a layer.
  static let weights: LinkName = "weight_names"
  /// The group that holds the layers of a full model.
  static let modelWeights: LinkName = "model_weights"
  /// The most bytes of a list that is kept in one attribute. Keras splits from 64,512 bytes on; a
  /// reader takes any split.
  static let maximumBytes = 64_000

  /// The links that a name with slashes leads through.
  static func path(of name: LinkName) -> [LinkName] {
    name.bytes.split(separator: UInt8(ascii: "/")).filter { $0.elementsEqual([0x2E]) == false }
      .map { LinkName(bytes: Array($0)) }
  }

  /// Stores a list of names: as one attribute, or as `name0`, `name1`, … of nearly equal length.
  static func write(
    _ names: [LinkName], as attribute: LinkName, of group: Group
  ) throws(ModelFileError) {
    let width = names.map(\.bytes.count).max() ?? 0
    guard names.count * width > maximumBytes else {
      try group.setAttribute(named: attribute, strings: names)
      return
    }
    let longest = max(maximumBytes / max(width, 1), 1)
    let parts = (names.count + longest - 1) / longest
    var start = 0
    for part in 0..<parts {
      let count = names.count / parts + (part < names.count % parts ? 1 : 0)
      try group.setAttribute(
        named: numbered(attribute, part), strings: Array(names[start..<(start + count)]))
      start += count
    }
  }

  /// Reads a list of names, whole or in parts; `nil` if there is none. An empty list is stored as an
  /// empty array of numbers.
  static func read(
    _ attribute: LinkName, of group: Group
  ) throws(ModelFileError) -> [LinkName]? {
    if let whole = try group.attribute(named: attribute) {
      return try whole.texts().map { LinkName(bytes: $0) }
    }
    var names: [LinkName]?
    var part = 0
    while let next = try group.attribute(named: numbered(attribute, part)) {
      names = (names ?? []) + (try next.texts().map { LinkName(bytes: $0) })
      part += 1
    }
    return names
  }

  /// Whether there is a list under this name, whole or in parts.
  static func isListed(_ attribute: LinkName, in group: Group) throws(ModelFileError) -> Bool {
    if try group.attribute(named: attribute) != nil { return true }
    return try group.attribute(named: numbered(attribute, 0)) != nil
  }

  private static func numbered(_ attribute: LinkName, _ part: Int) -> LinkName {
    LinkName(bytes: attribute.bytes + Array("\(part)".utf8))
  }
}
