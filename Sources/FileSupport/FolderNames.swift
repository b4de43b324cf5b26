#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is in a folder.
public enum FolderNames {
  /// The names in it, in the order of their bytes.
  ///
  /// - Throws: ``ModelFileError`` of kind `unreadable`.
  public static func all(in path: String) throws(ModelFileError) -> [String] {
    guard let listing = opendir(path) else {
      throw ModelFileError(
        .unreadable, file: path, "the folder can't be read", cause: systemErrorText(errno),
        remedy: "check the path")
    }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
