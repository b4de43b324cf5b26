import FileSupport
import ModelGraph

/// A sum is a chain of `[shortcut]`, each with an activation that follows; a product by a number for each
/// channel or each pixel is `[scale_channels]`, one of equal shapes `[sam]`.
extension Elementwise: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    switch rule {
    case .sum: return try sum(context)
    case .product where context.inputs.count == 2: return try product(context)
    default:
      throw context.unsupported("by the rule '\(rule.rawValue)' of \(context.inputs.count) values")
    }
  }

  private func sum(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    guard let first = context.inputs.first else { throw context.unsupported("of nothing") }
    let shape = context.builder.shape(of: first.layer)
    let isEqual = context.inputs.allSatisfy {
      $0.order == first.order && context.builder.shape(of: $0.layer) == shape
    }
    guard shape.isImage, isEqual, Set(context.shapes).count == 1 else {
      throw context.unsupported("of values of different shape", found: "\(context.shapes)")
    }
    guard context.inputs.count > 1 else { return first }
    var value = first
    // The last layer first: it needs no [route].
    if context.inputs.count == 2, context.inputs[1].layer > first.layer {
      value = context.inputs[1]
    }
    let others =
      context.inputs.count == 2 && value != first ? [first] : Array(context.inputs.dropFirst())
    for (position, other) in others.enumerated() {
      var options = SectionOptions()
      options.write(Shortcut.from, [context.builder.reference(to: other)])
      let isLast = position == others.count - 1
      let ending =
        isLast
        ? context.ending(isConvolution: false, normalizes: false) : LayerEnding()
      options.write(Shortcut.activation, ending.activation)
      value = try context.builder.add(Shortcut.self, options, on: value, shape: shape)
    }
    return value.ordered(first.order)
  }

  private func product(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let first = try context.channels(0)
    let second = try context.channels(1)
    // The factors are the layer in front, the image is named; of equals the later one is in front.
    let isSecondSmaller =
      (second.shape.count, first.value.layer) < (first.shape.count, second.value.layer)
    let image = isSecondSmaller ? first : second
    let factors = isSecondSmaller ? second : first
    var options = SectionOptions()
    options.write(ScaleChannels.from, context.builder.reference(to: image.value))
    if image.shape == factors.shape {
      return try context.builder.add(
        SpatialAttention.self, options, on: factors.value, shape: image.shape)
    }
    let isOfPixels =
      factors.shape.channels == 1 && factors.shape.height == image.shape.height
      && factors.shape.width == image.shape.width
    guard isOfPixels || (!factors.shape.isPlane && factors.shape.channels == image.shape.channels)
    else {
      throw context.unsupported("of these shapes", found: "\(context.shapes)")
    }
    if isOfPixels { options.write(ScaleChannels.scaleWH, 1) }
    return try context.builder.add(
      ScaleChannels.self, options, on: factors.value, shape: image.shape)
  }
}

/// `[route]`
extension Concatenation: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let rank = context.node.shape.rank
    guard (axis ?? rank - 1) == rank - 1 else {
      throw context.unsupported("along another axis than the channels", option: "axis")
    }
    var values: [RaisedValue] = []
    for index in context.inputs.indices { values.append(try context.channels(index).value) }
    guard values.count > 1 else { return try context.input() }
    return try context.builder.route(values, shape: try context.outputShape())
  }
}

/// `[route]` of one of several equal groups of channels, or a `[crop]` of the cells in the middle.
extension Slice: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (value, shape) = try context.channels()
    let whole = zip(axes, context.shapes[0].extents).allSatisfy { $0 == Axis(start: 0, count: $1) }
    if whole { return value }
    if let cut = margins(of: context.shapes[0]), cut.count == 3, cut[2] == .none,
      cut.allSatisfy({ $0.before == $0.total / 2 })
    {
      let output = try context.outputShape()
      var options = SectionOptions()
      options.write(CropLayer.height, output.height)
      options.write(CropLayer.width, output.width)
      options.write(CropLayer.noadjust, 1)
      return try context.builder.add(CropLayer.self, options, on: value, shape: output)
    }
    let spatial = zip(axes.dropLast(), context.shapes[0].extents)
    guard let group = axes.last, group.step == 1 || group.count == 1,
      spatial.allSatisfy({ $0 == Axis(start: 0, count: $1) }),
      shape.channels % group.count == 0, group.start % group.count == 0
    else {
      throw context.unsupported(
        "that takes anything but one of several equal groups of channels",
        found: axes.map { "\($0.count) from \($0.start)" }.joined(separator: ", "))
    }
    var options = SectionOptions()
    options.write(Route.groups, shape.channels / group.count)
    options.write(Route.groupID, group.start / group.count)
    return try context.builder.route([value], options: options, shape: try context.outputShape())
  }
}
