import Foundation
import Testing

/// A temporary folder that is removed with the object.
final class Scratch {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "nnfmt-hdf5-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(at: folder)
  }

  /// The path of a file in the folder.
  func path(_ name: String = "a.h5") -> String {
    folder.appending(path: name).path
  }

  /// The bytes of a file in the folder.
  func bytes(_ name: String = "a.h5") throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  /// Puts a file into the folder and returns its path.
  func write(_ bytes: [UInt8], _ name: String = "a.h5") throws -> String {
    try Data(bytes).write(to: folder.appending(path: name))
    return path(name)
  }
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
