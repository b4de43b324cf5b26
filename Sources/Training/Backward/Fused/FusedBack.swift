import FileSupport
import Inference
import ModelGraph

/// The backward step of a fused layer: what those of its nodes are one after another.
struct FusedBack<Vector: LaneVector> {
  let layer: FusedLayer
  let kept: FusedLayer.Kept
  let memory: FusedMemory

  /// - Returns: δ at what the products see, if it is wanted.
  /// - Throws: `ModelFileError` of oneDNN.
  func run(_ step: BackwardStep) throws(ModelFileError) -> [Double]? {
    let sums = errors(step.delta)
    var lines: [BatchNormalization.DeltaLine] = []
    if let (_, operation) = layer.nodes.normalization, let statistics = kept.statistics {
      lines = operation.learn(
        deltas: sums[0], products: sums[1], variance: statistics.variance,
        count: layer.nodes.form.samples * layer.sums.area, step.parameters, layer.rule)
    } else {
      step.parameters.accumulate(sums[0], for: layer.nodes.operation.biases)
    }
    let below = try spread(
      DeltaLines(lines, layer.sums), belowCount: step.wants[0] ? step.inputs[0].values.count : 0)
    let kernels = memory.kernels.start
    try layer.primitives.plain(
      memory.gradient.start, to: kernels, memory.desks[0].scratch.start)
    step.parameters.withUpdates(of: layer.nodes.operation.weights) { updates in
      updates.withUnsafeMutableBufferPointer { updates in
        for index in updates.indices { updates[index] += Double(kernels[index]) }
      }
    }
    return step.wants[0] ? below : nil
  }

  private func kernel(_ sample: Int, _ block: Int) -> BlockKernel<Vector> {
    let start = kept.sums.start + place(sample, block)
    return kept.numbers.kernel(block, start, layer.extents.sums, Vector.self)
  }

  /// Where a block of a sample begins among sums and δ.
  private func place(_ sample: Int, _ block: Int) -> Int {
    sample * layer.primitives.resultCount + block * layer.sums.area * layer.sums.lanes
  }

  /// Writes δ at the normalized sums.
  ///
  /// - Returns: `Σ δ` and `Σ δ (x − m)` of each channel.
  private func errors(_ delta: [Double]) -> [[Double]] {
    delta.withUnsafeBufferPointer { delta in
      guard let start = delta.baseAddress else { return [] }
      let delta = SharedPlace(start: UnsafeMutablePointer(mutating: start))
      let shared = Shared(back: self)
      return layer.totals(memory, of: 2) { sample, block, totals in
        shared.back.errors(delta.start, sample, block, totals)
      }
    }
  }

  /// The step in the hands of several threads: none changes it.
  private struct Shared: @unchecked Sendable {
    let back: FusedBack
  }

  private func errors(
    _ delta: UnsafePointer<Double>, _ sample: Int, _ block: Int,
    _ totals: UnsafeMutablePointer<Double>
  ) {
    let (kernel, value) = (kernel(sample, block), layer.value)
    let result = memory.deltas.start + place(sample, block)
    let totals = BlockKernel<Vector>.Totals(
      deltas: totals, products: totals + layer.sums.lanes)
    let width = layer.extents.value.width
    let delta = delta + sample * value.strides.sample
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width * Vector.lanes) { line in
      guard let line = line.baseAddress else { return }
      if layer.nodes.pooling != nil {
        result.update(repeating: 0, count: layer.sums.area * layer.sums.lanes)
      }
      for row in 0..<layer.extents.value.height {
        value.load((row * width)..<((row + 1) * width), of: block, delta, to: line)
        if let pooling = layer.nodes.pooling {
          kernel.back(pooling, row: row, places: width, line, to: result, totals)
        } else {
          kernel.back(row: row, line, to: result, totals)
        }
      }
    }
  }

  /// Takes δ through normalization and products, and sums up the gradients by the kernels.
  ///
  /// - Parameter belowCount: how many numbers of δ at what the products see are wanted: all, or none.
  private func spread(
    _ lines: DeltaLines?, belowCount: Int
  ) throws(ModelFileError) -> [Double] {
    var fault: ModelFileError?
    // All of it is written, so zeros first would be in vain.
    let below = [Double](unsafeUninitializedCapacity: belowCount) { below, count in
      do throws(ModelFileError) {
        try spread(lines, below: belowCount > 0 ? below.baseAddress : nil)
        count = belowCount
      } catch { fault = error }
    }
    if let fault { throw fault }
    return below
  }

  /// The same, sample by sample.
  private func spread(
    _ lines: DeltaLines?, below: UnsafeMutablePointer<Double>?
  ) throws(ModelFileError) {
    let (samples, workers) = (layer.nodes.form.samples, memory.desks.count)
    let shared = Shared(back: self)
    let below = below.map { SharedPlace(start: $0) }
    for first in stride(from: 0, to: samples, by: workers) {
      let count = min(workers, samples - first)
      try Threads.share(count, among: workers) { [memory] (part, _) throws(ModelFileError) in
        // The first sample's gradient is what the others' are added to.
        let gradient = first + part == 0 ? memory.gradient : memory.desks[part].gradient
        try shared.back.spread(
          lines, first + part, memory.desks[part], gradient, below: below?.start)
      }
      sumUp((first == 0 ? 1 : 0)..<count)
    }
  }

  private func spread(
    _ lines: DeltaLines?, _ sample: Int, _ desk: FusedMemory.Desk, _ gradient: FloatMemory,
    below: UnsafeMutablePointer<Double>?
  ) throws(ModelFileError) {
    let (primitives, source) = (layer.primitives, layer.source)
    let delta = memory.deltas.start + sample * primitives.resultCount
    if let lines {
      for block in 0..<layer.sums.blocks {
        kernel(sample, block).normalizeBack(
          memory.deltas.start + place(sample, block),
          deltaFactor: Vector(of: block, lines.delta), factor: Vector(of: block, lines.x),
          offset: Vector(of: block, lines.offset))
      }
    }
    let x = kept.sources.start + sample * primitives.sourceCount
    try primitives.gradientByWeights(
      of: x, delta: delta, to: gradient.start, desk.scratch.start)
    guard let below else { return }
    try primitives.gradientBySource(
      delta: delta, to: desk.source.start, desk.scratch.start)
    source.unpack(desk.source.start, to: below + sample * source.strides.sample)
  }

  /// Adds the gradients on some desks to the sum, in the order of the samples.
  private func sumUp(_ desks: Range<Int>) {
    guard !desks.isEmpty else { return }
    let (count, workers) = (layer.primitives.gradientCount, memory.desks.count)
    let length = (count + workers - 1) / workers
    Threads.share(workers, among: workers) { [memory] part, _ in
      let range = min(part * length, count)..<min((part + 1) * length, count)
      let sum = memory.gradient.start
      for desk in desks {
        let gradient = memory.desks[desk].gradient.start
        for index in range { sum[index] += gradient[index] }
      }
    }
  }
}

/// The lines by which δ passes a normalization, a number for each lane.
private struct DeltaLines: Sendable {
  let delta: [Float]
  let x: [Float]
  let offset: [Float]

  init?(_ lines: [BatchNormalization.DeltaLine], _ image: BlockedImage) {
    guard !lines.isEmpty else { return nil }
    delta = ChannelNumbers.filled(lines.map(\.delta), image)
    x = ChannelNumbers.filled(lines.map(\.x), image)
    offset = ChannelNumbers.filled(lines.map(\.offset), image)
  }
}
