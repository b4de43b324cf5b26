import CHDF5
import FileSupport

/// How a file is opened for reading: what is checked before libhdf5 sees it, and the ways to open it.
struct FileOpening {
  let path: String
  let locked: Bool

  struct Opened: Sendable {
    let identifier: hid_t
    let size: UInt64
    let leftOpenByWriter: Bool
  }

  var site: Site { Site(file: path, path: [], isWriting: false) }

  func open() throws(ModelFileError) -> Opened {
    let file = try InputFile(path: path)
    let superblock = try screen(file)
    do throws(ModelFileError) {
      return try Library.run { () throws(ModelFileError) -> Opened in
        try openInLibrary(size: file.size)
      }
    } catch {
      guard error.kind == .damaged, try isMarkedAsBeingWritten(file, superblock) else {
        throw error
      }
      throw ModelFileError(
        .unreadable, file: path, "another program is writing it, or ended without closing it",
        cause: error.cause,
        remedy: "wait until it is done, or repair a copy of the file: h5clear -s COPY")
    }
  }

  /// Looks at the bytes before libhdf5 does, and returns where the superblock starts. Checks of the
  /// structure belong here.
  private func screen(_ file: InputFile) throws(ModelFileError) -> UInt64 {
    guard let superblock = try signatureOffset(file) else {
      throw ModelFileError(
        .damaged, file: path, "is no HDF5 file",
        expected: "the signature \\x89HDF\\r\\n\\x1a\\n at byte 0, 512, 1024, 2048, …",
        found: try foundText(file), remedy: "check that the download or copy was complete")
    }
    return superblock
  }

  /// Whether the file says that it is open for writing: superblocks of version 3 have flags for it.
  private func isMarkedAsBeingWritten(
    _ file: InputFile, _ superblock: UInt64
  ) throws(ModelFileError) -> Bool {
    guard file.size - superblock >= 12 else { return false }
    let bytes = try file.bytes(at: superblock, count: 12)
    return bytes[8] >= 3 && bytes[11] & 1 != 0
  }

  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Where the file's superblock starts: behind a user block of 0 bytes, or a power of two from 512 on.
  private func signatureOffset(_ file: InputFile) throws(ModelFileError) -> UInt64? {
    var offset: UInt64 = 0
    while offset + 8 <= file.size {
      if try file.bytes(at: offset, count: 8) == Self.signature { return offset }
      offset = offset == 0 ? 512 : offset * 2
    }
    return nil
  }

  private func foundText(_ file: InputFile) throws(ModelFileError) -> String {
    if file.size == 0 { return "an empty file" }
    let digits = try file.prefix(8).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    return "\(file.size) bytes that start with \(digits.joined(separator: " "))"
  }

  private func openInLibrary(size: UInt64) throws(ModelFileError) -> Opened {
    let failure: ModelFileError
    do throws(ModelFileError) {
      let plain = try openOnce(locked: locked, evenIfBeingWritten: false)
      return Opened(identifier: plain, size: size, leftOpenByWriter: false)
    } catch {
      failure = error
    }
    // The ways that remain tell the reasons apart, which texts of libhdf5 would do less surely.
    if let marked = try? openOnce(locked: locked, evenIfBeingWritten: true) {
      return Opened(identifier: marked, size: size, leftOpenByWriter: true)
    }
    if locked {
      for evenIfBeingWritten in [false, true] {
        let unlocked = try? openOnce(locked: false, evenIfBeingWritten: evenIfBeingWritten)
        guard let unlocked else { continue }
        nn_h5f_close(unlocked)
        throw ModelFileError(
          .unreadable, file: path, "another program holds the file's lock, to write to it",
          cause: failure.cause,
          remedy: "wait until it is done, or use --no-lock to read the file as it is now")
      }
    }
    throw failure
  }

  private func openOnce(
    locked: Bool, evenIfBeingWritten: Bool
  ) throws(ModelFileError) -> hid_t {
    let problem = "can't be opened"
    let access = try site.owned(nn_h5p_file_access(), or: problem)
    try site.check(nn_h5p_use_sec2(access.raw), or: problem)
    try site.check(nn_h5p_close_strongly(access.raw), or: problem)
    try site.check(nn_h5p_read_metadata_once(access.raw), or: problem)
    if !locked { try site.check(nn_h5p_without_locking(access.raw), or: problem) }
    // The failure is taken here: giving back the property list clears libhdf5's error stack.
    return try site.owned(nn_h5f_open(path, evenIfBeingWritten, access.raw), or: problem).take()
  }
}
