import FileSupport

/// The memory that fused layers work in, one layer at a time: nothing in it outlives a layer's step.
final class FusedMemory: Sendable {
  /// The numbers that a layer takes.
  struct Demand {
    var scratch = 0
    var gradient = 0
    var kernels = 0
    var source = 0
    var deltas = 0

    /// The larger of each.
    func united(with other: Demand) -> Demand {
      Demand(
        scratch: max(scratch, other.scratch), gradient: max(gradient, other.gradient),
        kernels: max(kernels, other.kernels), source: max(source, other.source),
        deltas: max(deltas, other.deltas))
    }
  }

  /// What one thread works in.
  struct Desk: Sendable {
    /// oneDNN's.
    let scratch: FloatMemory
    /// The gradient by the kernels of a sample.
    let gradient: FloatMemory
    /// The gradient by the source of a sample.
    let source: FloatMemory
  }

  /// A desk for each thread.
  let desks: [Desk]
  /// The sum of the samples' gradients by the kernels.
  let gradient: FloatMemory
  /// Kernels, or a gradient by them, in C order.
  let kernels: FloatMemory
  /// δ of all samples.
  let deltas: FloatMemory

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is not so much memory.
  init(_ demand: Demand, threads: Int) throws(ModelFileError) {
    var desks: [Desk] = []
    for _ in 0..<threads {
      desks.append(
        Desk(
          scratch: try FloatMemory(demand.scratch), gradient: try FloatMemory(demand.gradient),
          source: try FloatMemory(demand.source)))
    }
    self.desks = desks
    gradient = try FloatMemory(demand.gradient)
    kernels = try FloatMemory(demand.kernels)
    deltas = try FloatMemory(demand.deltas)
  }
}
