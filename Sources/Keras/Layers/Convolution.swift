import FileSupport
import ModelGraph

extension KerasLayers {
  /// Cross-correlation with `filters` kernels, in groups of channels.
  typealias Conv2D = Convolution

  /// Cross-correlation with `filters` kernels, in groups of channels, along one to three axes.
  struct Convolution: KeyedLayerClass {
    static let className = "Conv2D"
    /// Keras's names for other numbers of axes, and those of Keras 1.
    static let aliases = [
      "Conv1D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D",
      "AtrousConvolution1D", "AtrousConvolution2D",
    ]
    var className: String = Self.className
    /// The number of output channels.
    var filters = 0
    /// The extents of a kernel.
    var kernelSize: [Int] = []
    /// Steps along each axis.
    var strides = [1, 1]
    /// What happens at the border.
    var padding = WindowPadding.valid
    /// Distances between neighbouring cells of the kernel.
    var dilationRate = [1, 1]
    /// Groups of channels that don't see each other.
    var groups = 1
    /// Whether there is a bias.
    var usesBias = true
    /// The function applied to the result.
    var activation = KerasActivation.linear
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast
    var isFirstGeneration = false
    var adapter = LowRankAdapter()

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .integer("filters", \.filters, .required),
      .perAxis("kernel_size", \.kernelSize, nil), .perAxis("strides", \.strides, 1),
      .padding(\.padding, allowsCausal: true), .perAxis("dilation_rate", \.dilationRate, 1),
      .integer("groups", \.groups), .truth("use_bias", \.usesBias), .activation(\.activation),
      .layout(\.layout), .other(\.isFirstGeneration) { $0.isFirstGeneration }, .part(\.adapter),
    ]

    /// `[H′, W′, filters]`
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: image(inputs)), size: kernelSize,
        strides: strides, dilation: dilationRate)
      return layout.shape(channels: filters, spatial: spatial)
    }

    /// - Throws: `ModelFileError` of kind `unsupported` for a value with further axes in front, which Keras 2
    ///   takes for more samples; else `damaged`.
    private func image(_ inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard try inputs.single().rank <= kernelSize.count + 1 else {
        throw ModelFileError(
          .unsupported, "a convolution of values with further axes is not supported",
          expected: "\(kernelSize.count + 1) axes", found: "\(inputs)")
      }
      return try inputs.single(rank: kernelSize.count + 1)
    }

    /// `kernel [h, w, in / groups, filters]`, `bias [filters]`. Keras 1 keeps that of a sequence as an
    /// image one cell wide, and all of them the other way round where the channels come first.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let image = try image(inputs)
      let channels = try layout.channels(of: image).closed()
      guard channels % groups == 0, filters % groups == 0 else {
        throw ModelFileError(
          .damaged, at: [.option("groups")], "the channels can't be split into \(groups) groups",
          found: "\(channels) channels in, \(filters) out")
      }
      var shape = kernelSize + [channels / groups, filters]
      var older: KerasVariableForm.Older?
      if isFirstGeneration, layout == .channelsFirst {
        shape = [filters, channels] + kernelSize
        older = .turnedKernel
      } else if isFirstGeneration, kernelSize.count == 1 {
        shape.insert(1, at: 1)
        older = .imageKernel
      }
      return adapter.beside(
        [KerasVariableForm("kernel", Shape(shape), .weights).kept(older)]
          + (usesBias ? [KerasVariableForm("bias", [filters], .biases)] : []))
        + (try activation.variables { () throws(ModelFileError) in try outputShape(of: inputs) })
    }
  }
}

extension KerasLayers.Convolution {
  /// The convolution and the function behind it.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseTurnedKernels()
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    let image = try context.channelsLast(input, from: layout)
    try refuseDisputedStart(over: Array(context.shape(image).extents.dropLast()))
    let result = try context.applyWithoutMask(
      try operation(on: context.shape(image), at: &context), to: image)
    if usesBias { try context.refuseDisputedBias(ofImage: context.shape(result), in: layout) }
    return [try context.activate(result, with: activation, in: layout)]
  }

  /// Refuses a convolution along three axes with `same` padding whose windows leave two cells or more out: on a CPU
  /// TensorFlow leaves half of them out at the beginning, as if cells around the image were less than none (Eigen's
  /// `CuboidConvolution`), and elsewhere all at the end.
  private func refuseDisputedStart(over spatial: [Int]) throws(ModelFileError) {
    guard spatial.count == 3, padding == .same else { return }
    for (axis, extent) in spatial.enumerated() {
      let covered = (kernelSize[axis] - 1) * dilationRate[axis] + 1
      let leftOut = extent - padding.reach(over: extent, covered: covered, stride: strides[axis])
      guard leftOut >= 2 else { continue }
      throw ModelFileError(
        .unsupported, at: [.option("strides")],
        "where the first window of the convolution lies goes by what TensorFlow computes it on",
        expected: "padding 'valid', or windows that leave out one cell at most",
        found: "\(leftOut) cells left out of \(extent)")
    }
  }

  /// The operation on an image with its channels last; takes `kernel` and `bias`.
  private func operation(
    on image: Shape, at context: inout LoweringContext
  ) throws(ModelFileError) -> ModelGraph.Convolution {
    let stored = try context.parameter("kernel")
    let kernels: Parameter
    if isFirstGeneration, layout == .channelsFirst {
      kernels = stored
    } else if isFirstGeneration, kernelSize.count == 1 {
      let extents = stored.shape.extents
      kernels = stored.asStored([extents[0], extents[2], extents[3]]).kernelsFirst
    } else {
      kernels = stored.kernelsFirst
    }
    return ModelGraph.Convolution(
      window: try padding.window(
        over: Array(image.extents.dropLast()), size: kernelSize, strides: strides,
        dilation: dilationRate),
      groups: groups, weights: kernels, biases: usesBias ? try context.parameter("bias") : nil)
  }
}
