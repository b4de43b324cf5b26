#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory for the numbers of a model. Swift's own allocations end the process where there is no memory; these
/// throw, so that it can tidy up and say why.
public enum Memory {
  /// Memory that starts at a multiple of 64 bytes; its content is undefined. `free` gives it back.
  ///
  /// - Parameters:
  ///   - byteCount: its size.
  ///   - inLargePages: whether the system may back it with pages of 2 MiB where it is larger than some of these, for
  ///     what is written whole: a page at a time it costs as much to get as to fill.
  /// - Throws: ``ModelFileError`` of kind `inputOutput` if there is not so much.
  public static func allocate(
    _ byteCount: Int, inLargePages: Bool = false
  ) throws(ModelFileError) -> UnsafeMutableRawBufferPointer {
    var memory: UnsafeMutableRawPointer?
    let isLarge = inLargePages && byteCount >= 4 * largePage
    let code = posix_memalign(&memory, isLarge ? largePage : 64, max(byteCount, 1))
    guard code == 0, let memory else { throw shortage(byteCount, code) }
    #if os(Linux)
      if isLarge { madvise(memory, byteCount / largePage * largePage, MADV_HUGEPAGE) }
    #endif
    return UnsafeMutableRawBufferPointer(start: memory, count: byteCount)
  }

  private static let largePage = 2 << 20

  /// Gives memory back.
  public static func free(_ memory: UnsafeMutableRawBufferPointer?) {
    deallocate(memory?.baseAddress)
  }

  /// Whether two pieces of memory have the same bytes.
  public static func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count, let first = a.baseAddress, let second = b.baseAddress else {
      return a.count == b.count
    }
    return memcmp(first, second, a.count) == 0
  }

  /// Checks that there is so much memory, for what Swift then allocates.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput` if there is not.
  public static func require(_ byteCount: Int) throws(ModelFileError) {
    guard byteCount >= checkedBytes else { return }
    let memory = malloc(byteCount)
    guard memory != nil else { throw shortage(byteCount, ENOMEM) }
    deallocate(memory)
  }

  /// Below this the room that ``SystemLimits`` asks for suffices.
  private static let checkedBytes = 1 << 20

  private static func shortage(_ byteCount: Int, _ code: Int32) -> ModelFileError {
    ModelFileError(
      .inputOutput, "there is not enough memory", expected: "\(byteCount) bytes more",
      cause: systemErrorText(code), remedy: systemErrorRemedy(ENOMEM))
  }
}

/// `free`, whose name ``Memory/free(_:)`` hides.
private func deallocate(_ memory: UnsafeMutableRawPointer?) { free(memory) }
