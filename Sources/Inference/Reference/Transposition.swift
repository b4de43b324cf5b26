import FileSupport
import ModelGraph

extension Transposition: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let x = inputs[0]
    guard !x.values.isEmpty else { return context.result([]) }
    let gather = Gather(
      view: StridedView(contiguous: x.shape).permuted([0] + order.map { $0 + 1 }),
      elementSize: MemoryLayout<Float>.size)
    let values = [Float](unsafeUninitializedCapacity: x.values.count) { buffer, filled in
      x.values.withUnsafeBytes {
        gather.copy(
          from: $0, to: UnsafeMutableRawBufferPointer(buffer),
          usingThreads: context.workers.threads > 1)
      }
      filled = x.values.count
    }
    return context.result(values)
  }
}
