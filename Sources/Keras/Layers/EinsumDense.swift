import FileSupport
import ModelGraph

extension KerasLayers {
  /// A product with a kernel over axes that an equation names: `abc,cd->abd`.
  ///
  /// Source: `keras/src/layers/core/einsum_dense.py`, which has the same rules in tf_keras.
  struct EinsumDense: KeyedLayerClass {
    static let className = "EinsumDense"
    /// Layers that differ in training may be told so.
    static let callParameters = ["inputs", "training"]
    private var equation = EinsumEquation()
    private var outputExtents: [Int?] = []
    /// The letters of the axes that the bias has; empty if there is none.
    private var biasLetters = ""
    /// The function applied to the result.
    var activation = KerasActivation.linear
    private var adapter = LowRankAdapter()

    static let keys: [KerasKey<Self>] = [
      KerasKey("equation", \.equation, .required, json: { .string($0.text) }) {
        (configuration, _) throws(ModelFileError) in
        try EinsumEquation(try configuration.text("equation", default: ""))
      },
      KerasKey(
        "output_shape", \.outputExtents, .required,
        json: { .array($0.map { extent in extent.map { JSONValue($0) } ?? .null }) }
      ) { (configuration, _) throws(ModelFileError) in
        try configuration.openIntegers("output_shape")
      },
      .text("bias_axes", \.biasLetters), .activation(\.activation), .part(\.adapter),
    ]

    private var biasAxes: [EinsumEquation.Axis] { biasLetters.utf8.map { .letter($0) } }

    /// The extents that the equation's result has: those of the input, or those of `output_shape`.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.single()
      let axes = try equation.axes(rank: input.rank)
      let extents = try extents(axes, input)
      return KerasShape(axes.output.map { extents[$0] ?? nil })
    }

    /// `kernel` with the axes of the equation, `bias` with those of `bias_axes` and 1 between and behind
    /// them.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      let axes = try equation.axes(rank: input.rank)
      let extents = try extents(axes, input)
      var kernel: [Int] = []
      for axis in axes.kernel { kernel.append(try (extents[axis] ?? nil).closed()) }
      let forms = [KerasVariableForm("kernel", Shape(kernel), .weights)]
      let further = try activation.variables { () throws(ModelFileError) in
        try outputShape(of: inputs)
      }
      guard !biasLetters.isEmpty else { return adapter.beside(forms) + further }
      guard let first = axes.output.firstIndex(where: biasAxes.contains),
        biasAxes.allSatisfy(axes.output.contains)
      else {
        throw ModelFileError(
          .damaged, at: [.option("bias_axes")], "names an axis that the result does not have")
      }
      var bias: [Int] = []
      for axis in axes.output[first...] {
        bias.append(biasAxes.contains(axis) ? try (extents[axis] ?? nil).closed() : 1)
      }
      return adapter.beside(forms + [KerasVariableForm("bias", Shape(bias), .biases)]) + further
    }

    /// The extents by axis. Those of the result that have letters are told by `output_shape` too.
    private func extents(
      _ axes: EinsumEquation.Axes, _ input: KerasShape
    ) throws(ModelFileError) -> [EinsumEquation.Axis: Int?] {
      var extents: [EinsumEquation.Axis: Int?] = [:]
      for (axis, extent) in zip(axes.input, input.extents) {
        extents.updateValue(extent, forKey: axis)
      }
      let named = axes.output.filter { if case .letter = $0 { true } else { false } }
      guard named.count == outputExtents.count else {
        throw ModelFileError(
          .damaged, at: [.option("output_shape")],
          "has another number of extents than the equation",
          expected: "\(named.count)", found: "\(outputExtents.count)")
      }
      for (axis, told) in zip(named, outputExtents) {
        if let known = extents[axis] ?? nil, let told, known != told {
          throw ModelFileError(
            .damaged, at: [.option("output_shape")], "contradicts the layer's input",
            expected: "\(known)", found: "\(told)")
        }
        if extents[axis] ?? nil == nil { extents.updateValue(told, forKey: axis) }
      }
      return extents
    }
  }
}

extension KerasLayers.EinsumDense {
  /// The sums of the products with a kernel, and nothing behind them.
  ///
  /// - Throws: as the equation's initializer.
  init(_ equation: String, outputExtents: [Int]) throws(ModelFileError) {
    self.init()
    self.equation = try EinsumEquation(equation)
    self.outputExtents = outputExtents
  }

  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    guard try !configuration.isQuantized() else {
      throw ModelFileError(
        .unsupported, at: [.option("dtype")], "a quantized EinsumDense is not supported")
    }
    self = try Self.read(configuration)
  }

  /// The product, the bias and the function behind it. No mask goes through it.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = KerasShape(context.shape(input))
    _ = try outputShape(of: [shape])
    var result = try context.product(
      input, try context.parameter("kernel"), try equation.axes(rank: shape.rank))
    if !biasLetters.isEmpty {
      let bias = try context.parameter("bias")
      try context.refuseDisputedBias(bias.shape, on: context.shape(result), option: "bias_axes")
      result = try context.combine(.sum, [result, try context.learned(bias, for: input)])
    }
    return [try context.activate(KerasValue(result.node), with: activation)]
  }
}

extension KerasConfiguration {
  /// Extents, of which those that are open are `null`: a list, or one alone.
  func openIntegers(_ key: String) throws(ModelFileError) -> [Int?] {
    let value = value(key) ?? .null
    var result: [Int?] = []
    for element in value.elements ?? [value] {
      guard element != .null else {
        result.append(nil)
        continue
      }
      guard let number = element.int, (1...Self.largest).contains(number) else {
        throw wrong(key, expected: "extents, or null for open ones")
      }
      result.append(number)
    }
    return result
  }
}
