import COneDNN
import CWinograd
import FileSupport
import ModelGraph

/// A convolution with 3×3 kernels by Winograd's method (`spec/winograd.md`).
struct WinogradConvolution: Sendable {
  private let shape: winograd_shape
  private let epilogue: winograd_epilogue
  private let lanes: Int32
  private let threads: Int32

  /// Multiplications that one of the method's steps costs, for a vector of channels: the transforms of the input and
  /// of the sums of a tile, and of a kernel.
  private static let (inputCost, sumCost, kernelCost) = (150, 130, 72)

  /// The method for a convolution, where it is faster than the direct sum.
  ///
  /// - Parameters:
  ///   - window: how the kernel moves.
  ///   - source: `[N, C, H, W]`
  ///   - result: `[N, C, H, W]`
  ///   - orders: how the two lie.
  init?(
    _ convolution: Convolution, _ window: Window, source: [Int], result: [Int],
    orders: (source: ImageOrder, result: ImageOrder), _ epilogue: Epilogue, threads: Int
  ) {
    let lanes = OneDNNLibrary.lanes
    guard lanes > 0, winograd_lanes(Int32(lanes)) == lanes, convolution.groups == 1,
      window.size == [3, 3], window.strides == [1, 1], window.dilation == [1, 1],
      source[1].isMultiple(of: lanes), result[1].isMultiple(of: lanes),
      let after = epilogue.inWinograd,
      let sourceStrides = orders.source.winogradStrides(source, lanes: lanes),
      let resultStrides = orders.result.winogradStrides(result, lanes: lanes)
    else { return nil }
    let tiles = result[0] * ((result[2] + 3) / 4) * ((result[3] + 3) / 4)
    let pairs = source[1] * result[1]
    let direct = 9 * pairs * result[0] * result[2] * result[3]
    let own =
      40 * pairs * tiles + tiles * (source[1] * Self.inputCost + result[1] * Self.sumCost)
      + pairs * Self.kernelCost
    guard own < direct else { return nil }
    shape = winograd_shape(
      batch: Int32(source[0]), inputs: Int32(source[1]), outputs: Int32(result[1]),
      height: Int32(source[2]), width: Int32(source[3]),
      pad_top: Int32(window.padding[0].before), pad_left: Int32(window.padding[1].before),
      out_height: Int32(result[2]), out_width: Int32(result[3]), source: sourceStrides,
      destination: resultStrides)
    self.epilogue = after
    self.lanes = Int32(lanes)
    self.threads = Int32(threads)
  }

  /// The order that oneDNN's convolutions take images in on this machine.
  static var preferredOrder: ImageOrder { OneDNNLibrary.lanes == 8 ? .blocks(8) : .channelsLast }

  /// The bytes of scratch memory that a run takes.
  var scratchBytes: Int {
    withUnsafePointer(to: shape) { winograd_scratch_bytes($0, lanes, threads) }
  }

  /// The kernels `[O, I, 3, 3]` in the order in which they are read.
  ///
  /// - Throws: `ModelFileError` if there is no memory for them.
  func packed(_ weights: [Float]) throws(ModelFileError) -> KernelMemory {
    let count = withUnsafePointer(to: shape) { winograd_weight_count($0, lanes) }
    let kernels = try KernelMemory(byteCount: count * MemoryLayout<Float>.size)
    let packing = Packing(
      shape: shape, lanes: lanes,
      target: kernels.memory.bindMemory(to: Float.self).baseAddress)
    let blocks = Int(withUnsafePointer(to: shape) { winograd_blocks($0, lanes) })
    Threads.perform(blocks) { packing.pack($0, weights) }
    return kernels
  }

  /// Computes the convolution.
  func run(
    source: UnsafePointer<Float>?, weights: UnsafePointer<Float>?, biases: UnsafePointer<Float>?,
    residual: UnsafePointer<Float>?, destination: UnsafeMutablePointer<Float>?,
    scratch: UnsafeMutablePointer<Float>?
  ) {
    var call = Call(
      shape: shape, epilogue: epilogue,
      tensors: winograd_tensors(
        source: source, weights: weights, bias: biases, residual: residual,
        destination: destination, scratch: scratch),
      lanes: lanes, threads: threads)
    let phases = withUnsafePointer(to: shape) { winograd_phases($0, lanes, threads) }
    for phase in 0..<phases {
      call.phase = phase
      let shared = call
      OneDNNLibrary.perform(Int(threads)) { shared.run(Int32($0)) }
    }
  }

  /// What every thread of a phase is told.
  ///
  /// Invariant: the memory that `tensors` leads to outlives the object, and no two threads write to the same of it.
  private struct Call: @unchecked Sendable {
    let shape: winograd_shape
    let epilogue: winograd_epilogue
    let tensors: winograd_tensors
    let lanes: Int32
    let threads: Int32
    var phase: Int32 = 0

