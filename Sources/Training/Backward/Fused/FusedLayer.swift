import FileSupport
import Inference
import ModelGraph

/// A layer's products, normalization, activation and pooling in training, in float32: products by oneDNN, the rest in
/// the order in which oneDNN leaves the sums, so that no value between them is ever written or moved.
///
/// Samples, and blocks of channels, are shared out among threads. Each sum is of one sample, and those of the samples
/// are added up in the order of the samples: so the number of threads changes no bit.
final class FusedLayer {
  /// What is computed.
  let nodes: FusedNodes
  let primitives: ConvolutionPrimitives
  let rule: NormalizationRule
  /// Of what the products see.
  let source: BlockedImage
  /// Of the sums, with the strides of the layer's value where nothing is pooled.
  let sums: BlockedImage
  /// Of the layer's value.
  let value: BlockedImage
  /// Height and width of the sums, and of the value.
  let extents: (sums: (height: Int, width: Int), value: (height: Int, width: Int))
  private var biases: [Float] = []
  private var loadedVersion: Int?

  /// - Parameter rule: how batch normalization trains there.
  /// - Returns: `nil` where oneDNN has no primitives for it.
  /// - Throws: `ModelFileError` of kind `inputOutput` if there is no memory for the kernels.
  init?(
    _ nodes: FusedNodes, rule: NormalizationRule, wantsSourceGradient: Bool
  ) throws(ModelFileError) {
    let form = nodes.form.convolution
    guard
      let primitives = try ConvolutionPrimitives(form, wantsSourceGradient: wantsSourceGradient)
    else { return nil }
    (self.nodes, self.primitives, self.rule) = (nodes, primitives, rule)
    source = BlockedImage(
      channels: form.source[0], area: form.source[1] * form.source[2],
      lanes: primitives.sourceLanes, strides: nodes.form.source)
    sums = BlockedImage(
      channels: form.result[0], area: form.result[1] * form.result[2],
      lanes: primitives.resultLanes, strides: nodes.form.result)
    var pooled = form.result
    if nodes.pooling != nil { pooled = nodes.last.shape.extents }
    let area = pooled[1] * pooled[2]
    value = BlockedImage(
      channels: pooled[0], area: area, lanes: primitives.resultLanes,
      strides: nodes.pooling == nil
        ? nodes.form.result : ImageStrides(sample: pooled[0] * area, channel: area, cell: 1))
    extents = ((form.result[1], form.result[2]), (pooled[1], pooled[2]))
  }

  /// The memory that it works in.
  var demand: FusedMemory.Demand {
    FusedMemory.Demand(
      scratch: primitives.scratchBytes / MemoryLayout<Float>.stride + 1,
      gradient: primitives.gradientCount,
      kernels: nodes.operation.weights.shape.elementCount, source: primitives.sourceCount,
      deltas: nodes.form.samples * primitives.resultCount)
  }

  /// What the way back needs of the way forward.
  final class Kept: Sendable {
    let sources: FloatMemory
    let sums: FloatMemory
    let numbers: ChannelNumbers
    let statistics: BatchStatistics?

    init(
      sources: FloatMemory, sums: FloatMemory, numbers: ChannelNumbers,
      statistics: BatchStatistics?
    ) {
      self.sources = sources
      self.sums = sums
      self.numbers = numbers
      self.statistics = statistics
    }
  }

  /// The value of a mini-batch, and the way back.
  ///
  /// - Throws: `ModelFileError`: `damaged` if a normalization has one number for each channel; `inputOutput` if
  ///   memory is short.
  func forward(
    _ pass: ForwardPass, _ memory: FusedMemory
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    switch sums.lanes {
    case 16: try forward(pass, memory, SIMD16<Float>.self)
    case 8: try forward(pass, memory, SIMD8<Float>.self)
    default: try forward(pass, memory, Float.self)
    }
  }

  private func forward<Vector: LaneVector>(
    _ pass: ForwardPass, _ memory: FusedMemory, _ vector: Vector.Type
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    try load(pass.parameters, memory)
    let samples = nodes.form.samples
    let sources = try FloatMemory(samples * primitives.sourceCount)
    let results = try FloatMemory(samples * primitives.resultCount)
    try multiply(pass.inputs[0].values, sources, results, memory)
    var statistics: BatchStatistics?
    if let (_, operation) = nodes.normalization {
      let found = try self.statistics(results, memory, vector)
      pass.parameters.follow(found, of: operation, rule)
      statistics = found
    }
    let kept = Kept(
      sources: sources, sums: results,
      numbers: ChannelNumbers(nodes, statistics, pass.parameters, sums), statistics: statistics)
    return (
      TensorOf(
        shape: Shape([pass.inputs[0].batch] + nodes.last.shape.extents),
        values: values(kept, memory, vector)),
      { (step) throws(ModelFileError) in
        [try FusedBack<Vector>(layer: self, kept: kept, memory: memory).run(step)]
      }
    )
  }

