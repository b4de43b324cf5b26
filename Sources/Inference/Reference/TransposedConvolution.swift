import FileSupport
import ModelGraph

extension TransposedConvolution: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let image = context.image(inputs[0])
    let input = image.shape.extents
    let (channels, height, width) = context.imageShape
    let weights = try context.values(of: weights, shape: [input[1], channels, size, size])
    let biases = try context.optionalValues(of: biases, shape: [channels])
    let (size, stride, crop) = (size, stride, crop)
    return context.imageResult(
      context.workers.fill(parts: context.batch * channels, of: height * width) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
        var sums = [Double](repeating: Double(biases?[channel] ?? 0), count: height * width)
        for i in 0..<input[1] {
          for py in 0..<input[2] {
            for px in 0..<input[3] {
              let x = Double(
                image.values[((sample * input[1] + i) * input[2] + py) * input[3] + px])
              for ky in 0..<size {
                let y = py * stride + ky - crop
                guard y >= 0, y < height else { continue }
                let weight = ((i * channels + channel) * size + ky) * size
                for kx in 0..<size {
                  let column = px * stride + kx - crop
                  guard column >= 0, column < width else { continue }
                  sums[y * width + column] += x * Double(weights[weight + kx])
                }
              }
            }
          }
        }
        for index in sums.indices { run[index] = Float(sums[index]) }
      })
  }
}