    func run(_ thread: Int32) {
      withUnsafePointer(to: shape) { shape in
        withUnsafePointer(to: epilogue) { epilogue in
          withUnsafePointer(to: tensors) { tensors in
            winograd_run_phase(shape, epilogue, tensors, lanes, phase, thread, threads)
          }
        }
      }
    }
  }

  /// Invariant: `target` is room for all blocks, of which each is written by one thread.
  private struct Packing: @unchecked Sendable {
    let shape: winograd_shape
    let lanes: Int32
    let target: UnsafeMutablePointer<Float>?

    func pack(_ block: Int, _ weights: [Float]) {
      withUnsafePointer(to: shape) {
        winograd_pack_weights($0, lanes, weights, target, Int32(block), 1)
      }
    }
  }
}

extension ImageOrder {
  /// The distances between neighbours of an image `[N, C, H, W]` that lies in this order, vector by vector of
  /// channels; `nil` if they don't lie side by side.
  fileprivate func winogradStrides(_ extents: [Int], lanes: Int) -> winograd_strides? {
    let (channels, height, width) = (extents[1], extents[2], extents[3])
    switch self {
    case .channelsFirst: return nil
    case .channelsLast:
      return winograd_strides(
        image: channels * height * width, block: lanes, row: width * channels, pixel: channels)
    case .blocks(let size):
      guard size == lanes else { return nil }
      return winograd_strides(
        image: channels * height * width, block: height * width * lanes, row: width * lanes,
        pixel: lanes)
    }
  }
}

extension Epilogue {
  /// The post-operations as the kernel has them: a function and an addition, in either order; else `nil`.
  fileprivate var inWinograd: winograd_epilogue? {
    var result = winograd_epilogue(
      activation: winograd_linear, parameter: 0, residual: winograd_no_residual)
    for operation in postOperations {
      switch operation {
      case .sum:
        result.residual =
          result.activation == winograd_linear
          ? winograd_residual_before : winograd_residual_after
      case .function(let function):
        guard result.activation == winograd_linear, let own = function.inWinograd else {
          return nil
        }
        (result.activation, result.parameter) = own
      }
    }
    return result
  }
}

extension EltwiseFunction {
  fileprivate var inWinograd: (winograd_activation, Float)? {
    switch kind {
    case onednn_eltwise_relu:
      alpha == 0 ? (winograd_relu, .infinity) : (winograd_leaky, alpha)
    case onednn_eltwise_clip where alpha == 0: (winograd_relu, beta)
    case onednn_eltwise_logistic: (winograd_logistic, 0)
    case onednn_eltwise_swish where alpha == 1: (winograd_swish, 0)
    case onednn_eltwise_mish: (winograd_mish, 0)
    default: nil
    }
  }
}

extension Convolution {
  /// Adds the step of Winograd's method, where it can be used and is faster.
  func buildByWinograd(
    _ group: NodeGroup, _ input: Int, _ window: Window, _ epilogue: Epilogue,
    _ builder: PlanBuilder
  ) throws(ModelFileError) -> Bool {
    let source = builder.imageExtents(of: input)
    let result = builder.imageExtents(of: group.last.id)
    guard builder.options.algorithms == .fastest, source.count == 4 else { return false }
    let preferred = WinogradConvolution.preferredOrder
    let given = try builder.image(input).layout.imageOrder ?? preferred
    let order = given == .channelsFirst ? preferred : given
    guard
      let convolution = WinogradConvolution(
        self, window, source: source, result: result, orders: (order, preferred), epilogue,
        threads: builder.options.threads)
    else { return false }
    try builder.load(weights, times: epilogue.factors)
    let kernels = try convolution.packed(builder.scratch)
    let biases = try epilogue.offsets.map { (offsets) throws(ModelFileError) in
      try builder.constant(offsets, [result[1]])
    }
    let from = try builder.image(input, in: try builder.imageLayout(of: input, order))
    let to = try builder.imageDestination(
      try builder.imageLayout(of: group.last.id, preferred), adding: epilogue.addend)
    let adds = epilogue.addend != nil
    let space = builder.newBuffer(
      try PlanBuilder.dense([convolution.scratchBytes / MemoryLayout<Float>.size]))
    builder.add(touching: [from, to, space]) { memory in
      let target = memory.numbers(to).baseAddress
      convolution.run(
        source: memory.numbers(from).baseAddress,
        weights: kernels.memory.bindMemory(to: Float.self).baseAddress,
        biases: biases.flatMap { memory.numbers($0).baseAddress }, residual: adds ? target : nil,
        destination: target, scratch: memory.numbers(space).baseAddress)
    }
    try builder.setImage(to, of: group.last.id)
    return true
  }
}
