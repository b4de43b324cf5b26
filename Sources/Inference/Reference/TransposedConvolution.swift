import FileSupport
import ModelGraph

extension TransposedConvolution: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let planes = image.shape.extents[1]
    let result = node.channelsFirstShape.extents
    let channels = result[0]
    let spatial = Array(result.dropFirst())
    let spread = Spread(
      places: Array(image.shape.extents.dropFirst(2)).inThreeAxes,
      axes: WindowAxes(window, image: spatial),
      weights: try node.values(of: weights, shape: Shape([planes, channels] + size)))
    let biases = try node.optionalValues(of: biases, shape: [channels])
    let count = spatial.reduce(1, *)
    return node.imageResult(
      node.workers.fill(parts: node.batch * channels, of: count) { part, run in
        let (sample, channel) = part.quotientAndRemainder(dividingBy: channels)
        var sums = [Double](repeating: Double(biases?[channel] ?? 0), count: count)
        for i in 0..<planes {
          spread.add(
            plane: sample * planes + i, of: image.values, kernel: i * channels + channel, to: &sums)
        }
        for index in sums.indices { run[index] = Scalar(sums[index]) }
      })
  }
}

/// How the cells of a plane are spread over the result. The window moves over the result and has a place
/// for each cell.
private struct Spread<Scalar: ReferenceScalar>: Sendable {
  /// The extents of the plane.
  let places: (depth: Int, height: Int, width: Int)
  /// The window over the result.
  let axes: WindowAxes
  /// The kernels.
  let weights: [Scalar]

  /// Adds the kernel of each cell, scaled, to the sums of one channel.
  ///
  /// A sum gets its products in the order of the cells: within a row the columns of the kernel are gone
  /// through from the last on, because the last one reaches a place from the first cell.
  func add(plane: Int, of cells: [Scalar], kernel: Int, to sums: inout [Double]) {
    let (depth, height, width) = (axes.depth, axes.height, axes.width)
    for pz in 0..<places.depth {
      for kz in 0..<depth.size {
        guard let z = depth.cell(at: pz, kz) else { continue }
        for py in 0..<places.height {
          let source = ((plane * places.depth + pz) * places.height + py) * places.width
          for ky in 0..<height.size {
            guard let y = height.cell(at: py, ky) else { continue }
            let target = (z * height.extent + y) * width.extent
            let weight = ((kernel * depth.size + kz) * height.size + ky) * width.size
            for kx in (0..<width.size).reversed() {
              let factor = Double(weights[weight + kx])
              let first = target + width.offset(of: kx)
              for px in width.places(of: kx, among: places.width) {
                sums[first + px * width.stride] += Double(cells[source + px]) * factor
              }
            }
          }
        }
      }
    }
  }
}
