import FileSupport
import ModelGraph

extension Reshaping: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    node.inputs[0].reshaped(to: shape)
  }
}

extension BlockSum: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let extents = image.shape.extents
    let (_, height, width) = node.imageShape
    let (factor, scale) = (factor, scale)
    return node.imageResult(
      node.workers.fill(parts: extents[0] * extents[1], of: height * width) { part, run in
        for row in 0..<height {
          for column in 0..<width {
            var sum = 0.0
            for y in (row * factor)..<((row + 1) * factor) {
              let line = (part * extents[2] + y) * extents[3]
              for x in (column * factor)..<((column + 1) * factor) {
                sum += Double(image.values[line + x])
              }
            }
            run[row * width + column] = Scalar(scale * sum)
          }
        }
      })
  }
}

extension SpaceToDepth: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let image = node.image(node.inputs[0])
    let count = image.sampleCount
    let walk = BlockWalk(image: image.sample, block: block)
    let order = order
    return node.imageResult(
      node.workers.fill(parts: node.batch, of: count) { sample, run in
        let start = sample * count
        switch order {
        case .blocks: walk.blocks { run[$0] = image.values[start + $1] }
        case .reorg: walk.reorg { run[$0] = image.values[start + $1] }
        case .reverseReorg: walk.reorg { run[$1] = image.values[start + $0] }
        }
      })
  }
}

/// The pairs of positions between which ``SpaceToDepth`` moves cells.
private struct BlockWalk {
  /// `[C, H, W]` of the input.
  let image: Shape
  /// *s*
  let block: Int

  private var channels: Int { image.extents[0] }
  private var height: Int { image.extents[1] }
  private var width: Int { image.extents[2] }

  /// `[k, j, i]` of `[C·s², H/s, W/s]` and `[k mod C, j·s + (k / C) / s, i·s + (k / C) mod s]`.
  func blocks(_ body: (_ to: Int, _ from: Int) -> Void) {
    var to = 0
    for k in 0..<(channels * block * block) {
      let (offset, channel) = k.quotientAndRemainder(dividingBy: channels)
      for j in 0..<(height / block) {
        let y = j * block + offset / block
        for i in 0..<(width / block) {
          let x = i * block + offset % block
          body(to, (channel * height + y) * width + x)
          to += 1
        }
      }
    }
  }

  /// `[k, j, i]` of `[C, H, W]` and, in memory seen as `[C / s², H·s, W·s]`,
  /// `[k mod (C / s²), j·s + offset / s, i·s + offset mod s]` with `offset = k / (C / s²)`.
  func reorg(_ body: (_ flat: Int, _ spread: Int) -> Void) {
    var flat = 0
    let reduced = channels / (block * block)
    for k in 0..<channels {
      let (offset, channel) = k.quotientAndRemainder(dividingBy: reduced)
      for j in 0..<height {
        let y = j * block + offset / block
        for i in 0..<width {
          let x = i * block + offset % block
          body(flat, (channel * height * block + y) * width * block + x)
          flat += 1
        }
      }
    }
  }
}
