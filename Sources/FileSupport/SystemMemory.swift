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
  /// The bytes that values out of a file may take: half of what the machine has, as the system would
  /// otherwise end this process or another; `Int.max` where it does not say how much there is.
  public static let budget: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    return pages > 0 && size > 0 ? pages * size / 2 : .max
  }()
}
