import FileSupport
import ModelGraph

extension KerasLayers {
  /// The transpose of a convolution of images.
  public typealias Conv2DTranspose = TransposedConvolution

  /// The transpose of a convolution: each cell adds its kernel, scaled, to the output.
  public struct TransposedConvolution: KerasLayerClass {
    /// Keras's name of the class for images.
    public static let className = "Conv2DTranspose"
    /// Keras's names for other numbers of axes.
    public static let aliases = ["Conv1DTranspose", "Conv3DTranspose"]
    /// Its name.
    public let className: String
    /// The number of output channels.
    public let filters: Int
    /// The extents of a kernel.
    public let kernelSize: [Int]
    /// Steps between neighbouring input cells in the output.
    public let strides: [Int]
    /// What happens at the border.
    public let padding: WindowPadding
    /// Cells added behind the output; Keras's own choice without it.
    public let outputPadding: [Int]?
    /// Distances between neighbouring cells of the kernel.
    public let dilationRate: [Int]
    /// Whether there is a bias.
    public let usesBias: Bool
    /// The function applied to the result.
    public let activation: KerasActivation
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A transposed convolution of images without activation, channels last.
    public init(
      filters: Int, kernelSize: [Int], strides: [Int], padding: WindowPadding, usesBias: Bool
    ) {
      className = Self.className
      self.filters = filters
      self.kernelSize = kernelSize
      self.strides = strides
      self.padding = padding
      self.usesBias = usesBias
      outputPadding = nil
      dilationRate = [Int](repeating: 1, count: kernelSize.count)
      activation = .linear
      layout = .channelsLast
    }

    /// Reads `filters`, `kernel_size` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      let rank = try SpatialClass.rank(of: className)
      let ones = [Int](repeating: 1, count: rank)
      filters = try configuration.integer("filters")
      kernelSize = try configuration.integers("kernel_size", count: rank)
      strides = try configuration.integers("strides", count: rank, default: ones)
      padding = try configuration.padding()
      outputPadding =
        configuration.isSet("output_padding")
        ? try configuration.integers(
          "output_padding", count: rank, in: 0...KerasConfiguration.largest) : nil
      dilationRate = try configuration.integers("dilation_rate", count: rank, default: ones)
      usesBias = try configuration.truth("use_bias", default: true)
      activation = try configuration.activation()
      layout = try configuration.layout()
    }

    /// Keys that differ from Keras's defaults, and the two that have none.
    public var configuration: JSONObject {
      let ones = JSONValue([Int](repeating: 1, count: kernelSize.count))
      var members: JSONObject = [
        "filters": JSONValue(filters), "kernel_size": JSONValue(kernelSize),
      ]
      members.set("strides", JSONValue(strides), unless: ones)
      members.set("padding", .string(padding.rawValue), unless: "valid")
      if let outputPadding { members["output_padding"] = JSONValue(outputPadding) }
      members.set("dilation_rate", JSONValue(dilationRate), unless: ones)
      members.set("use_bias", .bool(usesBias), unless: true)
      members.set("activation", activation.json, unless: "linear")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `valid`: `(in − 1) · stride + max(kernel, stride)`; `same`: `in · stride`. With output padding
    /// *p*: `(in − 1) · stride + kernel + p`, less twice half of the kernel for `same`.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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
    public func variables(
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
  public func lower(
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
