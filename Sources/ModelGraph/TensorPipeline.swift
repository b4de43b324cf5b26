import Dispatch
import FileSupport
import Synchronization

/// A stored tensor with the order in which it is wanted.
public struct OrderedTensor: Sendable {
  /// The stored bytes.
  public let source: any TensorSource
  /// The type of an element.
  public let elementType: ElementType
  /// The order wanted.
  public let view: StridedView

  /// A tensor in an order.
  public init(source: any TensorSource, elementType: ElementType, view: StridedView) {
    self.source = source
    self.elementType = elementType
    self.view = view
  }

  /// Bytes of the tensor.
  var byteCount: Int { view.elementCount.clampedProduct(elementType.byteCount) }
}

/// Delivers tensors one after another, the next being read and put in order while the last is written.
///
/// Memory: three times the largest tensor that has to be put in order; large ones that are in order
/// already pass band by band.
public final class TensorPipeline {
  private let tensors: [OrderedTensor]
  private let handover: Handover
  private let direct = TensorStream()
  /// Whether another thread reads ahead; where none can be started, each tensor is read when it is asked for.
  private let readsAhead: Bool
  private var position = 0

  /// Starts to read.
  public init(_ tensors: [OrderedTensor]) {
    self.tensors = tensors
    let handover = Handover()
    self.handover = handover
    readsAhead = Threads.start { handover.fill(from: tensors) } == 0
  }

  deinit {
    handover.stop()
  }

  /// Calls `body` with consecutive bands of the next tensor.
  ///
  /// - Throws: what reading the tensor throws, and what `body` does.
  public func withNext(
    _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    precondition(position < tensors.count, "more tensors are asked for than there are")
    let index = position
    position += 1
    guard readsAhead else { return try stream(tensors[index], body) }
    let filled = handover.take(index)
    defer { handover.giveBack() }
    switch filled {
    case .failure(let error): throw error
    case .success(let bytes?): try body(UnsafeRawBufferPointer(bytes))
    case .success(nil): try stream(tensors[index], body)
    }
  }

  private func stream(
    _ tensor: OrderedTensor, _ body: (UnsafeRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    try direct.forEachBand(
      of: tensor.source, elementType: tensor.elementType, view: tensor.view, body)
  }
}

/// Two buffers that go to and fro between the thread that fills them and the one that empties them.
///
/// Invariant: a slot belongs to the filling thread from a wait for `free` to the signal of `filled`, and to
/// the emptying one from a wait for `filled` to the signal of `free`; nobody touches it otherwise.
private final class Handover: @unchecked Sendable {
  /// The bytes in order; `nil` for a tensor that its taker shall stream itself.
  typealias Filled = Result<UnsafeMutableRawBufferPointer?, ModelFileError>

  private static let slotCount = 2
  // A semaphore must not end below the value that it began with, so that this one begins with none.
  private let free = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)
  private let isStopped = Mutex(false)
  private let buffers = [RawBuffer(), RawBuffer()]
  private var results: [Filled] = [.success(nil), .success(nil)]
  private let stream = TensorStream()

  init() {
    for _ in 0..<Self.slotCount { free.signal() }
  }

  /// Fills slots until the tensors or the interest in them end.
  func fill(from tensors: [OrderedTensor]) {
    // At their final size from the start: a buffer that grows is new memory, zeroed by the system.
    let largest = tensors.filter { !$0.view.isContiguous }.map(\.byteCount).max() ?? 0
    // Where there is not so much memory, the tensor that needs it says so.
    _ = try? stream.reserve(largest)
    for buffer in buffers { _ = try? buffer.reserving(max(largest, TensorStream.bandBytes)) }
    for (index, tensor) in tensors.enumerated() {
      free.wait()
      if isStopped.withLock({ $0 }) { return }
      let slot = index % Self.slotCount
      results[slot] = ordered(tensor, in: buffers[slot])
      filled.signal()
    }
  }

  private func ordered(_ tensor: OrderedTensor, in buffer: RawBuffer) -> Filled {
    guard tensor.byteCount <= TensorStream.bandBytes || !tensor.view.isContiguous else {
      return .success(nil)
    }
    do throws(ModelFileError) {
      return .success(
        try stream.ordered(
          tensor.source, elementType: tensor.elementType, view: tensor.view, into: buffer))
    } catch {
      return .failure(error)
    }
  }

  /// Waits for a tensor.
  func take(_ index: Int) -> Filled {
    filled.wait()
    return results[index % Self.slotCount]
  }

  /// Lets the slot that was taken be filled again.
  func giveBack() {
    free.signal()
  }

  /// Ends the filling; the other thread lets go of the buffers by itself.
  func stop() {
    isStopped.withLock { $0 = true }
    free.signal()
  }
}
