import FileSupport
import ModelGraph

/// The engine that reads like the formulas, against which all others are held.
///
/// Every value is rounded to float32 once, when its node is done; inside a node sums and functions
/// are computed in double precision. A sum of *n* products is therefore off by at most half a unit in
/// the last place of the result plus *n* · 2⁻⁵³ · Σ |product|. (Darknet's recurrent operations round
/// after each product, normalization and function of a step, as darknet does; a recurrence rounds the states
/// after each step; the running sums of local response normalization are of floats.) Results do not depend on the number of threads: each number is
/// computed by one thread, in one order.
public struct ReferenceEngine: Engine {
  /// How many threads share the channels of a layer.
  public let threads: Int
  /// The most bytes that the values of a run may take at one time.
  public let memoryLimit: Int

  /// An engine; without a limit values may take half of the machine's memory.
  public init(threads: Int = 1, memoryLimit: Int? = nil) {
    self.threads = max(threads, 1)
    self.memoryLimit = memoryLimit ?? SystemMemory.budget
  }

  /// Whether it can compute an operation.
  public static func computes(_ operation: any Operation.Type) -> Bool {
    operation is any ReferenceKernel.Type || operation == Input.self
  }

  /// Computes node after node in graph order.
  public func run(
    _ graph: Graph, inputs: [Tensor], wanting wanted: Set<Int>,
    onStep: (Node, Duration) -> Void,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let given = try Self.matching(inputs, with: graph)
    let plan = Plan(graph, wanting: wanted)
    try checkMemory(of: plan, batch: given.values.first?.batch ?? 1)
    let loader = ParameterLoader()
    let clock = ContinuousClock()
    var values: [Int: Tensor] = [:]
    for step in plan.steps {
      let node = step.node
      let begin = clock.now
      let value: Tensor
      if let input = given[node.id] {
        value = input
      } else {
        do {
          value = try compute(node, values, graph.layout, loader)
        } catch {
          throw node.layer.map { error.at($0.place) } ?? error
        }
      }
      onStep(node, clock.now - begin)
      values[node.id] = value
      if step.isWanted { try onValue(node, value) }
      for id in step.releases { values[id] = nil }
    }
  }

  private func compute(
    _ node: Node, _ values: [Int: Tensor], _ layout: ImageLayout, _ loader: ParameterLoader
  ) throws(ModelFileError) -> Tensor {
    let inputs = node.inputs.compactMap { values[$0] }
    guard inputs.count == node.inputs.count else {
      throw ModelFileError(.internalFault, "a value of \(node.name) was not computed")
    }
    let context = KernelContext(
      inputs: inputs, layout: layout, shape: node.shape, threads: threads,
      numbers: loader.values(of:))
    let result = try Float.value(of: node.operation, context)
    guard result.sample == node.shape else {
      throw ModelFileError(
        .internalFault, "\(node.name) was computed in another shape", expected: "\(node.shape)",
        found: "\(result.sample)")
    }
    return result
  }

  /// Refuses what would make the system run out of memory, before anything is computed.
  private func checkMemory(of plan: Plan, batch: Int) throws(ModelFileError) {
    // One extent of 0 would hide what the others multiply to.
    for node in plan.steps.map(\.node) where node.shape.extents.contains(0) {
      let error = ModelFileError(
        .damaged, "its value has no numbers", expected: "extents of 1 or more",
        found: "\(node.shape)")
      throw node.layer.map { error.at($0.place) } ?? error
    }
    let values = plan.peakElements.clampedProduct(batch)
    let bytes = values.clampedSum(plan.parameterElements)
      .clampedProduct(MemoryLayout<Float>.size)
    guard bytes <= memoryLimit else {
      throw ModelFileError(
        .damaged, "the values of the model take more memory than there is",
        expected: "at most \(memoryLimit) bytes", found: "\(bytes)",
        remedy: "give fewer samples at a time, or use a machine with more memory")
    }
  }

  /// The inputs by node, each with a batch axis of the same extent.
  private static func matching(
    _ inputs: [Tensor], with graph: Graph
  ) throws(ModelFileError) -> [Int: Tensor] {
    guard inputs.count == graph.inputs.count else {
      throw ModelFileError(
        .usage, "the model takes another number of inputs", expected: "\(graph.inputs.count)",
        found: "\(inputs.count)")
    }
    var result: [Int: Tensor] = [:]
    var batch: Int?
    for (tensor, port) in zip(inputs, graph.inputs) {
      let input = try tensor.input(for: graph.nodes[port.node].shape)
      guard batch == nil || batch == input.batch, input.batch > 0 else {
        throw ModelFileError(
          .damaged, "the inputs have another number of samples", expected: "\(batch ?? 1)",
          found: "\(input.batch)")
      }
      batch = input.batch
      result[port.node] = input
    }
    return result
  }
}
