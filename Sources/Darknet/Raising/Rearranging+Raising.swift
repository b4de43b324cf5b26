import FileSupport
import ModelGraph

/// No section: darknet's layers take what they need out of the memory of the one before. An image that is
/// made flat pixel by pixel is remembered as such until a fully connected layer takes it.
extension Reshaping: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let value = try context.input()
    let layer = context.builder.shape(of: value.layer)
    let isFlat = layer.channels == 1 || !layer.isPlane
    let target = shape.extents
    if value.order == .planes, shape.rank == 1 { return value.ordered(.own) }
    if value.order == .own, context.shapes[0].rank == 1,
      target == [layer.channels, layer.height, layer.width]
    {
      return value.ordered(.planes)
    }
    // Extents of 1 move nothing.
    if target.filter({ $0 != 1 }) == context.shapes[0].extents.filter({ $0 != 1 }),
      RaisingContext.layerShape(of: shape) == layer || shape.rank == 1
    {
      return value
    }
    if shape.rank == 1 { return value.ordered(isFlat ? value.order : .pixels) }
    if value.order == .pixels, target == [layer.height, layer.width, layer.channels] {
      return value.ordered(.own)
    }
    if isFlat, value.order == .own, RaisingContext.layerShape(of: shape) == layer { return value }
    throw context.unsupported(
      "from \(context.shapes[0]) to \(shape)", option: "target_shape",
      remedy: "darknet's layers keep the form of their image; only flattening can be expressed")
  }
}

/// No section: darknet's images are planes whatever the graph has in front.
extension Transposition: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let value = try context.input()
    switch (value.order, order) {
    case (.own, [2, 0, 1]): return value.ordered(.planes)
    case (.planes, [1, 2, 0]): return value.ordered(.own)
    default: throw context.unsupported("of the axes \(order)", option: "dims")
    }
  }
}

/// `[upsample]`
extension Repeat: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    if counts.allSatisfy({ $0 == 1 }) { return try context.input() }
    let (value, _) = try context.image()
    guard counts[0] == counts[1], counts[2] == 1 else {
      throw context.unsupported(
        "by two different numbers", option: "size", expected: "two equal numbers",
        found: "\(counts)")
    }
    var options = SectionOptions()
    options.write(Upsample.stride, counts[0])
    return try context.builder.add(
      Upsample.self, options, on: value, shape: try context.outputShape())
  }
}

/// `[reorg]`, `[reorg3d]`
extension SpaceToDepth: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (value, _) = try context.image()
    let output = try context.outputShape()
    var options = SectionOptions()
    options.write(Reorg.stride, block)
    if order == .reverseReorg { options.write(Reorg.reverse, 1) }
    return order == .blocks
      ? try context.builder.add(Reorg3D.self, options, on: value, shape: output)
      : try context.builder.add(Reorg.self, options, on: value, shape: output)
  }
}
