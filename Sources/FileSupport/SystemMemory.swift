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
  /// otherwise end this process or another, and half of what this process may take (`ulimit -v`);
  /// `Int.max` where the system does not say how much there is.
  public static let budget: Int = {
    let pages = sysconf(Int32(_SC_PHYS_PAGES))
    let size = sysconf(Int32(_SC_PAGESIZE))
    let machine = pages > 0 && size > 0 ? pages * size / 2 : .max
    return min(machine, SystemLimits.addressesLeft.map { max($0, 0) / 2 } ?? .max)
  }()
}
