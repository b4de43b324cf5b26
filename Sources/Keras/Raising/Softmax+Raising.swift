import FileSupport
import ModelGraph

/// Softmax over the last axis, the groups being rows. An image is taken in the order *C, H, W*.
extension Softmax: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    let size = input.shape.elementCount
    guard groups > 0, size % groups == 0, [1, 3].contains(input.shape.rank) else {
      throw context.unsupported("a softmax of \(input.shape) in \(groups) groups")
    }
    let flat = try context.flat(input)
    let cooled = try context.cooled(flat, temperature)
    if groups == 1, input.shape.rank == 1 {
      return try context.main(KerasLayers.Softmax(), on: cooled)
    }
    let rows = try context.helper("rows", KerasLayers.Reshape([groups, size / groups]), on: cooled)
    let shares = try context.helper("shares", KerasLayers.Softmax(), on: rows)
    return try context.likeInput(shares)
  }
}

/// Softmax of each stretch, cut out of the value and put back beside the others.
extension GroupedSoftmax: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    let flat = try context.flat(input)
    let cooled = try context.cooled(flat, temperature)
    let count = flat.shape.elementCount
    let pixel = try context.helper("pixel", KerasLayers.Reshape([1, 1, count]), on: cooled)
    var parts: [KerasTensor] = []
    var start = 0
    for size in sizes {
      let part = try Margins(channels: start..<start + size, of: count).cut(
        from: pixel, at: context, suffix: "group")
      parts.append(try context.helper("shares", KerasLayers.Softmax(), on: part))
      start += size
    }
    let joined =
      parts.count == 1
      ? parts[0] : try context.layer(KerasLayers.Concatenate(), on: parts, unlessLast: "joined")
    return try context.likeInput(joined)
  }
}

/// Softmax over the channels, which are Keras's last axis.
extension PixelSoftmax: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    _ = try context.image()
    return try context.main(KerasLayers.Softmax(), on: try context.input())
  }
}

extension RaisingContext {
  /// The value over a temperature.
  fileprivate func cooled(
    _ flat: KerasTensor, _ temperature: Double
  ) throws(ModelFileError) -> KerasTensor {
    guard temperature != 1 else { return flat }
    return try helper("cooled", KerasLayers.Rescaling(scale: 1 / temperature), on: flat)
  }

  /// Numbers in the order *C, H, W* as the node's value, which has the shape of its input.
  fileprivate func likeInput(_ shares: KerasTensor) throws(ModelFileError) -> KerasTensor {
    let extents = shapes[0].extents
    guard extents.count == 3 else { return try main(KerasLayers.Reshape(extents), on: shares) }
    let outermost = try helper("result", KerasLayers.Reshape(extents), on: shares)
    return try main(KerasLayers.Permute([2, 3, 1]), on: outermost)
  }
}
