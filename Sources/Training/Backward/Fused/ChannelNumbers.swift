import ModelGraph

/// The numbers by which the channels of a fused layer are normalized; 0 for lanes without a channel, which so stay 0.
struct ChannelNumbers: Sendable {
  private(set) var mean: [Float]
  private let factor: [Float]
  private let offset: [Float]
  private let bend: Bend

  /// Those that change nothing.
  static func none(_ image: BlockedImage) -> ChannelNumbers {
    let count = image.blocks * image.lanes
    return ChannelNumbers(
      mean: [Float](repeating: 0, count: count), factor: [Float](repeating: 1, count: count),
      offset: [Float](repeating: 0, count: count), bend: Bend())
  }

  private init(mean: [Float], factor: [Float], offset: [Float], bend: Bend) {
    self.mean = mean
    self.factor = factor
    self.offset = offset
    self.bend = bend
  }

  /// Those of a layer that was given a mini-batch with these statistics.
  init(
    _ nodes: FusedNodes, _ statistics: BatchStatistics?, _ parameters: ParameterStore,
    _ image: BlockedImage
  ) {
    let none = Self.none(image)
    guard let (_, operation) = nodes.normalization, let statistics else {
      self.init(mean: none.mean, factor: none.factor, offset: none.offset, bend: nodes.bend)
      return
    }
    let scales = parameters.values(of: operation.scales)
    let factors = statistics.variance.enumerated().map { channel, variance in
      (scales?[channel] ?? 1) / operation.divisor.value(variance)
    }
    let offsets = parameters.values(of: operation.biases) ?? factors.map { _ in 0 }
    self.init(
      mean: Self.filled(statistics.mean, image), factor: Self.filled(factors, image),
      offset: Self.filled(offsets, image), bend: nodes.bend)
  }

  /// The same around other means.
  func with(mean: [Double]) -> ChannelNumbers {
    var result = self
    for channel in mean.indices { result.mean[channel] = Float(mean[channel]) }
    return result
  }

  /// A number for each lane of an image.
  static func filled(_ numbers: [Double], _ image: BlockedImage) -> [Float] {
    numbers.map(Float.init)
      + [Float](repeating: 0, count: image.blocks * image.lanes - numbers.count)
  }

  /// What works on a block of sums.
  func kernel<Vector: LaneVector>(
    _ block: Int, _ sums: UnsafePointer<Float>, _ extents: (height: Int, width: Int),
    _: Vector.Type
  ) -> BlockKernel<Vector> {
    BlockKernel(
      sums: sums, extents: extents, mean: Vector(of: block, mean),
      factor: Vector(of: block, factor), offset: Vector(of: block, offset), bend: bend)
  }
}

extension LaneVector {
  /// The numbers of a block's channels.
  init(of block: Int, _ numbers: [Float]) {
    precondition((block + 1) * Self.lanes <= numbers.count, "a block has no numbers")
    self = numbers.withUnsafeBufferPointer {
      Self(at: $0.baseAddress.unsafelyUnwrapped + block * Self.lanes)
    }
  }
}
