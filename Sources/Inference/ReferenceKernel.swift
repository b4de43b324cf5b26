import FileSupport
import ModelGraph

/// An operation that the reference engine can compute, in float32 or in double precision.
///
/// A kernel is written once, over any type of numbers: what it sums and applies is in double precision, and
/// a result is rounded to the type once. The engine runs it over `Float`, training and the check of gradients
/// over `Double`, where nothing is rounded; they differ in where numbers of parameters come from and in the
/// statistics of batch normalization (``KernelContext``). Who runs a kernel calls ``ReferenceScalar/value(of:_:)``,
/// for a generic requirement is not specialized where it is called through `any ReferenceKernel`: so there
/// are ``singleValues(_:)`` and ``doubleValue(_:)``, which no kernel writes.
protocol ReferenceKernel: Operation {
  /// Computes the value for a whole batch.
  ///
  /// - Parameter node: the inputs, and what else there is to know.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar>

  /// Computes the value, and behind it the operation's further ones; by default there are none.
  ///
  /// - Throws: as ``compute(_:)``.
  func computeAll<Scalar>(
    _ node: KernelContext<Scalar>
  ) throws(ModelFileError) -> [TensorOf<Scalar>]

  /// The values in float32.
  func singleValues(_ node: KernelContext<Float>) throws(ModelFileError) -> [Tensor]

  /// The value in double precision.
  func doubleValue(_ node: KernelContext<Double>) throws(ModelFileError) -> TensorOf<Double>
}

extension ReferenceKernel {
  func computeAll<Scalar>(
    _ node: KernelContext<Scalar>
  ) throws(ModelFileError) -> [TensorOf<Scalar>] {
    [try compute(node)]
  }

  func singleValues(_ node: KernelContext<Float>) throws(ModelFileError) -> [Tensor] {
    try computeAll(node)
  }

  func doubleValue(_ node: KernelContext<Double>) throws(ModelFileError) -> TensorOf<Double> {
    try compute(node)
  }
}

/// A type of numbers that kernels compute values in.
package protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  /// The same number in double precision.
  var inDoublePrecision: Double { get }

  /// The value of an operation by its kernel.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if there is none, or what the kernel throws.
  static func value(
    of operation: any Operation, _ node: KernelContext<Self>
  ) throws(ModelFileError) -> TensorOf<Self>
}

extension Float: ReferenceScalar {
  @inline(__always)
  package var inDoublePrecision: Double { Double(self) }

  package static func value(
    of operation: any Operation, _ node: KernelContext<Float>
  ) throws(ModelFileError) -> Tensor { try operation.referenceKernel.singleValues(node)[0] }
}

extension Double: ReferenceScalar {
  @inline(__always)
  package var inDoublePrecision: Double { self }

  /// The number, without the search that Swift's own initializer makes for any type of numbers.
  @inline(__always)
  init<Scalar: ReferenceScalar>(_ number: Scalar) { self = number.inDoublePrecision }

  package static func value(
    of operation: any Operation, _ node: KernelContext<Double>
  ) throws(ModelFileError) -> TensorOf<Double> { try operation.referenceKernel.doubleValue(node) }
}

extension Operation {
  /// The operation as a kernel.
  var referenceKernel: any ReferenceKernel {
    get throws(ModelFileError) {
      guard let kernel = self as? any ReferenceKernel else {
        throw ModelFileError(
          .unsupported, "the reference engine has no kernel for \(type(of: self))",
          remedy: "`nnfmt layers` lists what can be run")
      }
      return kernel
    }
  }
}
