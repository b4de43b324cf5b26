import FileSupport
import Synchronization

/// What every thread does of two convolutions that are computed band by band.
struct Bands: Sendable {
  /// An argument that begins somewhere within an operand.
  struct Argument: Sendable {
    let argument: PrimitiveArgument
    /// Bytes.
    var offset = 0
  }

  /// A primitive and what it is run on.
  struct Call: Sendable {
    let primitive: Primitive
    let arguments: [Argument]
  }

  /// Some rows of the result.
  struct Band: Sendable {
    /// The bytes of the thread's scratch memory that the band before it has left and that this one needs in front.
    let kept: Range<Int>
    let calls: [Call]
  }

  /// The bands of a thread, one after the other.
  struct Share: Sendable {
    let scratch: Operand
    let bands: [Band]
  }

  let shares: [Share]
}

/// Bands whose primitives are bound to the memory of a run.
///
/// Invariant: every share's scratch memory is its own, no two bands write to the same bytes elsewhere, and the memory
/// outlives the object.
final class BoundBands: @unchecked Sendable {
  private typealias Band = (kept: Range<Int>, calls: [PrimitiveCall])
  private let shares: [(scratch: UnsafeMutableRawPointer?, bands: [Band])]

  /// - Parameter address: where an operand begins.
  /// - Throws: `ModelFileError` of kind `inputOutput` if there is no memory for it.
  init(
    _ bands: Bands, _ address: (Operand) -> UnsafeMutableRawPointer?
  ) throws(ModelFileError) {
    var shares: [(scratch: UnsafeMutableRawPointer?, bands: [Band])] = []
    for share in bands.shares {
      var bound: [Band] = []
      for band in share.bands {
        var calls: [PrimitiveCall] = []
        for call in band.calls {
          let arguments = call.arguments.map { placed -> PrimitiveCall.Argument in
            let (argument, operand) = (placed.argument, placed.argument.operand)
            return (
              argument.name, argument.number, operand.layout,
              address(operand).map { $0 + placed.offset }
            )
          }
          calls.append(try PrimitiveCall(call.primitive, arguments))
        }
        bound.append((band.kept, calls))
      }
      shares.append((address(share.scratch), bound))
    }
    self.shares = shares
  }

  /// Computes all bands.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` if oneDNN does not.
  func execute() throws(ModelFileError) {
    let failure = Mutex<ModelFileError?>(nil)
    OneDNNLibrary.perform(shares.count) { thread in
      do throws(ModelFileError) { try self.execute(thread) } catch {
        failure.withLock { $0 = error }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
  }

  private func execute(_ thread: Int) throws(ModelFileError) {
    let share = shares[thread]
    for band in share.bands {
      // The rows that both bands need: they may overlap where they were.
      if let scratch = share.scratch, !band.kept.isEmpty, band.kept.lowerBound > 0 {
        scratch.copyMemory(from: scratch + band.kept.lowerBound, byteCount: band.kept.count)
      }
      for call in band.calls { try call.execute() }
    }
  }
}
