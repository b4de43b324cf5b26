import COneDNN
import FileSupport

/// A primitive with the memory that it works on.
///
/// Invariant: `arguments` is freed with the object, and the memory that they lead to outlives it. One thread at a time
/// executes it.
final class PrimitiveCall: @unchecked Sendable {
  /// One argument: its name, which of several sources it is (counted from 1, else 0), how it lies, and where.
  typealias Argument = (
    name: onednn_argument, number: Int, layout: TensorLayout, memory: UnsafeMutableRawPointer?
  )

  private let primitive: Primitive
  private let arguments: OpaquePointer

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is no memory for it.
  init(_ primitive: Primitive, _ list: [Argument]) throws(ModelFileError) {
    guard let arguments = onednn_arguments_create(Int32(list.count)) else { throw Self.shortage }
    self.primitive = primitive
    self.arguments = arguments
    for (position, argument) in list.enumerated() {
      guard
        onednn_arguments_set(
          arguments, Int32(position), argument.name, Int32(argument.number),
          argument.layout.handle, argument.memory) != 0
      else { throw Self.shortage }
    }
  }

  deinit { onednn_arguments_free(arguments) }

  private static var shortage: ModelFileError {
    ModelFileError(.inputOutput, "there is not enough memory")
  }

  /// Takes the argument at a position of the list from other memory of the same layout.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` if oneDNN refuses it.
  func move(_ position: Int, to memory: UnsafeMutablePointer<Float>?) throws(ModelFileError) {
    guard onednn_arguments_move(arguments, Int32(position), memory) != 0 else {
      throw ModelFileError(.internalFault, "oneDNN does not take an argument from other memory")
    }
  }

  /// Computes to the end.
  ///
  /// - Throws: `ModelFileError` of kind `internalFault` if oneDNN does not.
  func execute() throws(ModelFileError) {
    let status = onednn_execute(primitive.handle, arguments)
    guard status == 0 else {
      throw ModelFileError(
        .internalFault, "oneDNN does not compute it", found: "status \(status)")
    }
  }
}
