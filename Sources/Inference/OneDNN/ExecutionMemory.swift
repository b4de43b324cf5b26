import COneDNN
import FileSupport

/// The memory of one run at a time, with the arguments of every primitive bound to it.
///
/// Invariant: `memory` holds every buffer of the plan at its offset and is freed with the object, after the arguments
/// that lead into it. One thread at a time runs steps with it.
final class ExecutionMemory: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private let offsets: [Int]
  private var arguments: [OpaquePointer?] = []

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is not so much memory.
  init(_ plan: MemoryPlan, _ steps: [PlannedStep]) throws(ModelFileError) {
    memory = try Memory.allocate(plan.byteCount)
    offsets = plan.offsets
    for step in steps {
      guard case .primitive(_, let list) = step.action else {
        arguments.append(nil)
        continue
      }
      let bound = onednn_arguments_create(Int32(list.count))
      arguments.append(bound)
      for (position, argument) in list.enumerated() {
        guard let bound,
          onednn_arguments_set(
            bound, Int32(position), argument.name, Int32(argument.number),
            argument.operand.layout.handle, address(argument.operand)) != 0
        else { throw ModelFileError(.inputOutput, "there is not enough memory") }
      }
    }
  }

  deinit {
    for list in arguments { onednn_arguments_free(list) }
    Memory.free(memory)
  }

  /// Executes a step of the plan.
  func run(_ step: PlannedStep, at index: Int) throws(ModelFileError) {
    switch step.action {
    case .nothing: break
    case .kernel(let body): try body(self)
    case .primitive(let primitive, _):
      let status = onednn_execute(primitive.handle, arguments[index])
      guard status == 0 else {
        throw ModelFileError(
          .internalFault, "oneDNN does not compute it", found: "status \(status)")
      }
    }
  }

  /// The numbers of an operand, as many as its layout takes.
  func numbers(_ operand: Operand) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableRawBufferPointer(start: address(operand), count: operand.layout.byteCount)
      .bindMemory(to: Float.self)
  }

  private func address(_ operand: Operand) -> UnsafeMutableRawPointer? {
    switch operand.place {
    case .buffer(let number): memory.baseAddress.map { $0 + offsets[number] }
    case .constant(let constant): constant.memory.baseAddress
    }
  }
}
