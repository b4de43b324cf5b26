import COneDNN
import FileSupport
import ModelGraph

/// Numbers that don't change from run to run.
///
/// Invariant: after the object was made nothing writes to its memory, which it frees.
final class ConstantMemory: @unchecked Sendable {
  let memory: UnsafeMutableRawBufferPointer

  /// Memory of so many bytes that `fill` writes.
  init(
    byteCount: Int, fill: (UnsafeMutableRawBufferPointer) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    memory = try Memory.allocate(byteCount, inLargePages: true)
    do { try fill(memory) } catch {
      Memory.free(memory)
      throw error
    }
  }

  deinit { Memory.free(memory) }
}

extension PlanBuilder {
  /// Brings a parameter's numbers into `scratch`.
  ///
  /// - Throws: `ModelFileError` if it can't be loaded.
  func load(_ parameter: Parameter) throws(ModelFileError) {
    try loader.load(parameter, into: &scratch)
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
    try load(parameter)
    scratch.multiply(by: factors, threads: options.threads)
    return try constant(scratch, extents, strides: strides, in: layout)
  }

  /// The same of numbers that are there.
  func constant(
    _ values: [Float], _ extents: [Int], strides: [Int]? = nil, in layout: TensorLayout
  ) throws(ModelFileError) -> Operand {
    if !values.areFinite { areConstantsFinite = false }
    let source = try Self.existing(TensorLayout.strided(extents, strides))
    let memory = try ConstantMemory(byteCount: layout.byteCount) {
      (target) throws(ModelFileError) in
      if source.isSame(as: layout) {
        values.withUnsafeBytes { target.copyMemory(from: $0) }
        return
      }
      let primitive = try Self.existing(Primitive.reorder(source: source, destination: layout))
      try primitive.executeOnce(from: values, source, to: target, layout)
    }
    return Operand(place: .constant(memory), layout: layout)
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

extension Primitive {
  /// Executes a reordering of numbers now.
  fileprivate func executeOnce(
    from values: [Float], _ source: TensorLayout, to target: UnsafeMutableRawBufferPointer,
    _ destination: TensorLayout
  ) throws(ModelFileError) {
    let arguments = onednn_arguments_create(3)
    defer { onednn_arguments_free(arguments) }
    var space = [Float](repeating: 0, count: (scratch?.byteCount ?? 0) / 4 + 1)
    var status: Int32 = -1
    values.withUnsafeBytes { values in
      space.withUnsafeMutableBytes { space in
        guard let arguments,
          onednn_arguments_set(
            arguments, 0, onednn_source, 0, source.handle,
            UnsafeMutableRawPointer(mutating: values.baseAddress)) != 0,
          onednn_arguments_set(
            arguments, 1, onednn_destination, 0, destination.handle, target.baseAddress) != 0,
          onednn_arguments_set(
            arguments, 2, onednn_scratch, 0, (scratch ?? source).handle, space.baseAddress) != 0
        else { return }
        status = onednn_execute(handle, arguments)
      }
    }
    guard status == 0 else {
      throw ModelFileError(.internalFault, "oneDNN does not reorder weights", found: "\(status)")
    }
  }
}
