import FileSupport
import ModelGraph

extension KerasLayers {
  /// A convolution whose kernels are different at every place. Keras 3 does not have it.
  ///
  /// Source: `tf_keras/src/layers/locally_connected`.
  struct LocallyConnected: ReadOnlyLayerClass {
    static let className = "LocallyConnected2D"
    /// That for sequences.
    static let aliases = ["LocallyConnected1D"]
    var className: String = Self.className
    /// The number of output channels.
    var filters = 0
    /// The extents of a kernel.
    var kernelSize: [Int] = []
    /// Steps along each axis.
    var strides = [1, 1]
    /// What happens at the border.
    var padding = WindowPadding.valid
    /// Whether there is a bias.
    var usesBias = true
    /// The function applied to the result.
    var activation = KerasActivation.linear
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast
    /// How the kernels are stored: as rows for each place, as a matrix from all cells to all cells, or as
    /// the numbers of that matrix that count.
    var implementation = 1
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .integer("filters", \.filters, .required),
      .perAxis("kernel_size", \.kernelSize, nil), .perAxis("strides", \.strides, 1),
      .padding(\.padding), .truth("use_bias", \.usesBias), .activation(\.activation),
      .layout(\.layout), .integer("implementation", \.implementation, in: 1...3),
    ]

    /// `[H′, W′, filters]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: inputs.single(rank: kernelSize.count + 1)), size: kernelSize,
        strides: strides)
      return layout.shape(channels: filters, spatial: spatial)
    }

    /// `kernel` as the implementation has it, `bias [H′, W′, filters]`.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single(rank: kernelSize.count + 1).closed()
      let output = try outputShape(of: inputs).closed()
      let places = Shape(layout.spatial(of: output))
      let cells = Shape(kernelSize + [layout.channels(of: input)]).elementCount
      let kernel: Shape =
        switch implementation {
        case 1: [places.elementCount, cells, filters]
        case 2: Shape(input.extents + output.extents)
        default: [places.elementCount.clampedProduct(cells).clampedProduct(filters)]
        }
      return [KerasVariableForm("kernel", kernel, .weights)]
        + (usesBias
          ? [KerasVariableForm("bias", Shape(places.extents + [filters]), .biases)] : [])
        + (try activation.variables { () throws(ModelFileError) in KerasShape(output) })
    }
  }
}

