import FileSupport
import ModelGraph

extension KerasLayers {
  /// A fully connected layer along the last axis.
  struct Dense: KeyedLayerClass {
    static let className = "Dense"
    /// Layers that differ in training may be told so.
    static let callParameters = ["inputs", "training"]
    /// The number of outputs.
    var units = 0
    /// Whether there is a bias.
    var usesBias = true
    /// The function applied to the result.
    var activation = KerasActivation.linear
    /// Whether the kernel is stored in whole numbers of 8 bits, with a scale for each output.
    var isQuantized = false
    var adapter = LowRankAdapter()

    static let keys: [KerasKey<Self>] = [
      .integer("units", \.units, .required), .truth("use_bias", \.usesBias),
      .activation(\.activation), .quantized(\.isQuantized), .part(\.adapter),
    ]

    /// The last extent becomes `units`.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      KerasShape(try inputs.single().extents.dropLast() + [units])
    }

    /// `kernel [in, units]`, `bias [units]`; of a quantized layer also `kernel_scale [units]`. Then what a layer in
    /// place of the function has.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      let width = input.rank == 0 ? 1 : try input.lastExtent()
      let forms =
        [
          KerasVariableForm("kernel", [width, units], .weights, isTrainable: !isQuantized)
        ] + (usesBias ? [KerasVariableForm("bias", [units], .biases)] : [])
        + (isQuantized
          ? [KerasVariableForm("kernel_scale", [units], .scales, isTrainable: false)] : [])
      return adapter.beside(forms)
        + (try activation.variables { () throws(ModelFileError) in try outputShape(of: inputs) })
    }
  }
}

extension KerasLayers.Dense {
  /// One product for a vector; for a value of more axes a convolution by single cells, which is the same
  /// at every cell.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let rank = context.shape(input).rank
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let kernel = try context.parameter("kernel").permuted([1, 0])
    let bias = usesBias ? try context.parameter("bias") : nil
    let result: KerasValue
    if isQuantized {
      let scales = try context.parameter("kernel_scale")
      result = try context.apply(
        QuantizedProduct(weights: kernel, scales: scales, biases: bias), to: input)
    } else if rank <= 1 {
      result = try context.apply(FullyConnected(weights: kernel, biases: bias), to: input)
    } else {
      result = try byCells(input, kernel, bias, &context)
    }
    return [try context.activate(result, with: activation)]
  }

  /// The product at every cell. A convolution has at most three axes of cells, so that more are taken as one.
  private func byCells(
    _ input: KerasValue, _ kernel: Parameter, _ bias: Parameter?, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let extents = context.shape(input).extents
    let cells = Array(extents.dropLast())
    let axes = cells.count <= 3 ? cells : [cells.reduce(1, *)]
    let ones = [Int](repeating: 1, count: axes.count)
    let window = Window(size: ones, strides: ones, padding: ones.map { _ in Padding.none })
    let kernels = kernel.reshaped(to: Shape(kernel.shape.extents + ones))
    let folded = try context.reshaped(input, to: Shape(axes + extents.suffix(1)))
    let product = try context.apply(
      ModelGraph.Convolution(window: window, groups: 1, weights: kernels, biases: bias), to: folded)
    return KerasValue(
      try context.reshaped(product, to: Shape(cells + [units])).node, mask: input.mask)
  }
}
