import Foundation
import TestSupport
import Testing

/// A temporary folder whose file is mostly `a.h5`.
final class Scratch: TemporaryFolder {
  /// The path of `a.h5`.
  func path() -> String { path("a.h5") }

  /// The bytes of `a.h5`.
  func bytes() throws -> [UInt8] { try bytes("a.h5") }
}

/// A lock on a file as another program would hold it.
final class ForeignLock {
  private let handle: FileHandle

  init(on path: String) throws {
    handle = try #require(FileHandle(forUpdatingAtPath: path))
    // Locks of one process on two descriptors exclude each other as those of two processes do.
    #expect(flock(handle.fileDescriptor, LOCK_EX | LOCK_NB) == 0)
  }

  func release() {
    flock(handle.fileDescriptor, LOCK_UN)
  }
}

/// Waits until the clock shows another second, the unit of times in HDF5 files.
func awaitNextSecond() throws {
  let now = time(nil)
  while time(nil) == now { usleep(20_000) }
}
