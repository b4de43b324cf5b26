import FileSupport

/// The memory of one run at a time, with the arguments of every primitive bound to it.
///
/// Invariant: `memory` holds every buffer of the plan at its offset and is freed with the object. One thread at a time runs steps with it.
final class ExecutionMemory: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private let offsets: [Int]
  /// One for each step that is a primitive.
  private var calls: [PrimitiveCall?] = []

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is not so much memory.
  init(_ plan: MemoryPlan, _ steps: [PlannedStep]) throws(ModelFileError) {
    memory = try Memory.allocate(plan.byteCount, inLargePages: true)
    offsets = plan.offsets
    for step in steps {
      var call: PrimitiveCall?
      if case .primitive(let primitive, let list) = step.action {
        call = try PrimitiveCall(
          primitive,
          list.map { ($0.name, $0.number, $0.operand.layout, address($0.operand)) })
      }
      calls.append(call)
    }
  }

  deinit { Memory.free(memory) }

  /// Executes a step of the plan.
  func run(_ step: PlannedStep, at index: Int) throws(ModelFileError) {
    switch step.action {
    case .nothing: break
    case .kernel(let body): try body(self)
    case .primitive: try calls[index]?.execute()
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
