import FileSupport
import ModelGraph

extension LearnedConstant: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let sample = try context.values(of: values, shape: context.shape)
    return context.result((0..<context.batch).flatMap { _ in sample })
  }
}

extension Zeros: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    context.result(inputs[0].values.map { _ in 0 })
  }
}

extension ZeroExtension: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let size = inputs[0].sampleCount
    let zeros = [Float](repeating: 0, count: count)
    return context.result(
      (0..<context.batch).flatMap { sample in
        inputs[0].values[(sample * size)..<((sample + 1) * size)] + zeros
      })
  }
}