extension KerasLayers.LocallyConnected {
  /// Reads the keys, not all of which go together.
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    self = try Self.read(configuration)
    guard padding == .valid || implementation == 2 else {
      throw ModelFileError(
        .unsupported, at: [.option("implementation")],
        "kernels that reach over the border are read from implementation 2 only",
        found: "\(implementation)")
    }
    guard !configuration.isFirstGeneration else {
      throw ModelFileError(.unsupported, "a \(className) of Keras 1 is not supported")
    }
  }

  /// A product with the kernels of each place.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = context.shape(input)
    let output = try outputShape(of: [KerasShape(shape)]).closed()
    let kernel = try context.parameter("kernel")
    var result =
      implementation == 2
      ? try masked(kernel, input, output, &context)
      : try local(kernel, input, output, &context)
    if usesBias {
      // Where the channels come first, Keras takes the stored numbers in their order for those of channels.
      let bias = try context.parameter("bias").asStored(output)
      result = try context.combine(.sum, [result, try context.learned(bias, for: input)])
    }
    return [try context.activate(result, with: activation)]
  }

  /// The operation, which is one of images.
  private func local(
    _ kernel: Parameter, _ input: KerasValue, _ output: Shape, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let rank = kernelSize.count
    let image = try context.channelsLast(input, from: layout)
    let extents = context.shape(image).extents
    let channels = extents[rank]
    let places = Shape(layout.spatial(of: output)).elementCount
    let cells = Shape(kernelSize).elementCount
    // Axes of the stored kernel, brought to [places, filters, channels, cells].
    let weights: Parameter
    switch (implementation, layout) {
    case (1, .channelsLast):
      weights = kernel.asStored([places, cells, channels, filters]).permuted([0, 3, 2, 1])
    case (1, .channelsFirst):
      weights = kernel.asStored([places, channels, cells, filters]).permuted([0, 3, 1, 2])
    case (_, .channelsLast):
      weights = kernel.asStored([places, filters, cells, channels]).permuted([0, 1, 3, 2])
    case (_, .channelsFirst):
      weights = kernel.asStored([filters, places, channels, cells]).permuted([1, 0, 2, 3])
    }
    let ones = [Int](repeating: 1, count: 2 - rank)
    let size = ones + kernelSize
    let window = Window(
      size: size, strides: ones + strides, padding: size.map { _ in Padding.none })
    let spatial = ones + layout.spatial(of: output)
    let zeros = Parameter(
      "\(kernel.array).none", of: kernel.layer, role: .biases, shape: Shape([filters] + spatial),
      source: ZeroSource(count: places.clampedProduct(filters)))
    let wide = try context.reshaped(image, to: Shape(ones + extents))
    let result = try context.applyWithoutMask(
      ModelGraph.LocallyConnected(
        window: window, weights: weights.reshaped(to: Shape([places, filters, channels] + size)),
        biases: zeros), to: wide)
    let narrow = try context.reshaped(result, to: Shape(Array(spatial.suffix(rank)) + [filters]))
    return try context.fromChannelsLast(narrow, to: layout)
  }

  /// A product with a matrix, of which only what a window joins counts.
  private func masked(
    _ kernel: Parameter, _ input: KerasValue, _ output: Shape, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let shape = context.shape(input)
    let (cells, places) = (layout.spatial(of: shape), layout.spatial(of: output))
    // Unlike that of a convolution, the margin is half a kernel whatever the steps are.
    let before = kernelSize.map { padding == .same ? $0 / 2 : 0 }
    let (rows, columns) = (Shape(cells).elementCount, Shape(places).elementCount)
    guard rows.clampedProduct(columns) <= 1 << 26 else {
      throw ModelFileError(
        .damaged, "the kernel of a locally connected layer is larger than any memory",
        found: "\(kernel.shape)")
    }
    var mask = [Float](repeating: 1, count: 1)
    var extents: (Int, Int) = (1, 1)
    for axis in cells.indices {
      // The mask of all axes so far, times that of one more.
      let next = (extents.0 * cells[axis], extents.1 * places[axis])
      var wider = [Float](repeating: 0, count: next.0 * next.1)
      for row in 0..<next.0 {
        for column in 0..<next.1 {
          let first = column % places[axis] * strides[axis] - before[axis]
          guard (first..<(first + kernelSize[axis])).contains(row % cells[axis]) else { continue }
          wider[row * next.1 + column] =
            mask[row / cells[axis] * extents.1 + column / places[axis]]
        }
      }
      (mask, extents) = (wider, next)
    }
    let channels = layout.channels(of: shape)
    let isFirst = layout == .channelsFirst
    let all = try context.learned(
      kernel.asStored(
        isFirst ? [channels, rows, filters, columns] : [rows, channels, columns, filters]),
      for: input)
    let counted = try context.constant(
      mask, shape: isFirst ? [1, rows, 1, columns] : [rows, 1, columns, 1], for: input)
    let matrix = try context.reshaped(
      try context.combine(.product, [all, counted]), to: [shape.elementCount, output.elementCount])
    let row = try context.reshaped(input, to: [1, shape.elementCount])
    let product = try context.add(MatrixProduct(), on: [row.node, matrix.node])
    return try context.reshaped(KerasValue(product), to: output)
  }
}

/// Zeros of which none is stored.
private struct ZeroSource: TensorSource {
  let byteCount: Int

  init(count: Int) { byteCount = count.clampedProduct(ElementType.float32.byteCount) }

  func read(
    into buffer: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ModelFileError) {
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
  }
}
