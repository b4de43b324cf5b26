import FileSupport
import ModelGraph

/// The engine that reads like the formulas, against which all others are held.
///
/// Every value is rounded to float32 once, when its node is done; inside a node sums and functions
/// are computed in double precision. A sum of *n* products is therefore off by at most half a unit in
/// the last place of the result plus *n* · 2⁻⁵³ · Σ |product|. (Darknet's recurrent operations round
/// after each product, normalization and function of a step, as darknet does; a recurrence rounds the states
/// after each step; the running sums of local response normalization are of floats.) Results do not depend on the number
/// of threads: each number is computed by one thread, in one order.
public struct ReferenceEngine: Engine {
  /// Its name.
  public static let name = "reference"

  /// How many threads share the channels of a layer.
  public let threads: Int
  /// The most bytes that the values of a run may take at one time.
  public let memoryLimit: Int

  /// An engine; without a limit values may take half of the machine's memory.
  public init(threads: Int = 1, memoryLimit: Int? = nil) {
    self.threads = max(threads, 1)
    self.memoryLimit = memoryLimit ?? SystemMemory.budget
  }

  /// Whether it has a kernel for an operation.
  public func computes(_ operation: any Operation.Type) -> Bool {
    operation is any ReferenceKernel.Type || operation == Input.self
      || operation == FurtherValue.self
  }

  /// A plan that computes node after node in graph order.
  public func prepare(
    _ graph: Graph, wanting wanted: Set<Int>
  ) throws(ModelFileError) -> ReferenceSession {
    let plan = Plan(graph, wanting: wanted)
    try plan.requireNumbers()
    for node in plan.steps.map(\.node)
    where !(node.operation is Input || node.operation is FurtherValue) {
      do { _ = try node.operation.referenceKernel } catch {
        throw node.layer.map { error.at($0.place) } ?? error
      }
    }
    return ReferenceSession(graph: graph, plan: plan, threads: threads, memoryLimit: memoryLimit)
  }
}

/// A graph with the order in which the reference engine computes it.
public struct ReferenceSession: EngineSession {
  let graph: Graph
  let plan: Plan
  let threads: Int
  let memoryLimit: Int

  /// Computes node after node in graph order.
  public func run(
    _ inputs: [Tensor], onStep: ([Node], Duration) -> Void,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let given = try graph.given(inputs)
    try plan.requireMemory(batch: given.values.first?.batch ?? 1, limit: memoryLimit)
    let loader = ParameterLoader()
    let clock = ContinuousClock()
    var values: [Int: Tensor] = [:]
    // What nodes gave besides their own values, until those are released.
    var further: [Int: ArraySlice<Tensor>] = [:]
    for step in plan.steps {
      let node = step.node
      let begin = clock.now
      let value: Tensor
      if let input = given[node.id] {
        value = input
      } else {
        do {
          if let taken = node.operation as? FurtherValue {
            value = try Self.checked(further[node.inputs[0]]?.dropFirst(taken.position).first, node)
          } else {
            let all = try compute(node, values, loader)
            value = try Self.checked(all.first, node)
            if all.count > 1 { further[node.id] = all.dropFirst() }
          }
        } catch {
          throw node.layer.map { error.at($0.place) } ?? error
        }
      }
      onStep([node], clock.now - begin)
      values[node.id] = value
      if step.isWanted { try onValue(node, value) }
      for id in step.releases {
        values[id] = nil
        further[id] = nil
      }
    }
  }

  private func compute(
    _ node: Node, _ values: [Int: Tensor], _ loader: ParameterLoader
  ) throws(ModelFileError) -> [Tensor] {
    let inputs = node.inputs.compactMap { values[$0] }
    guard inputs.count == node.inputs.count else {
      throw ModelFileError(.internalFault, "a value of \(node.name) was not computed")
    }
    let context = KernelContext(
      inputs: inputs, layout: graph.layout, shape: node.shape, threads: threads,
      numbers: loader.values(of:))
    return try node.operation.referenceKernel.singleValues(context)
  }

  private static func checked(_ value: Tensor?, _ node: Node) throws(ModelFileError) -> Tensor {
    guard let value, value.sample == node.shape else {
      throw ModelFileError(
        .internalFault, "\(node.name) was computed in another shape", expected: "\(node.shape)",
        found: value.map { "\($0.sample)" })
    }
    return value
  }
}
