import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The pictures and arrays that `--input` names, those in its folders among them.
struct PictureSources {
  /// The files in order.
  let all: [String]
  /// Whether one file is named, and no folder: then its results stand alone.
  let isSingle: Bool

  private static let endings = [".png", ".jpg", ".jpeg"]

  /// Lists the folders.
  ///
  /// - Throws: `ModelFileError` of kind `unreadable` for a folder that can't be read, or has no picture.
  init(_ inputs: [String]) throws(ModelFileError) {
    var all: [String] = []
    var folders = 0
    for input in inputs {
      guard Self.isFolder(input) else {
        all.append(input)
        continue
      }
      folders += 1
      let names = try FolderNames.all(in: input).filter { name in
        Self.endings.contains(where: name.lowercased().hasSuffix)
      }
      guard !names.isEmpty else {
        throw ModelFileError(
          .unreadable, file: input, "there are no pictures in the folder",
          expected: "files that end in \(Self.endings.joined(separator: ", "))",
          remedy: "name the files themselves if they are called otherwise")
      }
      all += names.map { input.hasSuffix("/") ? input + $0 : "\(input)/\($0)" }
    }
    self.all = all
    isSingle = folders == 0 && all.count == 1
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
