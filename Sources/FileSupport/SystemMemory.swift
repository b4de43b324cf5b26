#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much memory there is. What a file claims to hold is held against it before it is allocated:
/// an allocation that fails would end the process.
public enum SystemMemory {
  /// The bytes that the machine has; `Int.max` where the system does not say.
  public static let byteCount: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? pages * size : .max
  }()
}
