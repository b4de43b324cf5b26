import COneDNN
import FileSupport
import ModelGraph

/// A function that oneDNN applies to each number.
struct EltwiseFunction: Sendable, Hashable {
  let kind: onednn_eltwise
  var alpha: Float = 0
  var beta: Float = 0

  func hash(into hasher: inout Hasher) {
    hasher.combine(kind.rawValue)
    hasher.combine(alpha)
    hasher.combine(beta)
  }
}

/// What is done to a result before it is written.
enum PostOperation: Sendable {
  /// Adds what the destination held.
  case sum
  /// Applies a function.
  case function(EltwiseFunction)
}

/// A computation of oneDNN's, made for certain layouts. Several threads may execute it at the same time.
///
/// Invariant: `handle` is a primitive that nobody changes; it is freed with the object. Every function that makes one
/// gives `nil` where oneDNN has no implementation.
final class Primitive: @unchecked Sendable {
  let handle: OpaquePointer

  private init?(_ handle: OpaquePointer?) {
    guard let handle else { return nil }
    self.handle = handle
  }

  deinit { onednn_primitive_free(handle) }

  /// The layout that was chosen for an argument.
  func layout(_ argument: onednn_argument, _ extents: [Int]) -> TensorLayout? {
    TensorLayout(of: handle, argument, extents)
  }

  /// The bytes of scratch memory that an execution needs.
  var scratch: TensorLayout? {
    guard let layout = TensorLayout(of: handle, onednn_scratch, []), layout.byteCount > 0 else {
      return nil
    }
    return layout
  }

  /// The name of the implementation: `brgconv:avx512_core`.
  var implementation: String { String(cString: onednn_primitive_implementation(handle)) }

  static func convolution(
    _ window: onednn_window, direction: onednn_direction = onednn_forward, source: TensorLayout,
    weights: TensorLayout, biases: TensorLayout?,
    destination: TensorLayout, _ postOperations: [PostOperation] = []
  ) -> Primitive? {
    withPostOps(postOperations) { ops in
      withUnsafePointer(to: window) {
        onednn_convolution(
          direction, $0, source.handle, weights.handle, biases?.handle, destination.handle, ops)
      }
    }
  }

  static func matrixProduct(
    source: TensorLayout, weights: TensorLayout, biases: TensorLayout?, destination: TensorLayout,
    _ postOperations: [PostOperation] = []
  ) -> Primitive? {
    withPostOps(postOperations) {
      onednn_matrix_product(
        source.handle, weights.handle, biases?.handle, destination.handle, $0)
    }
  }

  static func pooling(
    _ rule: Pooling.Rule, _ window: onednn_window, source: TensorLayout, destination: TensorLayout
  ) -> Primitive? {
    withUnsafePointer(to: window) {
      Primitive(
        onednn_pooling(rule == .average ? 1 : 0, $0, source.handle, destination.handle))
    }
  }

  static func function(_ function: EltwiseFunction, _ layout: TensorLayout) -> Primitive? {
    Primitive(
      onednn_eltwise_function(function.kind, function.alpha, function.beta, layout.handle))
  }

  static func combination(
    _ rule: onednn_binary, _ first: TensorLayout, _ second: TensorLayout,
    destination: TensorLayout
  ) -> Primitive? {
    Primitive(onednn_combination(rule, first.handle, second.handle, destination.handle))
  }

  static func softmax(axis: Int, _ layout: TensorLayout) -> Primitive? {
    Primitive(onednn_softmax(Int32(axis), layout.handle))
  }

  static func resampling(source: TensorLayout, destination: TensorLayout) -> Primitive? {
    Primitive(onednn_resampling(source.handle, destination.handle))
  }

  static func concatenation(
    axis: Int, _ sources: [TensorLayout], destination: TensorLayout
  ) -> Primitive? {
    let handles = sources.map { Optional($0.handle) }
    return handles.withUnsafeBufferPointer {
      Primitive(
        onednn_concatenation(
          Int32(axis), Int32(sources.count), $0.baseAddress, destination.handle))
    }
  }

  static func reorder(source: TensorLayout, destination: TensorLayout) -> Primitive? {
    Primitive(onednn_reorder(source.handle, destination.handle))
  }

  private static func withPostOps(
    _ operations: [PostOperation],
    _ body: (UnsafePointer<onednn_post_ops>) -> OpaquePointer?
  ) -> Primitive? {
    guard operations.count <= Int(onednn_maximum_post_ops) else { return nil }
    var list = onednn_post_ops()
    list.count = Int32(operations.count)
    withUnsafeMutableBytes(of: &list.ops) { bytes in
      let slots = bytes.bindMemory(to: onednn_post_op.self)
      for (slot, operation) in operations.enumerated() { slots[slot] = operation.inC }
    }
    return withUnsafePointer(to: list) { Primitive(body($0)) }
  }
}

extension PostOperation {
  fileprivate var inC: onednn_post_op {
    var op = onednn_post_op()
    switch self {
    case .sum: op.kind = onednn_post_sum
    case .function(let function):
      op.kind = onednn_post_eltwise
      op.algorithm = function.kind
      op.alpha = function.alpha
      op.beta = function.beta
    }
    return op
  }
}
