import FileSupport

/// The memory of one run at a time, with the arguments of every primitive bound to it.
///
/// Invariant: `memory` holds every buffer of the plan at its offset and is freed with the object. One thread at a time runs steps with it.
final class ExecutionMemory: @unchecked Sendable {
  private let memory: UnsafeMutableRawBufferPointer
  private let offsets: [Int]
  /// What each step is, bound to the memory.
  private var calls: [Call] = []

  private enum Call {
    case nothing
    case primitive(PrimitiveCall)
    case bands(BoundBands)
    case kernel(@Sendable (ExecutionMemory) throws(ModelFileError) -> Void)
  }

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is not so much memory.
  init(_ plan: MemoryPlan, _ steps: [PlannedStep]) throws(ModelFileError) {
    memory = try Memory.allocate(plan.byteCount, inLargePages: true)
    offsets = plan.offsets
    for step in steps { calls.append(try bound(step.action)) }
  }

  deinit { Memory.free(memory) }

  private func bound(_ action: PlannedStep.Action) throws(ModelFileError) -> Call {
    switch action {
    case .nothing: .nothing
    case .kernel(let body): .kernel(body)
    case .bands(let bands): .bands(try BoundBands(bands, address))
    case .primitive(let primitive, let list):
      .primitive(try call(primitive, list))
    }
  }

  /// A primitive with its arguments in this memory.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if there is no memory for it.
  func call(
    _ primitive: Primitive, _ arguments: [PrimitiveArgument]
  ) throws(ModelFileError) -> PrimitiveCall {
    try PrimitiveCall(
      primitive,
      arguments.map { ($0.name, $0.number, $0.operand.layout, address($0.operand)) })
  }

  /// Executes a step of the plan.
  func run(_ step: Int) throws(ModelFileError) {
    switch calls[step] {
    case .nothing: break
    case .kernel(let body): try body(self)
    case .primitive(let call): try call.execute()
    case .bands(let bands): try bands.execute()
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
