import FileSupport
import ModelGraph

extension KerasLayers {
  /// The transpose of a convolution of images.
  typealias Conv2DTranspose = TransposedConvolution

  /// The transpose of a convolution: each cell adds its kernel, scaled, to the output.
  struct TransposedConvolution: KeyedLayerClass {
    static let className = "Conv2DTranspose"
    /// Keras's names for other numbers of axes.
    static let aliases = ["Conv1DTranspose", "Conv3DTranspose"]
    var className: String = Self.className
    /// The number of output channels.
    var filters = 0
    /// The extents of a kernel.
    var kernelSize: [Int] = []
    /// Steps between neighbouring input cells in the output.
    var strides = [1, 1]
    /// What happens at the border.
    var padding = WindowPadding.valid
    /// Cells added behind the output; Keras's own choice without it.
    var outputPadding: [Int]?
    /// Distances between neighbouring cells of the kernel.
    var dilationRate = [1, 1]
    /// Whether there is a bias.
    var usesBias = true
    /// The function applied to the result.
    var activation = KerasActivation.linear
    /// Where the channels stand.
    var layout = ImageLayout.channelsLast

    static let keys: [KerasKey<Self>] = [
      .className(\.className), .integer("filters", \.filters, .required),
      .perAxis("kernel_size", \.kernelSize, nil), .perAxis("strides", \.strides, 1),
      .padding(\.padding), .perAxis("output_padding", \.outputPadding),
      .perAxis("dilation_rate", \.dilationRate, 1), .truth("use_bias", \.usesBias),
      .activation(\.activation), .layout(\.layout), .meaningless("groups") { $0.int == 1 },
    ]

    /// `valid`: `(in − 1) · stride + max(kernel, stride)`; `same`: `in · stride`. With output padding
    /// *p*: `(in − 1) · stride + kernel + p`, less twice half of the kernel for `same`.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let spatial = layout.spatial(of: try inputs.single(rank: kernelSize.count + 1))
      var extents: [Int?] = []
      for axis in spatial.indices {
        let covered = (kernelSize[axis] - 1) * dilationRate[axis] + 1
        let stride = strides[axis]
        extents.append(
          spatial[axis].map { extent in
            if let added = outputPadding?[axis] {
              let cut = padding == .same ? 2 * (covered / 2) : 0
              return max((extent - 1) * stride + covered - cut + added, 0)
            }
            return extent * stride + (padding == .same ? 0 : max(covered - stride, 0))
          })
      }
      return layout.shape(channels: filters, spatial: extents)
    }

    /// `kernel [h, w, filters, in]`, `bias [filters]`
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let image = try inputs.single(rank: kernelSize.count + 1)
      let channels = try layout.channels(of: image).closed()
      return [KerasVariableForm("kernel", Shape(kernelSize + [filters, channels]), .weights)]
        + (usesBias ? [KerasVariableForm("bias", [filters], .biases)] : [])
        + (try activation.variables { () throws(ModelFileError) in try outputShape(of: inputs) })
    }
  }
}

extension KerasLayers.TransposedConvolution {
  /// The operation, cut or extended to the shape that Keras gives it, and the function behind it.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    try context.refuseTurnedKernels()
    let input = try call.input()
    let output = try outputShape(of: [KerasShape(context.shape(input))]).closed()
    let image = try context.channelsLast(input, from: layout)
    let kernels = try context.parameter("kernel").kernelsFirst
    var crop: [Padding] = []
    for axis in kernelSize.indices {
      let covered = (kernelSize[axis] - 1) * dilationRate[axis] + 1
      let full = (context.shape(image).extents[axis] - 1) * strides[axis] + covered
      let total = full - layout.spatial(of: output)[axis]
      let before = padding == .same ? max(total, 0) / 2 : 0
      crop.append(Padding(before: before, after: total - before))
    }
    let result = try context.applyWithoutMask(
      ModelGraph.TransposedConvolution(
        strides: strides, dilation: dilationRate, crop: crop, weights: kernels,
        biases: usesBias ? try context.parameter("bias") : nil), to: image)
    if usesBias { try context.refuseDisputedBias(ofImage: context.shape(result), in: layout) }
    return [try context.activate(result, with: activation, in: layout)]
  }
}
