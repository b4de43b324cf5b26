import FileSupport
import ModelGraph

/// A sum is a chain of `[shortcut]`, each with an activation that follows; a product by a number for each
/// channel or each pixel is `[scale_channels]`, one of equal shapes `[sam]`.
extension Combination: DarknetRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> RaisedValue {
    switch rule {
    case .sum: return try sum(site)
    case .product where site.inputs.count == 2: return try product(site)
    default: throw site.unsupported("by the rule '\(rule.rawValue)' of \(site.inputs.count) values")
    }
  }

  private func sum(_ site: RaisingSite) throws(ModelFileError) -> RaisedValue {
    guard let first = site.inputs.first else { throw site.unsupported("of nothing") }
    let shape = site.builder.shape(of: first.layer)
    let isEqual = site.inputs.allSatisfy {
      $0.order == first.order && site.builder.shape(of: $0.layer) == shape
    }
    guard shape.isImage, isEqual, Set(site.shapes).count == 1 else {
      throw site.unsupported("of values of different shape", found: "\(site.shapes)")
    }
    guard site.inputs.count > 1 else { return first }
    var value = first
    // The last layer first: it needs no [route].
    if site.inputs.count == 2, site.inputs[1].layer > first.layer { value = site.inputs[1] }
    let others = site.inputs.count == 2 && value != first ? [first] : Array(site.inputs.dropFirst())
    for (position, other) in others.enumerated() {
      var options = SectionOptions()
      options.write(Shortcut.from, [site.builder.reference(to: other)])
      let isLast = position == others.count - 1
      let ending =
        isLast
        ? site.ending(isConvolution: false, normalizes: false) : RaisingSite.Ending()
      options.write(Shortcut.activation, ending.activation)
      value = try site.builder.add(Shortcut.self, options, on: value, shape: shape)
    }
    return value.ordered(first.order)
  }

  private func product(_ site: RaisingSite) throws(ModelFileError) -> RaisedValue {
    let first = try site.channels(0)
    let second = try site.channels(1)
    // The factors are the layer in front, the image is named; of equals the later one is in front.
    let isSecondSmaller =
      (second.shape.count, first.value.layer) < (first.shape.count, second.value.layer)
    let image = isSecondSmaller ? first : second
    let factors = isSecondSmaller ? second : first
    var options = SectionOptions()
    options.write(ScaleChannels.from, site.builder.reference(to: image.value))
    if image.shape == factors.shape {
      return try site.builder.add(
        SpatialAttention.self, options, on: factors.value, shape: image.shape)
    }
    let isOfPixels =
      factors.shape.channels == 1 && factors.shape.height == image.shape.height
      && factors.shape.width == image.shape.width
    guard isOfPixels || (!factors.shape.isPlane && factors.shape.channels == image.shape.channels)
    else {
      throw site.unsupported("of these shapes", found: "\(site.shapes)")
    }
    if isOfPixels { options.write(ScaleChannels.scaleWH, 1) }
    return try site.builder.add(
      ScaleChannels.self, options, on: factors.value, shape: image.shape)
  }
}

/// `[route]`
extension Concatenation: DarknetRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> RaisedValue {
    let rank = site.node.shape.rank
    guard (axis ?? rank - 1) == rank - 1 else {
      throw site.unsupported("along another axis than the channels", option: "axis")
    }
    var values: [RaisedValue] = []
    for index in site.inputs.indices { values.append(try site.channels(index).value) }
    guard values.count > 1 else { return try site.input() }
    return try site.builder.route(values, shape: try site.outputShape())
  }
}

/// `[route]` of one of several equal groups of channels.
extension Slicing: DarknetRaisable {
  func raise(_ site: RaisingSite) throws(ModelFileError) -> RaisedValue {
    let (value, shape) = try site.channels()
    let whole = zip(axes, site.shapes[0].extents).allSatisfy { $0 == Axis(start: 0, count: $1) }
    if whole { return value }
    let spatial = zip(axes.dropLast(), site.shapes[0].extents)
    guard let group = axes.last, group.step == 1 || group.count == 1,
      spatial.allSatisfy({ $0 == Axis(start: 0, count: $1) }),
      shape.channels % group.count == 0, group.start % group.count == 0
    else {
      throw site.unsupported(
        "that takes anything but one of several equal groups of channels",
        found: axes.map { "\($0.count) from \($0.start)" }.joined(separator: ", "))
    }
    var options = SectionOptions()
    options.write(Route.groups, shape.channels / group.count)
    options.write(Route.groupID, group.start / group.count)
    return try site.builder.route([value], options: options, shape: try site.outputShape())
  }
}
