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
    let spatial = [shape.height, shape.width]
    let isWhole = window.size == spatial && window.padding.allSatisfy { $0.before == 0 }
    let placement =
      rule == .maximum && isWhole && !output.isPlane
      ? PoolPlacement(whole: spatial) : PoolPlacement(window, over: spatial, in: context.dialect)
    guard let placement else {
      throw context.unsupported(
        "with this window", option: "pool_size",
        expected: "a square whose windows darknet's one number of cells around the image places",
        found: "\(window.size) with a padding of "
          + window.padding.map { "\($0.before) and \($0.after)" }.joined(separator: ", ")
          + " around \(spatial[0]) × \(spatial[1])")
    }
    return rule == .maximum
      ? try context.builder.add(MaxPool.self, placement.options, on: input, shape: output)
      : try context.builder.add(LocalAveragePool.self, placement.options, on: input, shape: output)
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
    case .maximum:
      let options = PoolPlacement(whole: [shape.height, shape.width]).options
      return try context.builder.add(MaxPool.self, options, on: input, shape: output)
    default:
      throw context.unsupported("to the \(rule.rawValue) of \(context.shapes[0])")
    }
  }
}
