import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Threads of our own, because those of libdispatch end the process, or wait for ever, where the system has
/// none left to give. Here the caller hears of it, and does the work itself.
public enum Threads {
  /// How many can run at a time.
  public static let cores = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

  /// What a thread's calls may take. The system's 8 MiB count against a limit on addresses (`ulimit -v`).
  private static let stackBytes = 1 << 20

  /// Whether threads cost more addresses than the limit on them (`ulimit -v`) spares: glibc sets 64 MiB aside
  /// for what each allocates.
  private static let areDear = SystemLimits.addressesLeft.map { $0 < 1 << 30 } ?? false

  /// Runs `body` on a thread of its own.
  ///
  /// - Parameters:
  ///   - isNeeded: whether the caller can't do the work itself; where threads are dear, others are not started.
  ///   - stackBytes: what the thread's calls may take, if that is more than most need.
  ///   - body: the thread's work.
  /// - Returns: 0, or the `errno` value that says why no thread could be started; `body` does not run then.
  public static func start(
    isNeeded: Bool = false, stackBytes: Int? = nil, _ body: @escaping @Sendable () -> Void
  ) -> Int32 {
    guard isNeeded || !areDear else { return EAGAIN }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, stackBytes ?? Self.stackBytes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let work = Unmanaged.passRetained(Work(body)).toOpaque()
    #if canImport(Darwin)
      var thread: pthread_t?
      let code = pthread_create(&thread, &attributes, { Work.run($0) }, work)
    #else
      var thread = pthread_t()
      let code = pthread_create(&thread, &attributes, { $0.flatMap { Work.run($0) } }, work)
    #endif
    if code != 0 { Unmanaged<Work>.fromOpaque(work).release() }
    return code
  }

  /// Calls `body` for each number below `count`, several at the same time if threads for it can be had, and
  /// returns when all calls have.
  public static func perform(_ count: Int, _ body: @Sendable (Int) -> Void) {
    guard count > 1, cores > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let share = Share(count: count, body)
      var helpers: [Helper] = []
      while helpers.count < min(count, cores) - 1, let helper = Helper.idle() {
        helper.help(with: share)
        helpers.append(helper)
      }
      share.work()
      for helper in helpers { helper.awaitEnd() }
      Helper.giveBack(helpers)
    }
  }
}

/// What a thread runs.
private final class Work: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) {
    self.body = body
  }

  static func run(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
    return nil
  }
}

/// Calls that several threads share: each takes the next one that nobody has taken.
private final class Share: Sendable {
  private let count: Int
  private let body: @Sendable (Int) -> Void
  private let next = Atomic(0)

  init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.body = body
  }

  func work() {
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }
}

/// A thread that is kept, because starting one for each call costs more than most calls take.
///
/// Invariant: a helper is in `idleOnes`, or belongs to one call of ``Threads/perform(_:_:)``.
private final class Helper: Sendable {
  private static let idleOnes = Mutex<[Helper]>([])

  private let share = Mutex<Share?>(nil)
  private let wake = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  /// One that has nothing to do; `nil` if there is none and no more can be started.
  static func idle() -> Helper? {
    if let helper = idleOnes.withLock({ $0.popLast() }) { return helper }
    let helper = Helper()
    let code = Threads.start {
      while true {
        helper.wake.wait()
        helper.share.withLock { $0 }?.work()
        helper.share.withLock { $0 = nil }
        helper.ended.signal()
      }
    }
    return code == 0 ? helper : nil
  }

  static func giveBack(_ helpers: [Helper]) {
    idleOnes.withLock { $0 += helpers }
  }

  func help(with share: Share) {
    self.share.withLock { $0 = share }
    wake.signal()
  }

  func awaitEnd() {
    ended.wait()
  }
}
