import FileSupport
import ModelGraph

/// `[convolutional]`, with the normalization and the activation behind it.
extension Convolution: DarknetRaisable {
  func raise(_ context: RaisingContext) throws(ModelFileError) -> RaisedValue {
    let (input, _) = try context.channels()
    let output = try context.outputShape()
    let geometry = try SquareWindow(window, context)
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
    options.set(Convolutional.padding, geometry.padding)
    options.set(Convolutional.dilation, geometry.dilation)
    options.set(Convolutional.groups, groups)
    options.write(Convolutional.activation, ending.activation)
    return try context.builder.add(
      Convolutional.self, options, on: RaisedValue(layer: input.layer), shape: output,
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

/// A window as darknet's options give it: as high as it is wide, with as many cells on all sides. A vector is an
/// image of one pixel.
struct SquareWindow {
  let size: Int
  /// Vertical, horizontal.
  let strides: [Int]
  let dilation: Int
  /// The cells on each side, before dilation multiplies them.
  let padding: Int

  /// - Throws: `ModelFileError` of kind `unsupported` for other windows.
  init(_ window: Window, _ context: RaisingContext) throws(ModelFileError) {
    guard window.size.count == 2 || window.size.isEmpty, Set(window.size).count <= 1,
      Set(window.dilation).count <= 1
    else {
      throw context.unsupported(
        "with a window that is no square", option: "kernel_size",
        expected: "two equal extents", found: "\(window.size)")
    }
    size = window.size.first ?? 1
    strides = window.strides.isEmpty ? [1, 1] : window.strides
    dilation = size == 1 ? 1 : window.dilation.first ?? 1
    let cells = window.padding.first?.before ?? 0
    padding = cells / dilation
    guard padding * dilation == cells,
      window.padding.allSatisfy({ $0 == Padding(before: cells, after: cells) })
    else {
      throw context.unsupported(
        "with this padding", option: "padding", expected: "as many cells on all sides",
        found: window.padding.map { "\($0.before) and \($0.after)" }.joined(separator: ", "))
    }
  }
}
