import FileSupport
import ModelGraph

/// What a machine reaches where nothing but multiply-adds costs time: the measure for the rates of layers.
public enum MachinePeak {
  /// Channels in and out, and cells along each axis, of the convolution that is timed: 0.5 GFLOP on a megabyte or two.
  private static let (channels, side) = (512, 32)
  /// How long passes are repeated, after one that is not timed.
  private static let patience = Duration.milliseconds(50)

  /// Thousands of millions of floating-point operations in a second, 2 for a multiply-add, of the engine's fastest pass
  /// through a convolution with kernels of one cell.
  ///
  /// - Throws: `ModelFileError` of kind `inputOutput` if there is no memory for it.
  public static func gflops(of engine: some Engine) throws(ModelFileError) -> Double {
    let count = channels * channels
    let weights = Parameter(
      "weights", of: "peak", role: .weights, shape: [channels, channels, 1, 1],
      source: RepeatedSource(1 / Float(channels), count: count))
    let window = Window(size: [1, 1], strides: [1, 1], padding: [.none, .none])
    var builder = GraphBuilder(layout: .channelsLast)
    let input = try builder.input(name: "input", shape: [side, side, channels])
    let product = try builder.add(
      Convolution(window: window, groups: 1, weights: weights, biases: nil), name: "product",
      inputs: [input])
    let graph = builder.finish()
    let cells = side * side
    let image = Tensor(
      shape: [1, side, side, channels], values: [Float](repeating: 1, count: cells * channels))
    let session = try engine.prepare(graph, wanting: [product])
    func pass() throws(ModelFileError) -> Duration {
      var time = Duration.zero
      try session.run(
        [image],
        onStep: { nodes, step in if nodes.contains(where: { $0.id == product }) { time = step } },
        onValue: { _, _ in })
      return time
    }
    // The first one prepares the weights.
    _ = try pass()
    let clock = ContinuousClock()
    let begin = clock.now
    var least = try pass()
    while clock.now - begin < patience { least = min(least, try pass()) }
    return least > .zero ? Double(2 * cells * count) / (least / .nanoseconds(1)) : 0
  }
}
