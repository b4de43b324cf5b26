import COneDNN
import FileSupport

/// oneDNN as this process has it. It is opened when something is first computed with it, as that costs more than
/// many commands take.
public enum OneDNNLibrary {
  /// Why there is none; `nil` if there is.
  public static let fault: String? = onednn_open().map { String(cString: $0) }

  /// The lanes of float32 in the widest vectors that it uses here: 16, 8, or 0 for fewer.
  package static var lanes: Int { fault == nil ? Int(onednn_lanes()) : 0 }

  /// Calls `body` once for each thread, at the same time: on oneDNN's threads, which a primitive then finds awake.
  static func perform(_ threads: Int, _ body: @Sendable (Int) -> Void) {
    guard threads > 1 else { return body(0) }
    let isDone = withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: Loan(body: body)) { loan in
        onednn_parallel(
          Int32(threads),
          { context, thread in
            context?.assumingMemoryBound(to: Loan.self).pointee.body(Int(thread))
          }, UnsafeMutableRawPointer(mutating: loan)) != 0
      }
    }
    if !isDone { Threads.perform(threads, body) }
  }

  /// A function that is lent to C for as long as a call lasts.
  private struct Loan {
    let body: @Sendable (Int) -> Void
  }
}
