#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The text that the system has for an `errno` value, with the number: `No such file … (errno 2)`.
func systemErrorText(_ code: Int32) -> String {
  "\(String(cString: strerror(code))) (errno \(code))"
}

/// Calls `body` again for as long as a signal interrupts it.
///
/// - Returns: what `body` returned, −1 with `errno` set if it failed otherwise.
func retryingInterrupts(_ body: () -> Int) -> Int {
  while true {
    let result = body()
    if result >= 0 || errno != EINTR { return result }
  }
}
