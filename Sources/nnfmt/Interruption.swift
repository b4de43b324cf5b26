import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ends the process cleanly on Ctrl-C and its like: unfinished outputs are removed first.
enum Interruption {
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  /// Starts to watch. Call it before any other thread runs.
  ///
  /// The signals are blocked in every thread and taken by one that waits for them, because hardly
  /// anything may be called inside a signal handler. Those that the caller ignores (`nohup`) stay so.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if there can be no thread.
  static func watch() throws(ModelFileError) {
    // A closed pipe shows as a failed write, which the console ends on.
    signal(SIGPIPE, SIG_IGN)
    // So does a limit on the size of files (`ulimit -f`), which is then told like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    var set = watched
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let code = Threads.start(isNeeded: true) { Interruption.wait() }
    guard code == 0 else {
      throw ModelFileError(
        .inputOutput, "no thread can be started, which nnfmt needs",
        cause: systemErrorText(code), remedy: systemErrorRemedy(code))
    }
  }

  private static var watched: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals where !isIgnored(number) { sigaddset(&set, number) }
    return set
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    #if canImport(Darwin)
      let handler = action.__sigaction_u.__sa_handler
    #else
      let handler = action.__sigaction_handler.sa_handler
    #endif
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  private static func wait() {
    var set = watched
    var number: Int32 = 0
    while sigwait(&set, &number) != 0 {}
    TemporaryFiles.removeAllAndExit(ExitStatus(signal: number).rawValue)
  }
}
