#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder that outputs go into. One that is made for them is removed again if they are not committed, unless
/// somebody else has put something into it.
public final class OutputFolder {
  /// The path as the user gave it.
  public let path: String
  private var files: [OutputFile] = []
  /// Whether it was made here, and nothing in it has its name yet.
  private var isTemporary: Bool

  /// Creates the folder if it is missing; the one that holds it must be there.
  ///
  /// - Throws: ``ModelFileError`` of kind `cannotCreate`.
  public init(path: String) throws(ModelFileError) {
    self.path = path
    let code = TemporaryFiles.withNames { names in
      guard mkdir(path, 0o777) != 0 else {
        names.insert(path)
        return Int32(0)
      }
      return errno
    }
    isTemporary = code == 0
    var status = stat()
    guard code != 0,
      !(code == EEXIST && stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR)
    else { return }
    throw ModelFileError(
      .cannotCreate, file: path,
      code == EEXIST ? "exists and is no folder" : "the folder can't be created",
      cause: systemErrorText(code),
      remedy: code == ENOENT ? "create the folder that shall hold it first" : "choose another name")
  }

  deinit {
    files = []
    guard isTemporary else { return }
    let path = path
    TemporaryFiles.withNames { names in
      if names.remove(path) { rmdir(path) }
    }
  }

  /// Adds an output.
  ///
  /// - Parameters:
  ///   - name: its name in the folder.
  ///   - overwrites: whether a file that is already there may be replaced.
  /// - Throws: ``ModelFileError`` of kind `cannotCreate`.
  public func add(_ name: String, overwrites: Bool) throws(ModelFileError) -> OutputFile {
    let file = try OutputFile(
      path: path.hasSuffix("/") ? path + name : "\(path)/\(name)", overwrites: overwrites)
    files.append(file)
    return file
  }

  /// Gives all outputs their names: all of them, or none.
  ///
  /// - Parameter awaitsReport: as of ``OutputFile/commit(_:awaitsReport:)``; the folder stays in any case.
  /// - Throws: ``ModelFileError`` as ``OutputFile/commit(_:awaitsReport:)`` does.
  public func commit(awaitsReport: Bool = false) throws(ModelFileError) {
    try OutputFile.commit(files, awaitsReport: awaitsReport)
    isTemporary = false
    let path = path
    TemporaryFiles.withNames { _ = $0.remove(path) }
  }
}
