import CHDF5
import FileSupport

/// How a file is opened for reading.
struct FileOpening {
  let file: InputFile
  let locked: Bool

  struct Opened: Sendable {
    let superblock: Superblock
    let lock: ReadLock?
  }

  func open() throws(ModelFileError) -> Opened {
    let path = file.path
    guard let offset = try signatureOffset() else {
      throw ModelFileError(
        .damaged, file: path, "is no HDF5 file",
        expected: "the signature \\x89HDF\\r\\n\\x1a\\n at byte 0, 512, 1024, 2048, …",
        found: try foundText(), remedy: "check that the download or copy was complete")
    }
    let lock = locked ? try ReadLock(on: path) : nil
    let superblock: Superblock
    do throws(ModelFileError) {
      superblock = try Superblock(file, at: offset)
      try superblock.check(file)
    } catch {
      throw error.inFile(path)
    }
    guard !superblock.isOpenForWriting || superblock.isOpenForSWMR else {
      throw ModelFileError(
        .unreadable, file: path, "another program is writing it, or ended without closing it",
        remedy: "wait until it is done, or repair a copy of the file: h5clear -s COPY")
    }
    return Opened(superblock: superblock, lock: lock)
  }

  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Where the file's superblock starts: behind a user block of 0 bytes, or a power of two from 512 on.
  func signatureOffset() throws(ModelFileError) -> UInt64? {
    var offset: UInt64 = 0
    while offset + 8 <= file.size {
      if try file.bytes(at: offset, count: 8) == Self.signature { return offset }
      offset = offset == 0 ? 512 : offset * 2
    }
    return nil
  }

  private func foundText() throws(ModelFileError) -> String {
    if file.size == 0 { return "an empty file" }
    let digits = try file.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "\(file.size) bytes that start with \(digits.joined(separator: " "))"
  }
}

/// A lock that lets others read a file and keeps those out that would write it.
///
/// Invariant: `descriptor` is open for as long as the object lives, and used by nothing else.
final class ReadLock: Sendable {
  private let descriptor: Int32

  /// Locks a file; where its file system has no locks, nothing is locked.
  ///
  /// - Throws: `ModelFileError` of kind `unreadable` if somebody holds it to write.
  init(on path: String) throws(ModelFileError) {
    let descriptor = nn_file_lock_shared(path)
    guard descriptor != Int32(NN_FILE_IS_LOCKED) else {
      throw ModelFileError(
        .unreadable, file: path, "another program holds the file's lock, to write to it",
        remedy: "wait until it is done, or use --no-lock to read the file as it is now")
    }
    self.descriptor = descriptor
  }

  deinit {
    nn_file_unlock(descriptor)
  }
}
