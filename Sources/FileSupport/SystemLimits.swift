#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the system lets this process have, checked before it is needed: deep inside a library, or in Swift's own
/// runtime, a shortage would end the process without a word.
public enum SystemLimits {
  /// Files that are open at a time: of the inputs and outputs of a command, and what a library needs beside.
  private static let descriptors = 16
  /// Addresses for everything but the numbers of a model, which ``Memory`` asks for.
  private static let addresses = 48 << 20

  /// Checks that a command can run.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput` that names the limit.
  public static func check() throws(ModelFileError) {
    try checkDescriptors()
    if let left = addressesLeft, left < addresses {
      throw ModelFileError(
        .inputOutput, "too little memory is allowed for nnfmt to run",
        expected: "\(addresses >> 20) MiB beyond what the program itself takes",
        found: "\(max(left, 0) >> 20) MiB", remedy: systemErrorRemedy(ENOMEM))
    }
  }

  private static func checkDescriptors() throws(ModelFileError) {
    var held: [Int32] = []
    defer { for descriptor in held { close(descriptor) } }
    for _ in 0..<descriptors {
      let descriptor = open("/", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        let code = errno
        throw ModelFileError(
          .inputOutput, "too few files may be open at a time for nnfmt to run",
          expected: "\(descriptors) more than are open now", found: "\(held.count)",
          cause: systemErrorText(code), remedy: systemErrorRemedy(code))
      }
      held.append(descriptor)
    }
  }

  /// The bytes of addresses that the process may still take (`ulimit -v`); `nil` where there is no limit.
  public static var addressesLeft: Int? {
    #if os(Linux)
      var limit = rlimit()
      guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
        let allowed = Int(exactly: limit.rlim_cur), allowed < Int.max
      else { return nil }
      return allowed - addressesTaken
    #else
      return nil
    #endif
  }

  #if os(Linux)
    /// The first number of `/proc/self/statm`, in pages.
    private static var addressesTaken: Int {
      let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { return 0 }
      defer { close(descriptor) }
      var bytes = [UInt8](repeating: 0, count: 64)
      let count = max(0, read(descriptor, &bytes, bytes.count))
      let digits = bytes.prefix(count).prefix { (0x30...0x39).contains($0) }
      return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } * sysconf(Int32(_SC_PAGESIZE))
    }
  #endif
}
