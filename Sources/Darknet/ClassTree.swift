import FileSupport

/// A tree of classes, of which siblings exclude each other (`tree.c: read_tree`).
///
/// Each line of the file has the name of a class and the number of its parent's line, −1 or nothing for a
/// root. Neighbouring lines with the same parent are siblings.
public struct ClassTree: Sendable {
  /// The largest file that is read, in bytes. That of YOLO9000 has 200 kB.
  static let maximumBytes = 16 << 20

  /// How many siblings there are, one group after another.
  public let groupSizes: [Int]
  /// The class above each class; −1 for a root.
  public let parents: [Int]

  /// Reads the file that a cfg names.
  ///
  /// - Throws: as ``bytes(named:by:)``.
  init(named name: String, by config: ConfigText) throws(ModelFileError) {
    self.init(text: try Self.bytes(named: name, by: config))
  }

  /// The bytes of the file that a cfg names.
  ///
  /// If it did not come with the cfg, it is looked for beside that: under its whole name, if that does not lead
  /// elsewhere, then under the last part of it.
  ///
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it is too large.
  static func bytes(
    named name: String, by config: ConfigText
  ) throws(ModelFileError) -> [UInt8] {
    if let carried = config.files[name] { return carried }
    let host = config.host
    let folder = host.lastIndex(of: "/").map { String(host[...$0]) } ?? ""
    let parts = name.split(separator: "/")
    let last = folder + (parts.last.map(String.init) ?? name)
    let file: InputFile
    do {
      let staysInside = !name.hasPrefix("/") && !parts.contains("..")
      file = try InputFile(path: staysInside ? folder + name : last)
    } catch {
      file = try InputFile(path: last)
    }
    guard file.size <= UInt64(Self.maximumBytes) else {
      throw ModelFileError(
        .damaged, file: file.path, "is too large for a tree of classes",
        expected: "at most \(Self.maximumBytes) bytes", found: "\(file.size) bytes")
    }
    return try file.prefix(Self.maximumBytes)
  }

  init(text: [UInt8]) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var sizes: [Int] = []
    var parents: [Int] = []
    var lastParent: Int?
    for line in lines {
      let fields = String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace)
      let parent = fields.count > 1 ? NumberSyntax.integer(fields[1]).value : -1
      parents.append(parent)
      if parent == lastParent {
        sizes[sizes.count - 1] += 1
      } else {
        sizes.append(1)
        lastParent = parent
      }
    }
    groupSizes = sizes
    self.parents = parents
  }
}

extension Network {
  /// The classes of a head that names a tree; `nil` for any other.
  ///
  /// - Throws: `ModelFileError`: `unreadable` if the file is not there, `damaged` if it is too large.
  public func classTree(of head: HeadDescription) throws(ModelFileError) -> ClassTree? {
    guard case .region(let form) = head.form, let name = form.tree else { return nil }
    return try ClassTree(named: name, by: config.text)
  }
}
