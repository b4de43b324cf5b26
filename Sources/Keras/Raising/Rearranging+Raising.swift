import FileSupport
import ModelGraph

/// Flatten and Reshape, with the Permute that the other order of the axes makes necessary.
extension Reshaping: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let input = try context.input()
    let from = context.shapes[0]
    if from == shape { return input }
    switch (from.rank, shape.rank) {
    case (3, 1) where input.elements == nil:
      if context.consumers.all(of: context.node.id, satisfy: { $0 is FullyConnected }) {
        var flat = try context.main(KerasLayers.Flatten(), on: input)
        flat.flattenedImage = from
        return flat
      }
      return try context.main(
        KerasLayers.Flatten(), on: try channelsOutermost(context, input, from))
    case (1, 3):
      return try image(context, input)
    case (3, 3) where input.elements == nil:
      return try image(context, try context.flat(input))
    case (_, 0): throw context.unsupported("a reshaping of \(from) to \(shape)")
    default:
      let elements = try context.elements(of: input)
      if shape.rank == 1 { return try context.main(KerasLayers.Flatten(), on: elements) }
      return try context.value(
        of: try context.helper("elements", KerasLayers.Reshape(shape.extents), on: elements))
    }
  }

  /// The image as `[C, H, W]`; one whose elements lie in that order anyway is left alone.
  private func channelsOutermost(
    _ context: RaisingContext, _ input: KerasTensor, _ from: Shape
  ) throws(ModelFileError) -> KerasTensor {
    if from.extents[0] == 1 || from.extents[1] * from.extents[2] == 1 { return input }
    return try context.helper("chw", KerasLayers.Permute([3, 1, 2]), on: input)
  }

  /// The elements *C, H, W* of a flat value as an image.
  private func image(
    _ context: RaisingContext, _ flat: KerasTensor
  ) throws(ModelFileError) -> KerasTensor {
    let target = KerasRaising.kerasShape(shape)
    if target.extents[2] == 1 || target.extents[0] * target.extents[1] == 1 {
      return try context.main(KerasLayers.Reshape(target.extents), on: flat)
    }
    return try context.value(
      of: try context.helper("chw", KerasLayers.Reshape(shape.extents), on: flat))
  }
}

/// Permute; none where an image was only brought into the order of its elements, or out of it.
extension Transposition: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    var source = try context.input()
    let out = AxisMove(to: .channelsLast)
    // The axis of the layer's value for each of the graph's.
    var axes = order.map { out.place(of: $0, rank: order.count) }
    if source.elements != nil {
      source = try context.elements(of: source)
      axes = order
    }
    let elements = try permuted(source, axes) { (layer, value) throws(ModelFileError) in
      try context.helper("elements", layer, on: value)
    }
    let positions = out.order(rank: order.count).map { axes[$0] }
    var value = try permuted(source, positions) { (layer, value) throws(ModelFileError) in
      try context.main(layer, on: value)
    }
    value.elements = KerasTensor.Elements(
      layer: elements.layer, call: elements.call, shape: elements.shape)
    return value
  }

  private func permuted(
    _ value: KerasTensor, _ axes: [Int],
    _ add: (KerasLayers.Permute, KerasTensor) throws(ModelFileError) -> KerasTensor
  ) throws(ModelFileError) -> KerasTensor {
    axes == Array(axes.indices)
      ? value : try add(KerasLayers.Permute(axes.map { $0 + 1 }), value)
  }
}

extension RaisingContext {
  /// A value with its elements in the C order that they have in the graph.
  fileprivate func elements(of value: KerasTensor) throws(ModelFileError) -> KerasTensor {
    if let elements = value.elements {
      return KerasTensor(layer: elements.layer, call: elements.call, shape: elements.shape)
    }
    let rank = value.shape.rank
    guard rank > 1 else { return value }
    let order = AxisMove(to: .channelsFirst).order(rank: rank).map { $0 + 1 }
    return try helper("elements", KerasLayers.Permute(order), on: value)
  }

  /// The node's value with these elements: what the graph has for channels comes last.
  fileprivate func value(of elements: KerasTensor) throws(ModelFileError) -> KerasTensor {
    let order = AxisMove(to: .channelsLast).order(rank: elements.shape.rank).map { $0 + 1 }
    var value = try main(KerasLayers.Permute(order), on: elements)
    value.elements = KerasTensor.Elements(
      layer: elements.layer, call: elements.call, shape: elements.shape)
    return value
  }
}

