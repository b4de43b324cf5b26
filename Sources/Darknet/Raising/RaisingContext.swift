import FileSupport
import ModelGraph

/// Where a node becomes sections.
typealias RaisingContext = ModelGraph.RaisingContext<SectionBuilder>

extension RaisingContext {
  /// By whose darknet the cfg is read.
  var dialect: Dialect { builder.dialect }

  // MARK: What it takes

  /// An input that is an image for darknet too, with its extents.
  func image(_ index: Int = 0) throws(ModelFileError) -> (value: RaisedValue, shape: LayerShape) {
    guard shapes.indices.contains(index), shapes[index].rank == 3 else {
      throw unsupported("of \(Self.list(shapes)), which is no image")
    }
    return try channels(index)
  }

  /// An input whose channels darknet knows as such: an image, or a vector, which it takes for an image of
  /// one pixel.
  func channels(
    _ index: Int = 0
  ) throws(ModelFileError) -> (value: RaisedValue, shape: LayerShape) {
    guard inputs.indices.contains(index), let expected = Self.layerShape(of: shapes[index]),
      inputs[index].order == .own, builder.shape(of: inputs[index].layer) == expected
    else {
      throw unsupported("of \(Self.list(shapes)), which the layer before has in another order")
    }
    return (inputs[index], expected)
  }

  /// darknet's form of a value: `[H, W, C]`, or `[C]` as one pixel.
  static func layerShape(of shape: Shape) -> LayerShape? {
    switch shape.rank {
    case 1: LayerShape(vector: shape.extents[0])
    case 3:
      LayerShape(channels: shape.extents[2], height: shape.extents[0], width: shape.extents[1])
    default: nil
    }
  }

  // MARK: What follows

  /// Takes the nodes behind this one into its section, if nothing else needs the values between.
  ///
  /// - Parameters:
  ///   - isConvolution: whether the section computes every activation.
  ///   - normalizes: whether it can have a normalization.
  func ending(isConvolution: Bool, normalizes: Bool = true) -> LayerEnding {
    let next = consumers.ending(of: node.id, normalizes: normalizes) { function in
      ActivationName(function, in: dialect).map { isConvolution || !$0.isOfConvolutionsOnly }
        ?? false
    }
    builder.absorb(next.nodes)
    let name = next.activation.flatMap { ActivationName($0, in: dialect) } ?? .linear
    return LayerEnding(normalization: next.normalization, activation: name)
  }

  /// Adds a convolution that takes each channel for itself and one pixel at a time: `scale · x + offset`,
  /// with a normalization or an activation that no other layer has.
  func pointwise(
    on value: RaisedValue, scale: Float = 1, offset: Float = 0,
    activation: ActivationName = .linear,
    normalization: BatchNormalization? = nil
  ) throws(ModelFileError) -> RaisedValue {
    let shape = builder.shape(of: value.layer)
    guard shape.isImage else { throw unsupported("behind a softmax") }
    var options = SectionOptions()
    if normalization != nil { options.write(Convolutional.batchNormalize, 1) }
    options.write(Convolutional.filters, shape.channels)
    options.write(Convolutional.size, 1)
    options.set(Convolutional.groups, shape.channels)
    options.write(Convolutional.activation, activation)
    var arrays = try normalization?.arrays(in: dialect, behind: nil) ?? [:]
    if normalization == nil {
      arrays[.biases] = OrderedTensor(repeating: offset, count: shape.channels)
    }
    arrays[.weights] = OrderedTensor(repeating: scale, count: shape.channels)
    return try builder.add(
      Convolutional.self, options, on: value, shape: shape, arrays: arrays
    ).ordered(value.order)
  }

  // MARK: Messages

  /// The error for what darknet can't compute of this node.
  func unsupported(
    _ what: String, option: String? = nil, expected: String? = nil, found: String? = nil,
    remedy: String? = nil
  ) -> ModelFileError {
    .unsupported(
      node.operation, in: dialect, what, option: option, expected: expected, found: found,
      remedy: remedy)
  }

  private static func list(_ shapes: [Shape]) -> String {
    shapes.map(\.description).joined(separator: " and ")
  }
}

extension ModelFileError {
  /// The error for what darknet can't compute: the name of the operation, then `what`; `option` is the
  /// property of the layer that it hangs on.
  static func unsupported(
    _ operation: any ModelGraph.Operation, in dialect: Dialect, _ what: String,
    option: String? = nil, expected: String? = nil, found: String? = nil, remedy: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .unsupported, at: option.map { [.option($0)] } ?? [],
      "no layers of \(dialect.rawValue)'s darknet compute exactly this: "
        + "\(type(of: operation).caption) \(what)",
      expected: expected, found: found, remedy: remedy)
  }
}

/// The normalization and the activation that a layer with weights ends with.
struct LayerEnding {
  /// The normalization of the layer's value, if one follows at once.
  var normalization: BatchNormalization?
  /// The activation of the result, `linear` if none follows at once.
  var activation = ActivationName.linear
}
