import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that appears under its name whole or not at all.
///
/// It is written under a temporary name in the same folder, flushed to the disk and then renamed by
/// ``commit(_:awaitsReport:)``. An output that is not committed is removed when the object goes away; what a
/// process that was killed left of one, the next output of that name removes.
public final class OutputFile {
  /// The name under which the file will appear.
  public let path: String
  /// The name under which it is written; a library that writes files itself (libhdf5) opens this one.
  public let temporaryPath: String
  private let overwrites: Bool
  /// −1 once the file is sealed.
  private var descriptor: Int32
  private var position: UInt64 = 0
  private let isFlushing = Flag()
  private var isPending = true

  /// Creates the temporary file.
  ///
  /// - Parameters:
  ///   - path: where the file shall appear. A symbolic link is followed.
  ///   - overwrites: whether a file that is already there may be replaced.
  /// - Throws: ``ModelFileError`` of kind `cannotCreate`.
  public init(path: String, overwrites: Bool) throws(ModelFileError) {
    let target = try Self.resolvingLink(path)
    var status = stat()
    if stat(target, &status) != 0 {
      // Whatever else is wrong with the name would only show when the work is done.
      let code = errno
      guard code == ENOENT, !path.isEmpty else { throw Self.cannotCreate(path, code) }
    } else {
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw ModelFileError(
          .cannotCreate, file: path, "exists and is no regular file",
          remedy: "give the name of a file that does not exist yet")
      }
      guard overwrites else { throw Self.existsError(path) }
    }
    let partials = PartialFiles(for: target)
    partials.removeAbandoned()
    let partial = partials.create()
    guard partial.descriptor >= 0 else { throw Self.cannotCreate(path, partial.code) }
    self.path = path
    self.temporaryPath = partial.path
    self.overwrites = overwrites
    self.descriptor = partial.descriptor
    self.target = target
  }

  private let target: String

  deinit {
    release()
    if isPending { Self.remove(temporaryPath) }
  }

  /// Appends bytes.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput` (disk full, …).
  public func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    try write(bytes, at: position)
    position += UInt64(bytes.count)
  }

  private func write(
    _ bytes: UnsafeRawBufferPointer, at offset: UInt64
  ) throws(ModelFileError) {
    var done = 0
    while done < bytes.count {
      let count = retryingInterrupts {
        pwrite(
          descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done,
          off_t(clamping: offset + UInt64(done)))
      }
      guard count > 0 else { throw writeError(errno) }
      done += count
    }
  }

  /// Writes bytes at a place, over what is there. What is appended later follows the last byte that was appended.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public func write(_ bytes: [UInt8], at offset: UInt64) throws(ModelFileError) {
    var failure: ModelFileError?
    bytes.withUnsafeBytes { buffer in
      do throws(ModelFileError) { try write(buffer, at: offset) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Lets a library open the file by its name, ``temporaryPath``. One that creates files would create this one
  /// anew if it were removed meanwhile, so that nothing is removed until `body` has come to its end.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput` if it has been removed already; what `body` throws.
  public func withTemporaryPath<Opened>(
    _ body: (String) throws(ModelFileError) -> Opened
  ) throws(ModelFileError) -> Opened {
    var outcome: Result<Opened, ModelFileError>?
    TemporaryFiles.withNames { names in
      guard names.contains(temporaryPath) else { return }
      do throws(ModelFileError) {
        outcome = .success(try body(temporaryPath))
      } catch {
        outcome = .failure(error)
      }
    }
    guard let outcome else { throw writeError(ENOENT) }
    return try outcome.get()
  }

  /// Lets the next bytes be appended behind what a library wrote under ``temporaryPath``.
  ///
  /// - Returns: how many bytes the file has.
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public func moveToEnd() throws(ModelFileError) -> UInt64 {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw writeError(errno) }
    position = UInt64(clamping: status.st_size)
    return position
  }

  /// How many bytes are worth a call of ``startFlushing()``.
  public static let flushBytes = 2 << 20

  /// Flushes what has been written to the file so far on a thread of its own, also what a library wrote
  /// under ``temporaryPath``, so that little is left to do at the end. It does not wait, and does nothing
  /// while an earlier call is still at work. A failure shows in ``seal()``.
  public func startFlushing() {
    guard !isFlushing.exchange(true) else { return }
    let copy = dup(descriptor)
    guard copy >= 0 else { return }
    let code = Threads.start { [isFlushing] in
      fsync(copy)
      close(copy)
      _ = isFlushing.exchange(false)
    }
    // All the more is left to do at the end.
    if code != 0 { close(copy) }
  }

  /// Appends bytes of an array, for headers and texts.
  public func append(_ bytes: [UInt8]) throws(ModelFileError) {
    var failure: ModelFileError?
    bytes.withUnsafeBytes { buffer in
      do throws(ModelFileError) { try append(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Flushes the file to the disk and closes it; nothing can be appended then. Whoever writes many files
  /// before committing them together seals each, so as not to run out of open files. From then on the file
  /// is not locked: another process that makes an output of the same name meanwhile takes it for abandoned.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public func seal() throws(ModelFileError) {
    try flush()
    release()
  }

  /// Closes the file. It is unlocked first: a process that was forked meanwhile holds it open, too, until it
  /// starts its program, and would hold the lock.
  private func release() {
    guard descriptor >= 0 else { return }
    flock(descriptor, LOCK_UN)
    close(descriptor)
    descriptor = -1
  }

  private func flush() throws(ModelFileError) {
    guard descriptor < 0 || fsync(descriptor) == 0 else { throw writeError(errno) }
  }

  /// Flushes the files to the disk and gives them their names: all of them, or none.
  ///
  /// - Parameters:
  ///   - files: the outputs of one command.
  ///   - awaitsReport: whether the outputs are withdrawn again if the process ends by
  ///     ``TemporaryFiles/removeAllAndExit(_:)`` before ``TemporaryFiles/keepOutputs()``: the user has then not been
  ///     told of them.
  /// - Throws: ``ModelFileError`` of kind `cannotCreate` if a file of that name has appeared
  ///   meanwhile and may not be replaced, of kind `inputOutput` if flushing or renaming fails, or if an
  ///   input was changed that ``InputChanges`` watches.
  public static func commit(
    _ files: [OutputFile], awaitsReport: Bool = false
  ) throws(ModelFileError) {
    for file in files { try file.flush() }
    try InputChanges.requireNone()
    let failure: ModelFileError? = TemporaryFiles.withNames { names in
      var renamings: [Renaming] = []
      for file in files {
        do throws(ModelFileError) {
          renamings.append(try file.takeName(&names))
        } catch {
          for renaming in renamings.reversed() { renaming.undo() }
          return error
        }
      }
      for file in files {
        file.isPending = false
        file.release()
      }
      if awaitsReport {
        TemporaryFiles.awaitReport(of: renamings)
      } else {
        for renaming in renamings { renaming.settle() }
      }
      return nil
    }
    if let failure { throw failure }
    for file in files { Self.flushFolder(of: file.target) }
  }

  private var backup: String { temporaryPath + PartialFiles.backupEnding }

  /// Renames the temporary file and returns the way back.
  private func takeName(_ names: inout TemporaryNames) throws(ModelFileError) -> Renaming {
    if overwrites {
      // A second name for the old content lets a failure of a later file bring it back.
      let kept = link(target, backup) == 0
      guard rename(temporaryPath, target) == 0 else {
        let code = errno
        if kept { unlink(backup) }
        throw writeError(code)
      }
      names.remove(temporaryPath)
      return Renaming(target: target, backup: kept ? backup : nil)
    }
    // link() fails where the name is taken, which rename() would silently replace.
    if link(temporaryPath, target) != 0 {
      let code = errno
      if code == EEXIST { throw Self.existsError(path) }
      // File systems without hard links (FAT, some network mounts): the check is then not atomic.
      guard access(target, F_OK) != 0 else { throw Self.existsError(path) }
      guard rename(temporaryPath, target) == 0 else { throw writeError(errno) }
    } else {
      unlink(temporaryPath)
    }
    names.remove(temporaryPath)
    return Renaming(target: target, backup: nil)
  }

  private func writeError(_ code: Int32) -> ModelFileError {
    ModelFileError(
      .inputOutput, file: path, "can't be written", cause: systemErrorText(code),
      remedy: systemErrorRemedy(code))
  }

  private static func existsError(_ path: String) -> ModelFileError {
    ModelFileError(
      .cannotCreate, file: path, "exists already", remedy: "use --force to replace it")
  }

  private static func cannotCreate(_ path: String, _ code: Int32) -> ModelFileError {
    if let remedy = systemErrorRemedy(code) {
      return ModelFileError(
        .inputOutput, file: path, "can't be created", cause: systemErrorText(code), remedy: remedy)
    }
    let remedy =
      switch code {
      case ENAMETOOLONG: "choose a shorter name"
      case ENOENT: path.isEmpty ? "give a name" : "create the folder first"
      default: "choose a folder that you can write to"
      }
    return ModelFileError(
      .cannotCreate, file: path, "can't be created", cause: systemErrorText(code), remedy: remedy)
  }

  private static func remove(_ name: String) {
    TemporaryFiles.withNames { names in
      if names.remove(name) { unlink(name) }
    }
  }

  private static func flushFolder(of target: String) {
    let folder = target.lastIndex(of: "/").map { String(target[...$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// The file that a symbolic link leads to, so that the link stays a link.
  private static func resolvingLink(_ path: String) throws(ModelFileError) -> String {
    guard let resolved = realpath(path, nil) else {
      var status = stat()
      guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return path }
      guard stat(path, &status) != 0 else {
        // `/dev/stdout` of a pipeline, which has no name of its own.
        throw ModelFileError(
          .cannotCreate, file: path, "is a pipe or a device, no regular file",
          remedy: "give the name of a file: an output appears whole, under its own name")
      }
      throw ModelFileError(
        .cannotCreate, file: path, "is a symbolic link that leads to nothing",
        remedy: "remove the link, or create what it leads to")
    }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

/// A file that got its name, and what had the name before.
struct Renaming: Sendable {
  let target: String
  /// A second name of what was replaced.
  let backup: String?

  /// Takes the name away again; what was replaced gets it back.
  func undo() {
    if let backup { rename(backup, target) } else { unlink(target) }
  }

  /// Lets what was replaced go.
  func settle() {
    if let backup { unlink(backup) }
  }
}

/// A truth value that threads share.
private final class Flag: Sendable {
  private let value = Mutex(false)

  /// Sets it and returns what it was.
  func exchange(_ new: Bool) -> Bool {
    value.withLock { old in
      defer { old = new }
      return old
    }
  }
}
