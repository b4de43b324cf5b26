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

  /// `did you mean 'FOLDER/NAME'?` with the name in the same folder that is nearest to the one of a path that does
  /// not exist, `nil` if none is close. How close is told by the name without its ending, which many files share.
  static func question(for path: String) -> String? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard let name = parts.last.map(String.init) else { return nil }
    let folder = parts.dropLast().joined(separator: "/")
    let place = parts.count == 1 ? "." : folder.isEmpty ? "/" : folder
    guard let names = try? all(in: place) else { return nil }
    let stem = name.split(separator: ".").first?.count ?? 0
    return Spelling.nearest(to: name, among: names, significant: stem).map {
      "did you mean '\((parts.dropLast().map(String.init) + [$0]).joined(separator: "/").escapedForTerminal)'?"
    }
  }
}
