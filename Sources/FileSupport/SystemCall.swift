#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The text that the system has for an `errno` value, with the number: `No such file … (errno 2)`.
public func systemErrorText(_ code: Int32) -> String {
  "\(String(cString: strerror(code))) (errno \(code))"
}

/// What can be done where the system is out of something, or allows no more of it; `nil` for errors of
/// another kind.
public func systemErrorRemedy(_ code: Int32) -> String? {
  switch code {
  case ENOSPC: "free some space on the disk, or write to another one"
  case EDQUOT: "free some space: your share of the disk is used up"
  case EFBIG: "raise the limit on the size of files (ulimit -f), or write to another file system"
  case EMFILE: "raise the limit on open files (ulimit -n)"
  case ENFILE: "close other programs: the system has too many files open"
  case ENOMEM: "raise the limit on memory (ulimit -v), or close other programs"
  case EAGAIN: "raise the limits on processes (ulimit -u) and memory (ulimit -v)"
  default: nil
  }
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
