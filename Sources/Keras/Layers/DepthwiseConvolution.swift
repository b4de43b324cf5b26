import FileSupport
import ModelGraph

extension KerasLayers {
  /// A convolution of each channel of an image for itself.
  typealias DepthwiseConv2D = DepthwiseConvolution

  /// A convolution of each channel for itself with `depthMultiplier` kernels; the results of a channel
  /// lie side by side.
  struct DepthwiseConvolution: KeyedLayerClass {
    static let className = "DepthwiseConv2D"
    /// Keras's name for sequences.
    static let aliases = ["DepthwiseConv1D"]
    var className: String = Self.className
    /// The extents of a kernel.
    var kernelSize: [Int] = []
    /// Steps along each axis; Keras wants them equal.
    var strides = [1, 1]
    /// What happens at the border.
    var padding = WindowPadding.valid
    /// Distances between neighbouring cells of the kernel.
    var dilationRate = [1, 1]
    /// Kernels for each channel.
    var depthMultiplier = 1
    /// Whether there is a bias.
    var usesBias = true
    /// The function applied to the result.
    var activation = KerasActivation.linear
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .perAxis("kernel_size", \.kernelSize, nil),
      .perAxis("strides", \.strides, 1), .padding(\.padding, allowsCausal: true),
      .perAxis("dilation_rate", \.dilationRate, 1),
      .integer("depth_multiplier", \.depthMultiplier), .truth("use_bias", \.usesBias),
      .activation(\.activation), .layout(\.layout), .meaningless("groups") { $0.int == 1 },
    ]

    /// `[H′, W′, in · multiplier]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inputs.single(rank: kernelSize.count + 1)
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: image), size: kernelSize, strides: strides, dilation: dilationRate)
      return layout.shape(
        channels: layout.channels(of: image).map { $0 * depthMultiplier }, spatial: spatial)
    }

    /// `depthwise_kernel [h, w, in, multiplier]`, `bias [in · multiplier]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let image = try inputs.single(rank: kernelSize.count + 1)
      let channels = try layout.channels(of: image).closed()
      let kernel = Shape(kernelSize + [channels, depthMultiplier])
      return [KerasVariableForm("depthwise_kernel", kernel, .weights)]
        + (usesBias ? [KerasVariableForm("bias", [channels * depthMultiplier], .biases)] : [])
        + (try activation.variables { () throws(ModelFileError) in try outputShape(of: inputs) })
    }
  }

  /// A depthwise convolution and one by single cells, with nothing in between.
  struct SeparableConvolution: ReadOnlyLayerClass {
    static let className = "SeparableConv2D"
    /// Keras's name for sequences, and that of Keras 1.
    static let aliases = ["SeparableConv1D", "SeparableConvolution2D"]
    var className: String = Self.className
    /// The number of output channels.
    var filters = 0
    /// The first part. The bias and the activation that are read with it come behind the second one.
    var depthwise = DepthwiseConvolution()
    private var usesBias: Bool { depthwise.usesBias }
    private var activation: KerasActivation { depthwise.activation }
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .integer("filters", \.filters, .required), .part(\.depthwise),
    ]

    /// `[H′, W′, filters]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let layout = depthwise.layout
      let image = try depthwise.outputShape(of: inputs)
      return layout.shape(channels: filters, spatial: layout.spatial(of: image))
    }

    /// `depthwise_kernel`, `pointwise_kernel [1, 1, in · multiplier, filters]`, `bias [filters]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let kernel = try depthwise.variables(for: inputs)[0]
      let ones = [Int](repeating: 1, count: depthwise.kernelSize.count)
      let inner = kernel.shape.extents.suffix(2).reduce(1, *)
      let point = Shape(ones + [inner, filters])
      return [kernel, KerasVariableForm("pointwise_kernel", point, .weights)]
        + (usesBias ? [KerasVariableForm("bias", [filters], .biases)] : [])
        + (try activation.variables { () throws(ModelFileError) in try outputShape(of: inputs) })
    }
  }
}

extension KerasLayers.DepthwiseConvolution {
  /// The convolution and the function behind it.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let image = try context.channelsLast(input, from: layout)
    let operation = try operation(on: context.shape(image), at: &context)
    let bias = usesBias ? try context.parameter("bias") : nil
    let result = try context.applyWithoutMask(
      ModelGraph.Convolution(
        window: operation.window, groups: operation.groups, weights: operation.weights,
        biases: bias), to: image)
    if usesBias { try context.refuseDisputedBias(ofImage: context.shape(result), in: layout) }
    return [try context.activate(result, with: activation, in: layout)]
  }

  /// The operation without a bias on an image with its channels last; takes `depthwise_kernel`.
  fileprivate func operation(
    on image: Shape, at context: inout LoweringContext
  ) throws(ModelFileError) -> ModelGraph.Convolution {
    try context.refuseTurnedKernels()
    let stored = try context.parameter("depthwise_kernel")
    let rank = kernelSize.count
    let channels = stored.shape.extents[rank]
    let kernels = stored.permuted([rank, rank + 1] + Array(0..<rank))
      .reshaped(to: Shape([channels.clampedProduct(depthMultiplier), 1] + kernelSize))
    let window = try padding.window(
      over: Array(image.extents.dropLast()), size: kernelSize, strides: strides,
      dilation: dilationRate)
    return ModelGraph.Convolution(window: window, groups: channels, weights: kernels, biases: nil)
  }
}

extension KerasLayers.SeparableConvolution {
  /// Both convolutions and the function behind them.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let layout = depthwise.layout
    let image = try context.channelsLast(input, from: layout)
    let first = try context.applyWithoutMask(
      try depthwise.operation(on: context.shape(image), at: &context), to: image)
    let point = try context.parameter("pointwise_kernel").kernelsFirst
    let ones = depthwise.kernelSize.map { _ in 1 }
    let second = ModelGraph.Convolution(
      window: Window(size: ones, strides: ones, padding: ones.map { _ in Padding.none }), groups: 1,
      weights: point, biases: usesBias ? try context.parameter("bias") : nil)
    let result = try context.applyWithoutMask(second, to: first)
    if usesBias { try context.refuseDisputedBias(ofImage: context.shape(result), in: layout) }
    return [try context.activate(result, with: activation, in: layout)]
  }
}