/// UpSampling2D.
extension Repeat: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    guard counts.count == 3, counts[0] == 1 else {
      throw context.unsupported("elements repeated \(counts) times")
    }
    return try context.main(
      KerasLayers.UpSampling2D(size: Array(counts[1...])), on: try context.input())
  }
}

/// AveragePooling2D, then Rescaling from means to sums.
extension BlockSum: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let size = [factor, factor]
    let mean = try context.helper(
      "mean", KerasLayers.AveragePooling2D(poolSize: size, strides: size, padding: .valid),
      on: try context.input())
    return try context.main(
      KerasLayers.Rescaling(scale: scale * Double(factor * factor)), on: mean)
  }
}

/// Reshape to one axis for each part of the index, Permute, Reshape.
extension SpaceToDepth: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    switch order {
    case .blocks: try blocks(context)
    case .reorg: try reorg(context)
    case .reverseReorg: try reverseReorg(context)
    }
  }

  /// `[H, W, C]` with H = H′s and W = W′s → `[H′, W′, s, s, C]`
  private func blocks(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    var input = try context.input()
    let (rows, columns) = (image.height / block, image.width / block)
    let rest = [
      Padding(before: 0, after: image.height % block),
      Padding(before: 0, after: image.width % block),
    ]
    if rest.contains(where: { $0.total > 0 }) {
      input = try context.helper("cut", KerasLayers.Cropping2D(rest), on: input)
    }
    let split = try context.helper(
      "split", KerasLayers.Reshape([rows, block, columns, block, image.channels]), on: input)
    let moved = try context.helper("move", KerasLayers.Permute([1, 3, 2, 4, 5]), on: split)
    return try context.main(
      KerasLayers.Reshape([rows, columns, image.channels * block * block]), on: moved)
  }

  /// The memory of `[C, H, W]` as `[C′, H, s, W, s]` with C = C′s² → `[s, s, C′, H, W]`, whose memory
  /// is the result `[C·s², H / s, W / s]`.
  private func reorg(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    let cells = block * block
    guard image.channels % cells == 0, image.height % block == 0, image.width % block == 0 else {
      throw context.unsupported("a reorg of \(context.shapes[0]) by \(block)")
    }
    let outermost = try context.helper(
      "chw", KerasLayers.Permute([3, 1, 2]), on: try context.input())
    let split = try context.helper(
      "split",
      KerasLayers.Reshape([image.channels / cells, image.height, block, image.width, block]),
      on: outermost)
    let moved = try context.helper("move", KerasLayers.Permute([3, 5, 1, 2, 4]), on: split)
    let joined = try context.helper(
      "join",
      KerasLayers.Reshape([image.channels * cells, image.height / block, image.width / block]),
      on: moved)
    return try context.main(KerasLayers.Permute([2, 3, 1]), on: joined)
  }

  /// `[H, W, s, s, C′]` with C = C′s² → `[H, s, W, s, C′]`
  private func reverseReorg(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    let cells = block * block
    guard image.channels % cells == 0 else {
      throw context.unsupported("a reversed reorg of \(image.channels) channels by \(block)")
    }
    let split = try context.helper(
      "split",
      KerasLayers.Reshape([image.height, image.width, block, block, image.channels / cells]),
      on: try context.input())
    let moved = try context.helper("move", KerasLayers.Permute([1, 3, 2, 4, 5]), on: split)
    return try context.main(
      KerasLayers.Reshape([image.height * block, image.width * block, image.channels / cells]),
      on: moved)
  }
}

/// Reshape and Permute: Keras has the elements of an image in that order anyway.
extension Interleaving: KerasRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> KerasTensor {
    let image = try context.image()
    let input = try context.input()
    if isReverse {
      let outermost = try context.helper("chw", KerasLayers.Permute([3, 1, 2]), on: input)
      return try context.main(
        KerasLayers.Reshape([image.height, image.width, image.channels]), on: outermost)
    }
    let outermost = try context.helper(
      "chw", KerasLayers.Reshape(context.shapes[0].extents), on: input)
    return try context.main(KerasLayers.Permute([2, 3, 1]), on: outermost)
  }
}
