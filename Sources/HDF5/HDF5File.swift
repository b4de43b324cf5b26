import CHDF5
import FileSupport

/// An HDF5 file, open for reading, or new and open for writing.
///
/// Files are read by our own code, which takes no byte on trust, and written by libhdf5, which never
/// sees a file that it has not made itself. What is asked of a file that is being written is first put
/// into it, and then read like that of any other; that is slow.
///
/// A file stays open for as long as it or anything opened in it lives, or until ``close()``. All of
/// these may be used from any thread.
public final class HDF5File: Sendable {
  /// The path as the caller gave it.
  public let path: String
  /// Its size in bytes when it was opened; 0 for one that is being written.
  public let size: UInt64
  /// Whether the file says that a writer has it open (SWMR), or had when it ended without a close.
  /// What is read may then be half done; the user should hear of it.
  public let leftOpenByWriter: Bool
  /// The group that holds everything.
  public let root: Group
  /// What is read of it at most.
  let limits: HDF5Limits
  private let backing: Backing

  private enum Backing: Sendable {
    case stored(StoredFile, ReadLock?)
    case written(FileSession)
  }

  /// Opens a file for reading. Nothing in it is changed.
  ///
  /// - Parameters:
  ///   - path: the file's path.
  ///   - locked: whether to lock the file against writers, as HDF5 does by default. Without, a file
  ///     that another program is writing can be read, at the risk of reading it half done.
  ///   - limits: what is read at most.
  /// - Throws: `ModelFileError` of kind `unreadable` if there is no such file, permission is missing
  ///   or a writer holds it, of kind `damaged` if it is no HDF5 file or a broken one.
  public convenience init(
    readingFrom path: String, locked: Bool = true, limits: HDF5Limits = HDF5Limits()
  ) throws(ModelFileError) {
    try self.init(reading: try InputFile(path: path), locked: locked, limits: limits)
  }

  /// Reads a file that is open already; only a lock opens it once more.
  ///
  /// - Throws: as ``init(readingFrom:locked:limits:)``.
  public init(
    reading input: InputFile, locked: Bool = true, limits: HDF5Limits = HDF5Limits()
  ) throws(ModelFileError) {
    let opened = try FileOpening(file: input, locked: locked).open()
    path = input.path
    size = input.size
    leftOpenByWriter = opened.superblock.isOpenForWriting || opened.superblock.isOpenForSWMR
    let location = ObjectLocation(file: input.path, path: [])
    let (file, root) = try location.locating { () throws(ModelFileError) in
      let file = try StoredFile(file: input, superblock: opened.superblock, limits: limits)
      return (file, try file.object(at: file.image.superblock.root))
    }
    guard root.kind == .group else {
      throw location.error(.damaged, "its root is a \(root.kind.noun)", expected: "a group")
    }
    self.root = Group(OpenObject(root, in: file, at: location))
    self.limits = limits
    backing = .stored(file, opened.lock)
  }

  private init(creatingWith session: FileSession) throws(ModelFileError) {
    path = session.location.file
    size = 0
    leftOpenByWriter = false
    limits = HDF5Limits()
    backing = .written(session)
    let identifier = try session.perform { file throws(ModelFileError) -> hid_t in
      try session.location.owned(nn_h5g_open(file, "/"), or: "its root group can't be opened")
        .take()
    }
    root = Group(
      OpenObject(ObjectHandle(adopting: identifier, location: session.location, session: session)))
  }

  /// Creates a file for writing; one that is there is emptied.
  ///
  /// The file has the format of HDF5 1.8, which every h5py since 2.0 reads, and no times: equal content
  /// written in equal order gives equal bytes. Measured: an empty group costs 167 bytes with its link, a
  /// dataset 145 beyond its elements; a group of HDF5's older format costs 808.
  ///
  /// - Parameters:
  ///   - path: the file's name.
  ///   - room: bytes in front of it that are left to others: none, or a power of 2 from 512 on.
  /// - Throws: `ModelFileError` of kind `cannotCreate`, or `inputOutput` if the system takes no bytes.
  public static func create(
    at path: String, behind room: UInt64 = 0
  ) throws(ModelFileError) -> HDF5File {
    let location = ObjectLocation(file: path, path: [])
    let identifier = try Library.run { () throws(ModelFileError) -> hid_t in
      let access = try location.owned(nn_h5p_file_access(), or: "can't be created")
      try location.check(nn_h5p_use_sec2(access.raw), or: "can't be created")
      try location.check(nn_h5p_close_strongly(access.raw), or: "can't be created")
      // Measured, in bytes for a group with an attribute of 24 and a dataset of 128: 475 in this format
      // without room for attributes in datasets, 636 with, 780 with the smallest symbol tables of the
      // format before, 1,655 with libhdf5's defaults. Estimates of links per group gain nothing.
      try location.check(nn_h5p_format_18(access.raw), or: "can't be created")
      let creation = try location.owned(nn_h5p_file_create(), or: "can't be created")
      try location.check(nn_h5p_without_times(creation.raw), or: "can't be created")
      try location.check(nn_h5p_userblock(creation.raw, room), or: "can't be created")
      let raw = nn_h5f_create(path, creation.raw, access.raw)
      guard raw >= 0 else {
        // A full disk or a limit on sizes shows here already: libhdf5 writes before it gives the file out.
        if let code = Library.failedSystemCall(), systemErrorRemedy(code) != nil {
          throw location.failure("can't be created")
        }
        throw ModelFileError(
          .cannotCreate, file: path, "can't be created", cause: Library.errorText())
      }
      return raw
    }
    return try HDF5File(creatingWith: FileSession(adopting: identifier, location: location))
  }

  /// Closes the file and everything that was opened in it; using any of that throws from then on.
  ///
  /// Call it after writing: an object that merely goes away cannot report that the disk was full.
  /// A second call does nothing.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if something could not be written.
  public func close() throws(ModelFileError) {
    switch backing {
    case .stored(let file, _): file.image.close()
    case .written(let session): try session.close()
    }
  }
}
