import FileSupport
import ModelGraph

extension Transposition: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let x = node.inputs[0]
    guard !x.values.isEmpty else { return node.result([]) }
    let gather = Gather(
      view: StridedView(contiguous: x.shape).permuted([0] + order.map { $0 + 1 }),
      elementSize: MemoryLayout<Scalar>.size)
    let values = [Scalar](unsafeUninitializedCapacity: x.values.count) { buffer, filled in
      x.values.withUnsafeBytes {
        gather.copy(
          from: $0, to: UnsafeMutableRawBufferPointer(buffer),
          usingThreads: node.workers.threads > 1)
      }
      filled = x.values.count
    }
    return node.result(values)
  }
}
