import FileSupport
import ModelGraph

extension LoweringContext {
  /// Puts an image's channels where the layer has them, and applies the function that the layer ends with, which goes
  /// by the axes as they are then.
  mutating func activate(
    _ image: KerasValue, with activation: KerasActivation, in layout: ImageLayout
  ) throws(ModelFileError) -> KerasValue {
    guard activation.isElementwise else {
      return try activate(try fromChannelsLast(image, to: layout), with: activation)
    }
    return try fromChannelsLast(try activate(image, with: activation), to: layout)
  }

  /// Applies the function that a layer ends with.
  mutating func activate(
    _ value: KerasValue, with activation: KerasActivation
  ) throws(ModelFileError) -> KerasValue {
    if let layer = activation.layer {
      try requireSameType(activation.policy, of: layer)
      guard let result = try layer.lower(LayerCall([value]), at: &self).first,
        shape(result) == shape(value)
      else {
        throw ModelFileError(
          .damaged, at: [.option("activation")], "a layer in place of a function changes the shape",
          found: "'\(activation.name.escapedForTerminal)'")
      }
      return result
    }
    if activation.isLinear { return value }
    if let function = KerasActivations.function(activation.name, generation) {
      return try apply(Activation(function), to: value)
    }
    switch activation.name {
    case "softmax": return try softmax(value, axes: [shape(value).rank - 1])
    case "glu": return try gatedLinearUnit(value)
    default: throw Self.unknown(activation)
    }
  }

  /// The formula of a function inside a recurrent cell, which calls it by this attribute.
  func function(
    of activation: KerasActivation, _ attribute: String = "activation"
  ) throws(ModelFileError) -> ActivationFunction {
    guard activation.layer == nil,
      let function = KerasActivations.function(activation.name, generation)
    else { throw Self.unknown(activation, attribute) }
    return function
  }

  /// `eˣ / Σ eˣ` along some axes together, counted from 0 behind the batch.
  mutating func softmax(
    _ value: KerasValue, axes: [Int]
  ) throws(ModelFileError) -> KerasValue {
    let shape = shape(value)
    guard axes.allSatisfy({ shape.extents.indices.contains($0) }) else {
      throw ModelFileError(
        .damaged, "takes the softmax along an axis that is not there", found: "\(shape)")
    }
    let others = (0..<shape.rank).filter { !axes.contains($0) }
    let order = others + axes
    let size = Shape(axes.map { shape.extents[$0] }).elementCount
    guard size > 0, shape.elementCount > 0 else { return value }
    let isLast = order == Array(0..<shape.rank)
    let sorted = isLast ? value : try apply(Transposition(order: order), to: value)
    let result = try apply(
      Softmax(groups: shape.elementCount / size, temperature: 1), to: sorted)
    guard !isLast else { return result }
    return try apply(
      Transposition(order: order.indices.map { order.firstIndex(of: $0) ?? $0 }), to: result)
  }

  /// The first half of the last axis times the logistic function of the second.
  private mutating func gatedLinearUnit(
    _ value: KerasValue
  ) throws(ModelFileError) -> KerasValue {
    let extents = shape(value).extents
    guard let width = extents.last, width > 0, width % 2 == 0 else {
      throw ModelFileError(
        .damaged, at: [.option("activation")], "glu takes an even number of values",
        found: "\(shape(value))")
    }
    let halves = [0, width / 2].map { start in
      Slice(
        axes: extents.dropLast().map { Slice.Axis(start: 0, count: $0, step: 1) }
          + [Slice.Axis(start: start, count: width / 2, step: 1)])
    }
    hasShapesOfItsOwn = true
    let first = try apply(halves[0], to: value)
    let gate = try apply(Activation(.logistic), to: try apply(halves[1], to: value))
    return KerasValue(try combine(.product, [first, gate]).node, mask: value.mask)
  }

  private static func unknown(
    _ activation: KerasActivation, _ attribute: String = "activation"
  ) -> ModelFileError {
    ModelFileError(
      .unsupported, at: [.option(attribute)],
      "the function '\(activation.name.escapedForTerminal)' can't be computed",
      remedy: "`nnfmt layers` lists what can be run")
  }
}
