import FileSupport
import ModelGraph

/// `[maxpool]`; `[local_avgpool]`, or `[avgpool]` where the window is the whole image.
extension Pooling: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (input, shape) = try context.image()
    let output = try context.outputShape()
    if rule == .average, window.size == [shape.height, shape.width], !output.isPlane,
      window.padding.allSatisfy({ $0.total == 0 })
    {
      return try context.builder.add(AveragePool.self, SectionOptions(), on: input, shape: output)
    }
    let geometry = try SquareWindow(window, context)
    let padding = try padding(
      over: [shape.height, shape.width], to: [output.height, output.width], geometry, context)
    var options = SectionOptions()
    options.write(PoolGeometry.size, geometry.size)
    if geometry.strides[0] == geometry.strides[1] {
      options.write(PoolGeometry.stride, geometry.strides[0])
    } else {
      options.write(PoolGeometry.strideY, geometry.strides[0])
      options.write(PoolGeometry.strideX, geometry.strides[1])
    }
    if padding != geometry.size - 1 { options.write(PoolGeometry.padding, padding) }
    return rule == .maximum
      ? try context.builder.add(MaxPool.self, options, on: input, shape: output)
      : try context.builder.add(LocalAveragePool.self, options, on: input, shape: output)
  }

  /// The cells on both sides together with which darknet's windows stand where these do; half of them, the
  /// smaller, are in front. Cells outside the image don't count in either.
  private func padding(
    over spatial: [Int], to result: [Int], _ geometry: SquareWindow, _ context: RaisingContext
  ) throws(ModelFileError) -> Int {
    let before = window.padding[0].before
    let fitting = [before.clampedProduct(2), before.clampedProduct(2).clampedSum(1)].first {
      total in
      window.padding[1].before == before
        && zip(zip(spatial, geometry.strides), result).allSatisfy { axis, count in
          let room = axis.0.clampedSum(total).clampedSum(-geometry.size)
          return room >= 0 && room / axis.1 + 1 == count
        }
    }
    guard geometry.dilation == 1, let fitting else {
      throw context.unsupported(
        "with this padding", option: "padding",
        expected: "windows that darknet's one number of cells around the image places",
        found: window.padding.map { "\($0.before) and \($0.after)" }.joined(separator: ", ")
          + " around \(spatial[0]) × \(spatial[1])")
    }
    return fitting
  }
}

/// The mean or the largest of each channel of an image: `[avgpool]`, or a `[maxpool]` of one window.
extension Reduce: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (input, shape) = try context.image()
    guard axes.sorted() == [0, 1] else {
      throw context.unsupported("along other axes than height and width", found: "\(axes)")
    }
    let output = LayerShape(vector: shape.channels)
    switch rule {
    case .mean:
      return try context.builder.add(AveragePool.self, SectionOptions(), on: input, shape: output)
    case .maximum where shape.height == shape.width:
      var options = SectionOptions()
      options.write(PoolGeometry.size, shape.height)
      options.write(PoolGeometry.stride, shape.height)
      if shape.height != 1 { options.write(PoolGeometry.padding, 0) }
      return try context.builder.add(MaxPool.self, options, on: input, shape: output)
    default:
      throw context.unsupported("to the \(rule.rawValue) of \(context.shapes[0])")
    }
  }
}
