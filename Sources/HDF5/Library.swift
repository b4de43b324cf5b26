import CHDF5
import FileSupport
import Synchronization

/// libhdf5 as one shared machine: its lock, its switches, its error stack.
///
/// Invariant: every call of the shim is made inside ``run(_:)``, so that at most one thread is in the
/// library (builds without thread safety are common), and nothing that runs inside ends the life of an
/// ``ObjectHandle`` or ``FileSession``: their `deinit` takes the same lock, which is not recursive.
/// Inside, identifiers are owned by ``OwnedIdentifier``.
enum Library {
  private static let lock = Mutex(false)

  /// Runs `body` as the only user of libhdf5 in this process.
  static func run<Result: Sendable>(
    _ body: () throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    try lock.withLock { isStarted throws(ModelFileError) in
      try start(&isStarted)
      return try body()
    }
  }

  /// Gives an identifier back. Failure is ignored: closing the file may have closed it before.
  static func release(_ identifier: hid_t) {
    lock.withLock { _ in
      nn_h5e_silence()
      nn_h5i_release(identifier)
    }
  }

  private static func start(_ isStarted: inout Bool) throws(ModelFileError) {
    if !isStarted {
      guard nn_h5_open() >= 0, nn_h5_forbid_plugins() >= 0 else {
        throw ModelFileError(
          .internalFault, "libhdf5 can't be started", remedy: "check the installation of libhdf5")
      }
      isStarted = true
    }
    // A thread-safe build keeps this switch per thread, so once is not enough.
    nn_h5e_silence()
    nn_h5e_clear()
  }

  /// What libhdf5 says about its last failure, from the call down to where it went wrong.
  static func errorText() -> String? {
    var lines: [String] = []
    withUnsafeMutablePointer(to: &lines) { pointer in
      nn_h5e_walk(
        { text, function, context in
          guard let lines = context?.assumingMemoryBound(to: [String].self) else { return }
          guard let text, lines.pointee.count < 32 else { return }
          let place = function.map { " (\(String(cString: $0)))" } ?? ""
          lines.pointee.append(String(cString: text) + place)
        }, pointer)
    }
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }
}

/// An identifier of libhdf5 that is given back when the value goes away, for use inside
/// ``Library/run(_:)`` only.
///
/// Invariant: `raw` is valid and nobody else gives it back.
struct OwnedIdentifier: ~Copyable {
  let raw: hid_t

  deinit {
    nn_h5i_release(raw)
  }

  /// Hands the identifier over to whoever will keep it open.
  consuming func take() -> hid_t {
    let identifier = raw
    discard self
    return identifier
  }
}
