import CHDF5
import FileSupport
import Synchronization

/// A file that libhdf5 writes, shared by everything that was opened in it.
///
/// Invariant: `identifier` is used inside ``Library/run(_:)`` only and is closed once, by ``close()`` or
/// by `deinit`; that makes the type safe to share between threads.
final class FileSession: Sendable {
  let location: ObjectLocation
  private let identifier: hid_t
  private let isOpen = Mutex(true)

  init(adopting identifier: hid_t, location: ObjectLocation) {
    self.identifier = identifier
    self.location = location
  }

  deinit {
    if isOpen.withLock({ $0 }) { Library.release(identifier) }
  }

  /// Writes what libhdf5 still holds back, and closes everything that is open in the file.
  func close() throws(ModelFileError) {
    guard isOpen.withLock({ exchange(&$0, with: false) }) else { return }
    try Library.run { () throws(ModelFileError) in
      // The flush reports what closing would swallow; close in any case.
      let flushed = nn_h5f_flush(identifier)
      let failure = flushed < 0 ? location.failure("can't be written to the end") : nil
      let closed = nn_h5f_close(identifier)
      if let failure { throw failure }
      try location.check(closed, or: "can't be closed")
    }
  }

  /// The file as it is on disk once libhdf5 has put everything into it that it holds back.
  func snapshot() throws(ModelFileError) -> StoredFile {
    try perform { file throws(ModelFileError) in
      try location.check(nn_h5f_flush(file), or: "can't be read while it is being written")
    }
    let file = try InputFile(path: location.file)
    let superblock = try Superblock(file, at: 0)
    try superblock.check(file)
    return try StoredFile(file: file, superblock: superblock, limits: HDF5Limits())
  }

  /// Runs `body` with the file's identifier as the only user of libhdf5.
  func perform<Result: Sendable>(
    _ body: (hid_t) throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    defer { withExtendedLifetime(self) {} }
    return try Library.run { () throws(ModelFileError) in try body(identifier) }
  }
}

/// Sets a variable and returns what it held.
private func exchange(_ variable: inout Bool, with value: Bool) -> Bool {
  defer { variable = value }
  return variable
}

/// An open group or dataset of a file that is being written.
///
/// Invariant: `identifier` is used inside ``Library/run(_:)`` only and given back once, in `deinit`,
/// before the file's: `session` keeps that open. After the file was closed, libhdf5 refuses it.
final class ObjectHandle: Sendable {
  let session: FileSession
  let location: ObjectLocation
  private let identifier: hid_t

  init(adopting identifier: hid_t, location: ObjectLocation, session: FileSession) {
    self.identifier = identifier
    self.location = location
    self.session = session
  }

  deinit {
    Library.release(identifier)
  }

  /// Runs `body` with the identifier as the only user of libhdf5.
  func perform<Result: Sendable>(
    _ body: (hid_t) throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    // The last use of `self` must come after the lock is given back: `deinit` takes it too.
    defer { withExtendedLifetime(self) {} }
    return try Library.run { () throws(ModelFileError) in try body(identifier) }
  }

  /// Lends the identifier to a call that concerns two objects, inside ``Library/run(_:)`` only.
  func withIdentifier<Result>(_ body: (hid_t) -> Result) -> Result {
    defer { withExtendedLifetime(self) {} }
    return body(identifier)
  }
}
