#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder that outputs go into.
public struct OutputFolder: Sendable {
  /// The path as the user gave it.
  public let path: String

  /// Creates the folder if it is missing; the one that holds it must be there.
  ///
  /// - Throws: ``ModelFileError`` of kind `cannotCreate`.
  public init(path: String) throws(ModelFileError) {
    self.path = path
    guard mkdir(path, 0o777) != 0 else { return }
    let code = errno
    var status = stat()
    if code == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    throw ModelFileError(
      .cannotCreate, file: path,
      code == EEXIST ? "exists and is no folder" : "the folder can't be created",
      cause: systemErrorText(code),
      remedy: code == ENOENT ? "create the folder that shall hold it first" : "choose another name")
  }

  /// The path of a file in it.
  public func file(named name: String) -> String {
    path.hasSuffix("/") ? path + name : "\(path)/\(name)"
  }
}
