import CHDF5
import FileSupport

/// A group or dataset that is open: in a file that our own code reads, or in one that libhdf5 writes.
struct OpenObject: Sendable {
  private enum Backing: Sendable {
    case stored(StoredObject, StoredFile)
    case written(ObjectHandle)
  }

  let location: ObjectLocation
  private let backing: Backing

  /// An object of a file that is open for reading.
  init(_ object: StoredObject, in file: StoredFile, at location: ObjectLocation) {
    self.location = location
    backing = .stored(object, file)
  }

  /// An object of a file that is being written.
  init(_ handle: ObjectHandle) {
    location = handle.location
    backing = .written(handle)
  }

  /// The object in libhdf5, `nil` in a file that is open for reading.
  var handle: ObjectHandle? {
    if case .written(let handle) = backing { handle } else { nil }
  }

  /// The object in libhdf5.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` in a file that is open for reading.
  func requireHandle() throws(ModelFileError) -> ObjectHandle {
    guard let handle else {
      throw location.error(.internalFault, "is in a file that is open for reading only")
    }
    return handle
  }

  /// Runs `body` with the object as the file has it. What a file holds that is being written is put into
  /// it first.
  func read<Result: Sendable>(
    _ body: (StoredObject, StoredFile) throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    try location.locating { () throws(ModelFileError) in
      switch backing {
      case .stored(let object, let file):
        try file.image.requireOpen()
        return try body(object, file)
      case .written(let handle):
        let file = try handle.session.snapshot()
        let address = try handle.perform { object throws(ModelFileError) in
          var address = UInt64.max
          try location.check(nn_h5o_address(object, &address), or: "can't be read")
          return address
        }
        return try body(try file.object(at: address), file)
      }
    }
  }
}
