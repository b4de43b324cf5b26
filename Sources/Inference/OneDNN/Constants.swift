import COneDNN
import FileSupport
import ModelGraph

/// Memory of kernels and offsets, which don't change from run to run.
///
/// Invariant: who makes the object fills the memory before others see it; it is freed with the object.
final class KernelMemory: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer

  /// - Throws: `ModelFileError` of kind `inputOutput` if there is not so much memory.
  init(byteCount: Int) throws(ModelFileError) {
    memory = try Memory.allocate(byteCount, inLargePages: true)
  }

  deinit { Memory.free(memory) }
}

extension PlanBuilder {
  /// Brings a parameter's numbers into `scratch`.
  ///
  /// - Parameter factors: what each filter is multiplied by, rounding once.
  /// - Throws: `ModelFileError` if it can't be loaded.
  func load(_ parameter: Parameter, times factors: [Double]?) throws(ModelFileError) {
    try loader.load(parameter, into: &scratch)
    scratch.multiply(by: factors, threads: options.threads)
    if !scratch.areFinite { areConstantsFinite = false }
  }

  /// A parameter in the order that a primitive takes it in.
  ///
  /// - Parameters:
  ///   - parameter: the numbers, outermost those of a filter.
  ///   - factors: what each filter is multiplied by, rounding once.
  ///   - extents: the extents as the primitive sees them.
  ///   - strides: how the parameter lies under these; in C order if `nil`.
  ///   - layout: the order wanted.
  /// - Throws: `ModelFileError` if it can't be loaded.
  func constant(
    _ parameter: Parameter, times factors: [Double]?, _ extents: [Int], strides: [Int]? = nil,
    in layout: TensorLayout
  ) throws(ModelFileError) -> Operand {
    try load(parameter, times: factors)
    return try constantOfScratch(extents, strides: strides, in: layout)
  }

  /// The numbers in `scratch` in the order that a primitive takes them in.
  ///
  /// - Parameters: as those of ``constant(_:times:_:strides:in:)``.
  /// - Throws: `ModelFileError` if there is no memory for them.
  func constantOfScratch(
    _ extents: [Int], strides: [Int]? = nil, in layout: TensorLayout
  ) throws(ModelFileError) -> Operand {
    let source = try Self.existing(TensorLayout.strided(extents, strides))
    let kernels = try KernelMemory(byteCount: layout.byteCount)
    let primitive = try Self.existing(Primitive.reorder(source: source, destination: layout))
    let space = try KernelMemory(byteCount: primitive.scratch?.byteCount ?? 0)
    let outcome = scratch.withUnsafeMutableBytes { (values) -> Result<Void, ModelFileError> in
      var arguments: [PrimitiveCall.Argument] = [
        (onednn_source, 0, source, values.baseAddress),
        (onednn_destination, 0, layout, kernels.memory.baseAddress),
      ]
      if let layout = primitive.scratch {
        arguments.append((onednn_scratch, 0, layout, space.memory.baseAddress))
      }
      return Result { () throws(ModelFileError) in
        try PrimitiveCall(primitive, arguments).execute()
      }
    }
    try outcome.get()
    return Operand(place: .constant(kernels), layout: layout)
  }

  /// Offsets of filters, in C order.
  func constant(_ offsets: [Float], _ extents: [Int]) throws(ModelFileError) -> Operand {
    if !offsets.areFinite { areConstantsFinite = false }
    let layout = try Self.dense(extents)
    let kernels = try KernelMemory(byteCount: layout.byteCount)
    offsets.withUnsafeBytes { kernels.memory.copyMemory(from: $0) }
    return Operand(place: .constant(kernels), layout: layout)
  }
}

extension [Float] {
  /// Whether none is infinite or not a number.
  var areFinite: Bool {
    // Of whole numbers, because the compiler makes vector instructions of it: the exponents of what is not finite are
    // the largest.
    let infinity = Float.infinity.bitPattern
    return reduce(UInt32(0)) { Swift.max($0, $1.bitPattern & infinity) } < infinity
  }

  /// Multiplies equal stretches with a factor each, rounding once.
  mutating func multiply(by factors: [Double]?, threads: Int) {
    guard let factors, !factors.isEmpty else { return }
    let size = count / factors.count
    withUnsafeMutableBufferPointer { numbers in
      let stretches = Stretches(numbers: numbers, size: size)
      let share = (factors.count + threads - 1) / threads
      Threads.perform(threads) { thread in
        for index
          in (thread * share)..<Swift.max(
            thread * share, Swift.min((thread + 1) * share, factors.count))
        {
          stretches.multiply(index, by: factors[index])
        }
      }
    }
  }
}

/// Equal stretches of numbers.
///
/// Invariant: `numbers` outlives the object, and one thread at a time works on a stretch.
private struct Stretches: @unchecked Sendable {
  let numbers: UnsafeMutableBufferPointer<Float>
  let size: Int

  func multiply(_ stretch: Int, by factor: Double) {
    guard let first = numbers.baseAddress.map({ $0 + stretch * size }) else { return }
    for index in 0..<size { first[index] = Float(Double(first[index]) * factor) }
  }
}
