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
      guard nn_h5_open() >= 0 else {
        throw ModelFileError(
          .internalFault, "libhdf5 can't be started", remedy: "check the installation of libhdf5")
      }
      isStarted = true
    }
    // A thread-safe build keeps this switch per thread, so once is not enough.
    nn_h5e_silence()
    nn_h5e_clear()
  }

  /// The `errno` value of the system call that its last failure goes back to, if it does.
  static func failedSystemCall() -> Int32? {
    for line in errorLines() {
      guard let number = line.firstRange(of: "(errno ") else { continue }
      return Int32(line[number.upperBound...].prefix { $0.isNumber })
    }
    return nil
  }

  /// What libhdf5 says about its last failure, from the call down to where it went wrong.
  static func errorText() -> String? {
    let lines = errorLines()
    // What failed while libhdf5 cleaned up after the first failure follows it, and only repeats it.
    let end = lines.firstIndex { $0.contains("(errno ") }
    let chain = lines.prefix(min(end.map { $0 + 1 } ?? lines.count, maximumErrorLines))
    return chain.isEmpty ? nil : chain.joined(separator: "; ")
  }

  private static func errorLines() -> [String] {
    var lines: [String] = []
    withUnsafeMutablePointer(to: &lines) { pointer in
      nn_h5e_walk(
        { text, function, context in
          guard let text, let lines = context?.assumingMemoryBound(to: [String].self) else {
            return
          }
          let place = function.map { " (\(String(cString: $0)))" } ?? ""
          lines.pointee.append(Library.withoutNoise(String(cString: text)) + place)
        }, pointer)
    }
    return lines
  }

  /// Real stacks have some fifteen lines.
  private static let maximumErrorLines = 32

  /// A line of the error stack in which a system call failed also tells the time, the file's name and an
  /// address in memory; what counts is what failed and why.
  private static func withoutNoise(_ line: String) -> String {
    guard let number = line.firstRange(of: "errno = "),
      let message = line.firstRange(of: "error message = '")
    else { return line }
    let what = line.prefix { $0 != ":" && $0 != "," }
    let why = line[message.upperBound...].prefix { $0 != "'" }
    let code = line[number.upperBound...].prefix { $0.isNumber }
    return "\(what): \(why) (errno \(code))"
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
