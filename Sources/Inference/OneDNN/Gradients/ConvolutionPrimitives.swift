import COneDNN
import FileSupport
import ModelGraph

/// What a convolution in training works on.
package struct ConvolutionForm: Sendable {
  /// How the kernel moves.
  package let window: Window
  /// Groups of channels.
  package let groups: Int
  /// `[C, H, W]` of what it sees.
  package let source: [Int]
  /// `[C, H, W]` of its result.
  package let result: [Int]
  /// Whether there are offsets.
  package let hasBiases: Bool

  /// A form.
  package init(window: Window, groups: Int, source: [Int], result: [Int], hasBiases: Bool) {
    self.window = window
    self.groups = groups
    self.source = source
    self.result = result
    self.hasBiases = hasBiases
  }

  /// The extents of the kernels as oneDNN takes them.
  fileprivate var kernel: [Int] {
    window.kernelExtents(outputs: result[0], inputs: source[0], groups: groups)
  }
}

/// A convolution of one sample and its gradients by oneDNN.
///
/// They are made for a sample and for one thread, so that sums have one order whatever number of threads takes the
/// samples. Invariant: kernels are loaded by one thread while no other uses them; all else never changes.
package final class ConvolutionPrimitives: @unchecked Sendable {
  /// Channels that lie side by side in what it sees: 16, 8, or 1 where channel follows channel.
  package let sourceLanes: Int
  /// The same of the result.
  package let resultLanes: Int
  /// The numbers of one sample of the source, those that fill up its last block included.
  package let sourceCount: Int
  /// The same of the result.
  package let resultCount: Int
  /// The numbers of a gradient by the kernels, in the order of whoever computes it.
  package let gradientCount: Int
  /// The bytes of scratch memory that an execution takes.
  package let scratchBytes: Int

  private let source: TensorLayout
  private let result: TensorLayout
  private let plainKernel: TensorLayout
  private let vector: TensorLayout
  private let forward: Step
  private let byWeights: Step
  private let bySource: Step?
  private let fromPlain: (forward: Primitive, bySource: Primitive?)
  private let toPlain: Primitive
  private let kernels: KernelMemory
  private let kernelsBySource: KernelMemory?

  /// A primitive with the order in which it has the kernels.
  private struct Step {
    let primitive: Primitive
    let kernel: TensorLayout
  }

  /// - Parameters:
  ///   - form: what it works on.
  ///   - wantsSourceGradient: whether the gradient by the source will be asked for.
  /// - Returns: `nil` where oneDNN has none that is worth while.
  /// - Throws: `ModelFileError` of kind `inputOutput` if there is no memory for the kernels.
  package convenience init?(
    _ form: ConvolutionForm, wantsSourceGradient: Bool
  ) throws(ModelFileError) {
    guard OneDNNLibrary.fault == nil, form.window.isOfOneDNN else { return nil }
    onednn_set_threads(1)
    let lanes = OneDNNLibrary.lanes
    var lanesOfBoth = [(source: 1, result: 1)]
    if lanes > 1 {
      let blocked = [(source: lanes, result: lanes), (source: 1, result: lanes)]
      lanesOfBoth = (form.source[0] < lanes ? blocked.reversed() : blocked) + lanesOfBoth
    }
    for lanes in lanesOfBoth {
      guard let choice = Choice(form, lanes, wantsSourceGradient) else { continue }
      try self.init(form, choice)
      return
    }
    return nil
  }

  /// Primitives for channels that lie in one way.
  private struct Choice {
    let source: TensorLayout
    let result: TensorLayout
    let lanes: (source: Int, result: Int)
    let plainKernel: TensorLayout
    let vector: TensorLayout
    let forward: Step
    let byWeights: Step
    let bySource: Step?
    let fromPlain: (forward: Primitive, bySource: Primitive?)
    let toPlain: Primitive

    init?(
      _ form: ConvolutionForm, _ lanes: (source: Int, result: Int), _ wantsSourceGradient: Bool
    ) {
      let kernel = form.kernel
      guard let source = TensorLayout.image([1] + form.source, lanes: lanes.source),
        let result = TensorLayout.image([1] + form.result, lanes: lanes.result),
        let any = TensorLayout.any(kernel), let plainKernel = TensorLayout.strided(kernel),
        let vector = TensorLayout.strided([form.result[0]])
      else { return nil }
      func step(_ direction: onednn_direction, _ argument: onednn_argument) -> Step? {
        let hasBiases = direction == onednn_forward && form.hasBiases
        guard
          let primitive = Primitive.convolution(
            form.window.inC, direction: direction, source: source, weights: any,
            biases: hasBiases ? vector : nil, destination: result),
          !primitive.implementation.hasPrefix("ref"),
          let kernel = primitive.layout(argument, kernel)
        else { return nil }
        return Step(primitive: primitive, kernel: kernel)
      }
      guard let forward = step(onednn_forward, onednn_weights),
        let byWeights = step(onednn_backward_weights, onednn_weights_gradient),
        let fromPlain = Primitive.reorder(source: plainKernel, destination: forward.kernel),
        let toPlain = Primitive.reorder(source: byWeights.kernel, destination: plainKernel)
      else { return nil }
      bySource = wantsSourceGradient ? step(onednn_backward_data, onednn_weights) : nil
      let back = bySource.flatMap {
        Primitive.reorder(source: plainKernel, destination: $0.kernel)
      }
      if wantsSourceGradient, back == nil { return nil }
      (self.source, self.result, self.plainKernel, self.vector) = (
        source, result, plainKernel, vector
      )
      (self.forward, self.byWeights) = (forward, byWeights)
      self.fromPlain = (fromPlain, back)
      self.toPlain = toPlain
      self.lanes = lanes
    }
  }

  private init(_ form: ConvolutionForm, _ choice: Choice) throws(ModelFileError) {
    (source, result) = (choice.source, choice.result)
    (plainKernel, vector) = (choice.plainKernel, choice.vector)
    (sourceLanes, resultLanes) = choice.lanes
    (forward, byWeights, bySource) = (choice.forward, choice.byWeights, choice.bySource)
    (fromPlain, toPlain) = (choice.fromPlain, choice.toPlain)
    sourceCount = source.byteCount / 4
    resultCount = result.byteCount / 4
    gradientCount = byWeights.kernel.byteCount / 4
    let used = [
      forward.primitive, byWeights.primitive, bySource?.primitive, fromPlain.forward,
      fromPlain.bySource, toPlain,
    ]
    scratchBytes = used.reduce(0) { Swift.max($0, $1?.scratch?.byteCount ?? 0) }
    kernels = try KernelMemory(byteCount: forward.kernel.byteCount)
    if let bySource {
      kernelsBySource = try KernelMemory(byteCount: bySource.kernel.byteCount)
    } else {
      kernelsBySource = nil
    }
  }

  /// Takes over the kernels, `[O, I, H, W]` in C order.
  package func load(_ plain: UnsafePointer<Float>, _ scratch: UnsafeMutableRawPointer?)
    throws(ModelFileError)
  {
    let plain = UnsafeMutableRawPointer(mutating: plain)
    try execute(
      fromPlain.forward, scratch, (onednn_source, plainKernel, plain),
      (onednn_destination, forward.kernel, kernels.memory.baseAddress))
    guard let primitive = fromPlain.bySource, let bySource, let kernelsBySource else { return }
    try execute(
      primitive, scratch, (onednn_source, plainKernel, plain),
      (onednn_destination, bySource.kernel, kernelsBySource.memory.baseAddress))
  }

  /// The convolution of a sample.
  package func result(
    of x: UnsafePointer<Float>, biases: UnsafePointer<Float>?, to y: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutableRawPointer?
  ) throws(ModelFileError) {
    try execute(
      forward.primitive, scratch, (onednn_source, source, UnsafeMutableRawPointer(mutating: x)),
      (onednn_weights, forward.kernel, kernels.memory.baseAddress),
      (onednn_destination, result, UnsafeMutableRawPointer(y)),
      biases.map { (onednn_biases, vector, UnsafeMutableRawPointer(mutating: $0)) })
  }

  /// The gradient by the kernels of one sample.
  package func gradientByWeights(
    of x: UnsafePointer<Float>, delta: UnsafePointer<Float>,
    to gradient: UnsafeMutablePointer<Float>, _ scratch: UnsafeMutableRawPointer?
  ) throws(ModelFileError) {
    try execute(
      byWeights.primitive, scratch, (onednn_source, source, UnsafeMutableRawPointer(mutating: x)),
      (onednn_destination_gradient, result, UnsafeMutableRawPointer(mutating: delta)),
      (onednn_weights_gradient, byWeights.kernel, UnsafeMutableRawPointer(gradient)))
  }

  /// A gradient by the kernels in the order of the kernels, `[O, I, H, W]`.
  package func plain(
    _ gradient: UnsafePointer<Float>, to plain: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutableRawPointer?
  ) throws(ModelFileError) {
    try execute(
      toPlain, scratch,
      (onednn_source, byWeights.kernel, UnsafeMutableRawPointer(mutating: gradient)),
      (onednn_destination, plainKernel, UnsafeMutableRawPointer(plain)))
  }

  /// The gradient by the source of one sample, if it was asked for when the object was made.
  package func gradientBySource(
    delta: UnsafePointer<Float>, to gradient: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutableRawPointer?
  ) throws(ModelFileError) {
    guard let bySource, let kernelsBySource else { return }
    try execute(
      bySource.primitive, scratch,
      (onednn_destination_gradient, result, UnsafeMutableRawPointer(mutating: delta)),
      (onednn_weights, bySource.kernel, kernelsBySource.memory.baseAddress),
      (onednn_source_gradient, source, UnsafeMutableRawPointer(gradient)))
  }

  private typealias Argument = (onednn_argument, TensorLayout, UnsafeMutableRawPointer?)

  private func execute(
    _ primitive: Primitive, _ scratch: UnsafeMutableRawPointer?, _ arguments: Argument?...
  ) throws(ModelFileError) {
    onednn_set_threads(1)
    var arguments = arguments.compactMap(\.self)
    if let layout = primitive.scratch { arguments.append((onednn_scratch, layout, scratch)) }
    try PrimitiveCall(primitive, arguments.map { ($0.0, 0, $0.1, $0.2) }).execute()
  }
}

extension TensorLayout {
  /// An image of the extents `[N, C, …]` with so many channels side by side.
  fileprivate static func image(_ extents: [Int], lanes: Int) -> TensorLayout? {
    image(extents, lanes == 1 ? .channelsFirst : .blocks(lanes))
  }
}
