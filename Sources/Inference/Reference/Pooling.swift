import FileSupport
import ModelGraph

extension Pooling: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let image = context.image(inputs[0])
    let input = image.shape.extents
    let (channels, height, width) = context.imageShape
    let rule = rule
    let rows = (0..<height).map { window.cells(axis: 0, at: $0, of: input[2]) }
    let columns = (0..<width).map { window.cells(axis: 1, at: $0, of: input[3]) }
    return context.imageResult(
      context.workers.fill(parts: context.batch * channels, of: height * width) { part, run in
        for (row, ys) in rows.enumerated() {
          for (column, xs) in columns.enumerated() {
            var largest = -Float.greatestFiniteMagnitude
            var sum = 0.0
            for y in ys {
              for x in xs {
                let value = image.values[(part * input[2] + y) * input[3] + x]
                if value > largest { largest = value }
                sum += Double(value)
              }
            }
            let count = Double(ys.count * xs.count)
            run[row * width + column] = rule == .maximum ? largest : Float(sum / count)
          }
        }
      })
  }
}

extension Window {
  /// The cell of the image under the *k*-th cell of the window; it may lie outside.
  func cell(axis: Int, at position: Int, _ k: Int) -> Int {
    position * strides[axis] + k * dilation[axis] - padding[axis].before
  }

  /// The cells of an image of this extent that a window sees along one axis.
  func cells(axis: Int, at position: Int, of extent: Int) -> [Int] {
    (0..<size[axis]).map { cell(axis: axis, at: position, $0) }.filter { (0..<extent) ~= $0 }
  }
}

extension GlobalAveragePooling: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let image = context.image(inputs[0])
    let count = image.shape.extents[2] * image.shape.extents[3]
    return context.result(
      context.workers.fill(parts: context.batch * image.shape.extents[1], of: 1) { part, run in
        let plane = image.values[(part * count)..<((part + 1) * count)]
        run[0] = Float(plane.reduce(0.0) { $0 + Double($1) } / Double(count))
      })
  }
}

extension ChannelMaximum: ReferenceKernel {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let image = context.image(inputs[0])
    let channels = image.shape.extents[1]
    let area = image.shape.extents[2] * image.shape.extents[3]
    let outputs = outputs
    return context.imageResult(
      context.workers.fill(parts: context.batch * outputs, of: area) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: outputs)
        for pixel in 0..<area {
          var largest = -Float.greatestFiniteMagnitude
          for source in stride(from: channel, to: channels, by: outputs) {
            largest = max(largest, image.values[(sample * channels + source) * area + pixel])
          }
          run[pixel] = largest
        }
      })
  }
}
