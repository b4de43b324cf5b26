import FileSupport
import ModelGraph

/// `[convolutional]`, with the normalization and the activation behind it.
extension Convolution: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (input, shape) = try borderedImage(context)
    let output = try context.outputShape()
    let geometry = try SquareWindow(window, context)
    let padding = try geometry.padding(
      border: input.border, over: [shape.height, shape.width], to: [output.height, output.width],
      context)
    try geometry.checkStrides(context)
    let ending = context.ending(isConvolution: true)
    var options = SectionOptions()
    options.set(Convolutional.batchNormalize, ending.normalization == nil ? 0 : 1)
    options.write(Convolutional.filters, output.channels)
    options.write(Convolutional.size, geometry.size)
    if geometry.strides[0] == geometry.strides[1] {
      options.write(Convolutional.stride, geometry.strides[0])
    } else {
      options.write(Convolutional.strideY, geometry.strides[0])
      options.write(Convolutional.strideX, geometry.strides[1])
    }
    options.set(Convolutional.padding, padding)
    options.set(Convolutional.dilation, geometry.dilation)
    options.set(Convolutional.groups, groups)
    options.write(Convolutional.activation, ending.activation)
    return try context.builder.add(
      Convolutional.self, options, on: RaisedValue(layer: input.layer), shape: output,
      arrays: try ending.arrays(weights: try OrderedTensor(weights), biases, context))
  }

  /// The image, which may have zeros around it, or the vector that a layer without axes takes.
  private func borderedImage(
    _ context: RaisingContext
  ) throws(ModelFileError) -> (value: RaisedValue, shape: LayerShape) {
    let input = try context.input()
    guard input.border.contains(where: { $0.total > 0 }) else { return try context.image() }
    return (input, context.builder.shape(of: input.layer))
  }
}

/// `[deconvolutional]`, which pjreddie's darknet has, with what follows it.
extension TransposedConvolution: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (input, _) = try context.image()
    let output = try context.outputShape()
    let geometry = try SquareWindow(window, context)
    let cells = crop[0].before
    guard geometry.strides[0] == geometry.strides[1], geometry.dilation == 1,
      crop.allSatisfy({ $0 == Padding(before: cells, after: cells) })
    else {
      throw context.unsupported(
        "whose border is not the same on all sides", option: "padding",
        expected: "one stride, no dilation, and as many cells cut off on each side",
        found: crop.map { "\($0.before) and \($0.after)" }.joined(separator: ", "))
    }
    let ending = context.ending(isConvolution: true)
    var options = SectionOptions()
    options.set(Convolutional.batchNormalize, ending.normalization == nil ? 0 : 1)
    options.write(Convolutional.filters, output.channels)
    options.write(Convolutional.size, geometry.size)
    options.write(Convolutional.stride, geometry.strides[0])
    options.set(Convolutional.padding, cells)
    options.write(Convolutional.activation, ending.activation)
    return try context.builder.add(
      Deconvolutional.self, options, on: input, shape: output,
      arrays: try ending.arrays(weights: try OrderedTensor(weights), biases, context))
  }
}

extension RaisingContext {
  /// The shape of the node's value as darknet has it.
  func outputShape() throws(ModelFileError) -> LayerShape {
    guard let shape = Self.layerShape(of: node.shape) else {
      throw unsupported("to \(node.shape), which is neither image nor vector")
    }
    return shape
  }
}

extension LayerEnding {
  /// The arrays of a layer with weights that ends so.
  func arrays(
    weights: OrderedTensor, _ biases: Parameter?, _ context: RaisingContext
  ) throws(ModelFileError) -> [ParameterRole: OrderedTensor] {
    var arrays: [ParameterRole: OrderedTensor]
    if let normalization {
      arrays = try normalization.arrays(in: context.dialect, behind: biases)
    } else if let biases {
      arrays = [.biases: try OrderedTensor(biases)]
    } else {
      let channels = context.node.shape.extents.last ?? 0
      arrays = [.biases: OrderedTensor(repeating: 0, count: channels)]
    }
    arrays[.weights] = weights
    return arrays
  }
}

/// A window as darknet's options give it: as high as it is wide.
struct SquareWindow {
  let size: Int
  /// Vertical, horizontal.
  let strides: [Int]
  let dilation: Int
  private let window: Window

  /// - Throws: `ModelFileError` of kind `unsupported` for other windows.
  init(_ window: Window, _ context: RaisingContext) throws(ModelFileError) {
    self.window = window
    guard window.size.count == 2, window.size[0] == window.size[1] else {
      throw context.unsupported(
        "with a window that is no square", option: "kernel_size",
        expected: "two equal extents", found: "\(window.size)")
    }
    guard window.dilation[0] == window.dilation[1] || window.size[0] == 1 else {
      throw context.unsupported(
        "with two dilations", option: "dilation_rate", expected: "two equal ones",
        found: "\(window.dilation)")
    }
    size = window.size[0]
    strides = window.strides
    dilation = size == 1 ? 1 : window.dilation[0]
  }

  /// The value of `padding` with which darknet's windows stand where these do: it puts as many cells on all
  /// four sides, what lies behind the last window makes no difference. `border` are zeros that stand around
  /// the image already, `spatial` is the image without them, `result` how many windows there are.
  func padding(
    border: [Padding], over spatial: [Int], to result: [Int], _ context: RaisingContext
  ) throws(ModelFileError) -> Int {
    let sides = zip(border, window.padding).map {
      Padding(before: $0.before.clampedSum($1.before), after: $0.after.clampedSum($1.after))
    }
    let cells = sides[0].before
    let padding = cells / dilation
    func counts(margin: Int, reach: Int) -> [Int] {
      zip(spatial, strides).map { extent, stride in
        let room = extent.clampedSum(margin.clampedProduct(2)).clampedSum(-reach)
        return room < 0 ? 0 : room / stride + 1
      }
    }
    // darknet's own formula, which leaves the dilation out, and how many windows it then computes.
    let stated = counts(margin: padding, reach: size)
    let computed = counts(margin: cells, reach: (size - 1).clampedProduct(dilation).clampedSum(1))
    guard sides.allSatisfy({ $0.before == cells }), padding * dilation == cells, stated == result,
      computed == result
    else {
      let found = sides.map { "\($0.before) and \($0.after)" }.joined(separator: ", ")
      throw context.unsupported(
        "with this padding", option: "padding",
        expected: "windows that begin as many cells in front of the image on both axes, and "
          + "(in + 2 · padding − size) / stride + 1 of them",
        found: "\(found) around \(spatial[0]) × \(spatial[1])"
          + (stated == result ? "" : ": \(result) windows, not darknet's \(stated)")
          + (stated == computed ? "" : ", of which it computes \(computed)"),
        remedy:
          "train it with ZeroPadding2D in front of a 'valid' convolution: (1, 0) on each axis for "
          + "3 × 3 windows with stride 2")
    }
    guard size > 1 || padding == 0 else {
      throw context.unsupported(
        "of one cell with padding, which darknet passes over", option: "padding")
    }
    return padding
  }

  /// Refuses strides that darknet's code passes over.
  func checkStrides(_ context: RaisingContext) throws(ModelFileError) {
    guard size > 1 || strides == [1, 1] || !context.dialect.passesOverStrides(strides) else {
      throw context.unsupported(
        "of one cell with these strides, which \(context.dialect.rawValue)'s code passes over",
        option: "strides", found: "\(strides)")
    }
  }
}
