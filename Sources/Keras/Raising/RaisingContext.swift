import FileSupport
import ModelGraph

/// Where a node becomes layers.
typealias RaisingContext = ModelGraph.RaisingContext<KerasModelBuilder>

extension RaisingContext {
  /// The name of the layer that carries the node's function.
  var name: String { builder.name(of: node) }

  /// The channels, height and width of an input that is an image.
  func image(_ index: Int = 0) throws(ModelFileError) -> (channels: Int, height: Int, width: Int) {
    guard shapes.indices.contains(index), shapes[index].rank == 3 else {
      throw unsupported("\(type(of: node.operation).caption) of what is no image")
    }
    let extents = shapes[index].extents
    return (extents[0], extents[1], extents[2])
  }

  /// Adds the layer that carries the node's function and its name.
  func main(
    _ layerClass: some KerasLayerClass, on inputs: KerasTensor...,
    variables: [String: VariableContent] = [:]
  ) throws(ModelFileError) -> KerasTensor {
    try main(layerClass, on: inputs, variables: variables)
  }

  /// Adds the layer that carries the node's function and its name.
  func main(
    _ layerClass: some KerasLayerClass, on inputs: [KerasTensor],
    variables: [String: VariableContent] = [:]
  ) throws(ModelFileError) -> KerasTensor {
    try builder.add(
      layerClass, named: name, on: inputs, variables: variables, source: node.layer)
  }

  /// Adds a further layer, named after the node and `suffix`.
  func helper(
    _ suffix: String, _ layerClass: some KerasLayerClass, on inputs: KerasTensor...,
    variables: [String: VariableContent] = [:]
  ) throws(ModelFileError) -> KerasTensor {
    try layer(layerClass, on: inputs, unlessLast: suffix, variables: variables)
  }

  /// Adds the main layer, or a further one where others follow it.
  func layer(
    _ layerClass: some KerasLayerClass, on input: KerasTensor, unlessLast suffix: String?,
    variables: [String: VariableContent] = [:]
  ) throws(ModelFileError) -> KerasTensor {
    try layer(layerClass, on: [input], unlessLast: suffix, variables: variables)
  }

  /// Adds the main layer, or a further one where others follow it.
  func layer(
    _ layerClass: some KerasLayerClass, on inputs: [KerasTensor], unlessLast suffix: String?,
    variables: [String: VariableContent] = [:]
  ) throws(ModelFileError) -> KerasTensor {
    let name = suffix.map { builder.freeName("\(self.name)_\($0)") } ?? self.name
    return try builder.add(
      layerClass, named: name, on: inputs, variables: variables, source: node.layer)
  }

  /// An image `[H, W, C]` as a flat value in the graph's order *C, H, W*.
  func flat(_ image: KerasTensor) throws(ModelFileError) -> KerasTensor {
    guard image.shape.rank > 1 else { return image }
    return try helper(
      "flat", KerasLayers.Flatten(),
      on: try helper("chw", KerasLayers.Permute([3, 1, 2]), on: image))
  }

  /// The error for what stock layers can't compute; the caller adds the layer.
  func unsupported(
    _ what: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .unsupported, "no stock layers of Keras compute exactly this: \(what)", expected: expected,
      found: found,
      remedy: "keep the darknet files for this network; nothing was written")
  }
}

extension Parameter {
  /// The view with an axis for each axis of the shape, which raising splits and permutes.
  func shapedView() throws(ModelFileError) -> StridedView {
    guard view.extents == shape.extents else {
      throw ModelFileError(
        .internalFault, "parameter '\(name)' of shape \(shape) is viewed as \(view.extents)")
    }
    return view
  }
}
