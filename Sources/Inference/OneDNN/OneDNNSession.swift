import COneDNN
import FileSupport
import ModelGraph
import Synchronization

/// A graph whose weights and primitives are prepared at the first run, and again if the size of the batch changes.
/// Several threads may run it at the same time.
public final class OneDNNSession: EngineSession {
  private let graph: Graph
  private let options: OneDNNEngine.Options
  /// Computes where numbers are not finite.
  private let reference: ReferenceSession
  private let prepared = Mutex<PreparedPlan?>(nil)

  init(graph: Graph, options: OneDNNEngine.Options, reference: ReferenceSession) {
    self.graph = graph
    self.options = options
    self.reference = reference
  }

  /// Computes step after step.
  public func run(
    _ inputs: [Tensor], onStep: (_ nodes: [Node], _ time: Duration) -> Void,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let given = try graph.given(inputs)
    let batch = given.values.first?.batch ?? 1
    try reference.plan.requireMemory(batch: batch, limit: reference.memoryLimit)
    onednn_set_threads(Int32(options.threads))
    let prepared = try self.prepared(for: batch)
    var handedOver = 0
    if prepared.areConstantsFinite, given.values.allSatisfy(\.values.areFinite),
      try run(prepared, given, onStep: onStep, onValue: onValue, &handedOver)
    {
      return
    }
    // What was handed over stays as it is.
    try reference.run(inputs, onStep: onStep) { (node, value) throws(ModelFileError) in
      if handedOver > 0 { handedOver -= 1 } else { try onValue(node, value) }
    }
  }

  /// Runs the steps of a plan.
  ///
  /// - Parameter handedOver: counts the values that were handed over.
  /// - Returns: `false` if it ended at a value that is not finite.
  private func run(
    _ prepared: PreparedPlan, _ given: [Int: Tensor],
    onStep: (_ nodes: [Node], _ time: Duration) -> Void,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void, _ handedOver: inout Int
  ) throws(ModelFileError) -> Bool {
    let memory = try prepared.takeMemory()
    defer { prepared.giveBack(memory) }
    for (node, operand) in prepared.inputs {
      guard let value = given[node] else { continue }
      _ = memory.numbers(operand).update(fromContentsOf: value.values)
    }
    let clock = ContinuousClock()
    var begin = clock.now
    for (index, step) in prepared.steps.enumerated() {
      do { try memory.run(index) } catch {
        throw step.nodes.first?.layer.map { error.at($0.place) } ?? error
      }
      if !step.nodes.isEmpty {
        let end = clock.now
        onStep(step.nodes, end - begin)
        begin = end
      }
      if let (node, operand) = step.handedOver {
        let values = Array(memory.numbers(operand))
        guard values.areFinite else { return false }
        try onValue(node, Tensor(shape: Shape(operand.layout.extents), values: values))
        handedOver += 1
        begin = clock.now
      }
    }
    return true
  }

  private func prepared(for batch: Int) throws(ModelFileError) -> PreparedPlan {
    let result = prepared.withLock { (current) -> Result<PreparedPlan, ModelFileError> in
      if let current, current.batch == batch { return .success(current) }
      current = nil
      do throws(ModelFileError) {
        let fresh = try PreparedPlan(
          graph, reference.plan, batch: batch, options)
        current = fresh
        return .success(fresh)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// The steps for one size of batch, with the memory of the runs that are not under way.
private final class PreparedPlan: Sendable {
  let batch: Int
  let steps: [PlannedStep]
  let inputs: [Int: Operand]
  let areConstantsFinite: Bool
  private let memoryPlan: MemoryPlan
  private let idle = Mutex<[ExecutionMemory]>([])

  init(
    _ graph: Graph, _ plan: Plan, batch: Int, _ options: OneDNNEngine.Options
  ) throws(ModelFileError) {
    let builder = PlanBuilder(graph, batch: batch, options)
    try builder.build(plan)
    self.batch = batch
    steps = builder.steps
    inputs = builder.inputs
    areConstantsFinite = builder.areConstantsFinite
    memoryPlan = MemoryPlan(builder.buffers)
  }

  func takeMemory() throws(ModelFileError) -> ExecutionMemory {
    if let memory = idle.withLock({ $0.popLast() }) { return memory }
    return try ExecutionMemory(memoryPlan, steps)
  }

  func giveBack(_ memory: ExecutionMemory) {
    idle.withLock { $0.append(memory) }
  }
}