  /// Takes over kernels and offsets if they have changed.
  private func load(
    _ parameters: ParameterStore, _ memory: FusedMemory
  ) throws(ModelFileError) {
    guard loadedVersion != parameters.version else { return }
    loadedVersion = parameters.version
    let kernels = memory.kernels.start
    parameters.values(of: nodes.operation.weights).withUnsafeBufferPointer { values in
      for index in values.indices { kernels[index] = Float(values[index]) }
    }
    try primitives.load(kernels, memory.desks[0].scratch.start)
    biases = parameters.values(of: nodes.operation.biases)?.map(Float.init) ?? []
  }

  /// The sums of products of every sample.
  private func multiply(
    _ x: [Double], _ sources: FloatMemory, _ results: FloatMemory, _ memory: FusedMemory
  ) throws(ModelFileError) {
    let (primitives, source, biases) = (primitives, source, biases)
    try x.withUnsafeBufferPointer { (x) throws(ModelFileError) in
      guard let start = x.baseAddress else { return }
      let x = SharedPlace(start: UnsafeMutablePointer(mutating: start))
      try Threads.share(nodes.form.samples, among: memory.desks.count) {
        (sample, worker) throws(ModelFileError) in
        let packed = sources.start + sample * primitives.sourceCount
        source.pack(x.start + sample * source.strides.sample, to: packed)
        let scratch = memory.desks[worker].scratch.start
        let result = results.start + sample * primitives.resultCount
        try biases.withUnsafeBufferPointer { (biases) throws(ModelFileError) in
          try primitives.result(
            of: packed, biases: biases.baseAddress, to: result, UnsafeMutableRawPointer(scratch))
        }
      }
    }
  }

  /// Mean and variance of each channel.
  private func statistics<Vector: LaneVector>(
    _ results: FloatMemory, _ memory: FusedMemory, _ vector: Vector.Type
  ) throws(ModelFileError) -> BatchStatistics {
    let (samples, count) = (nodes.form.samples, nodes.form.samples * sums.area)
    try BatchStatistics.requireSeveral(
      count, batch: samples, image: Shape(nodes.form.convolution.result))
    let mean = totals(memory, of: 1) { [extents, primitives, sums] sample, block, to in
      let start = results.start + sample * primitives.resultCount + block * sums.area * sums.lanes
      ChannelNumbers.none(sums).kernel(block, start, extents.sums, vector).sum(to: to)
    }[0].map { $0 / Double(count) }
    let numbers = ChannelNumbers.none(sums).with(mean: mean)
    let squares = totals(memory, of: 1) { [extents, primitives, sums] sample, block, to in
      let start = results.start + sample * primitives.resultCount + block * sums.area * sums.lanes
      numbers.kernel(block, start, extents.sums, vector).squares(to: to)
    }[0]
    let freedom = Double(rule.isExact ? count : count - 1)
    return BatchStatistics(mean: mean, variance: squares.map { $0 / freedom })
  }

  /// Sums over all samples, several for each channel.
  ///
  /// - Parameter body: adds those of a block of channels in one sample to `count` runs of a number for each lane.
  func totals(
    _ memory: FusedMemory, of count: Int,
    _ body: @Sendable (_ sample: Int, _ block: Int, _ to: UnsafeMutablePointer<Double>) -> Void
  ) -> [[Double]] {
    let (samples, lanes, blocks) = (nodes.form.samples, sums.lanes, sums.blocks)
    let size = count * lanes
    var parts = [Double](repeating: 0, count: samples * blocks * size)
    parts.withUnsafeMutableBufferPointer { parts in
      guard let start = parts.baseAddress else { return }
      let place = SharedPlace(start: start)
      Threads.share(samples * blocks, among: memory.desks.count) { part, _ in
        body(part / blocks, part % blocks, place.start + part * size)
      }
    }
    return (0..<count).map { number in
      (0..<sums.channels).map { channel in
        let first = channel / lanes * size + number * lanes + channel % lanes
        return stride(from: first, to: parts.count, by: blocks * size).reduce(0) { $0 + parts[$1] }
      }
    }
  }

  /// The layer's value.
  private func values<Vector: LaneVector>(
    _ kept: Kept, _ memory: FusedMemory, _ vector: Vector.Type
  ) -> [Double] {
    let (primitives, sums, value, extents) = (primitives, sums, value, extents)
    let pooling = nodes.pooling
    let parts = nodes.form.samples * sums.blocks
    let total = nodes.form.samples * value.channels * value.area
    return [Double](unsafeUninitializedCapacity: total) { values, count in
      count = total
      guard let start = values.baseAddress else { return }
      let place = SharedPlace(start: start)
      Threads.share(parts, among: memory.desks.count) { part, _ in
        let (sample, block) = part.quotientAndRemainder(dividingBy: sums.blocks)
        let start =
          kept.sums.start + sample * primitives.resultCount + block * sums.area * sums.lanes
        let kernel = kept.numbers.kernel(block, start, extents.sums, vector)
        let width = extents.value.width
        withUnsafeTemporaryAllocation(of: Float.self, capacity: width * sums.lanes) { line in
          guard let line = line.baseAddress else { return }
          for row in 0..<extents.value.height {
            if let pooling {
              kernel.largest(pooling, row: row, places: width, to: line)
            } else {
              kernel.values(row: row, to: line)
            }
            value.store(
              line, as: (row * width)..<((row + 1) * width), of: block,
              place.start + sample * value.strides.sample)
          }
        }
      }
    }
  }
}
