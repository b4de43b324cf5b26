import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What is still done when the process ends by a signal of its own making: temporary files are removed, and
/// where the cause is a limit on memory (`ulimit -v`), it is told as that. Swift's runtime and C libraries
/// don't return from an allocation that fails.
enum Crash {
  private static let signals = [SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGFPE]
  private static let text: StaticString = """
    error: there is not enough memory
      cause: an allocation failed under the limit on addresses that the process may take
      remedy: raise the limit on memory (ulimit -v), or close other programs

    """

  /// Where the handlers that were there before are kept, by signal.
  ///
  /// Invariant: written by ``watch()`` before any other thread runs, and only read afterwards.
  nonisolated(unsafe) private static let former = UnsafeMutablePointer<sigaction>.allocate(
    capacity: 65)
  nonisolated(unsafe) private static let isLimited = UnsafeMutablePointer<Bool>.allocate(
    capacity: 1)

  /// Puts the handler in front of those that are there, Swift's own among them. Call it before any other
  /// thread runs.
  static func watch() {
    isLimited.initialize(to: SystemLimits.addressesLeft != nil)
    // What the handler needs has to be there before it runs.
    TemporaryFiles.removeAllInSignalHandler()
    for number in signals {
      var action = sigaction()
      #if canImport(Darwin)
        action.__sigaction_u.__sa_handler = { Crash.handle($0) }
      #else
        action.__sigaction_handler.sa_handler = { Crash.handle($0) }
      #endif
      action.sa_flags = Int32(SA_ONSTACK)
      sigaction(number, &action, former + Int(number))
    }
    #if canImport(Glibc)
      on_exit({ status, _ in Crash.handleExit(status) }, nil)
    #endif
  }

  /// Runs with whatever the process was at: it takes neither locks nor memory.
  private static func handle(_ number: Int32) {
    TemporaryFiles.removeAllInSignalHandler()
    // The runtime aborts where an allocation fails; C libraries may use what they did not get.
    if isLimited.pointee, number == SIGABRT || !hasAddresses { endWithoutMemory() }
    sigaction(number, former + Int(number), nil)
    raise(number)
  }

  /// libhdf5 ends the process with the status −1, and says nothing, where it gets no memory for a call.
  private static func handleExit(_ status: Int32) {
    guard status == -1, isLimited.pointee else { return }
    TemporaryFiles.removeAllInSignalHandler()
    endWithoutMemory()
  }

  private static func endWithoutMemory() -> Never {
    text.withUTF8Buffer { _ = write(2, $0.baseAddress, $0.count) }
    _exit(ExitStatus.inputOutput.rawValue)
  }

  /// Whether some more memory could be had.
  private static var hasAddresses: Bool {
    let size = 16 << 20
    let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard memory != MAP_FAILED else { return false }
    munmap(memory, size)
    return true
  }
}
