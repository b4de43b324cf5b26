import FileSupport
import ModelGraph

extension KerasLayers {
  /// Cross-correlation with `filters` kernels, in groups of channels.
  public typealias Conv2D = Convolution

  /// Cross-correlation with `filters` kernels, in groups of channels, along one to three axes.
  public struct Convolution: KerasLayerClass {
    /// Keras's name of the class for images.
    public static let className = "Conv2D"
    /// Keras's names for other numbers of axes, and those of Keras 1.
    public static let aliases = [
      "Conv1D", "Conv3D", "Convolution1D", "Convolution2D", "Convolution3D",
      "AtrousConvolution1D", "AtrousConvolution2D",
    ]
    /// Its name.
    public let className: String
    /// The number of output channels.
    public let filters: Int
    /// The extents of a kernel.
    public let kernelSize: [Int]
    /// Steps along each axis.
    public let strides: [Int]
    /// What happens at the border.
    public let padding: WindowPadding
    /// Distances between neighbouring cells of the kernel.
    public let dilationRate: [Int]
    /// Groups of channels that don't see each other.
    public let groups: Int
    /// Whether there is a bias.
    public let usesBias: Bool
    /// The function applied to the result.
    public let activation: KerasActivation
    /// Where the channels stand.
    public let layout: ImageLayout
    private let isFirstGeneration: Bool
    private let adapter: LowRankAdapter

    /// A convolution of images without activation, channels last.
    public init(
      filters: Int, kernelSize: [Int], strides: [Int], padding: WindowPadding, dilationRate: [Int],
      groups: Int, usesBias: Bool
    ) {
      className = Self.className
      self.filters = filters
      self.kernelSize = kernelSize
      self.strides = strides
      self.padding = padding
      self.dilationRate = dilationRate
      self.groups = groups
      self.usesBias = usesBias
      activation = .linear
      layout = .channelsLast
      isFirstGeneration = false
      adapter = .none
    }

    /// Reads `filters`, `kernel_size` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      className = configuration.className
      let rank = try SpatialClass.rank(of: className)
      let ones = [Int](repeating: 1, count: rank)
      filters = try configuration.integer("filters")
      kernelSize = try configuration.integers("kernel_size", count: rank)
      strides = try configuration.integers("strides", count: rank, default: ones)
      padding = try configuration.padding(allowsCausal: rank == 1)
      dilationRate = try configuration.integers("dilation_rate", count: rank, default: ones)
      groups = try configuration.integer("groups", default: 1)
      usesBias = try configuration.truth("use_bias", default: true)
      activation = try configuration.activation()
      layout = try configuration.layout()
      isFirstGeneration = configuration.isFirstGeneration
      adapter = try LowRankAdapter(configuration)
    }

    /// Keys that differ from Keras's defaults, and the two that have none.
    public var configuration: JSONObject {
      let ones = JSONValue([Int](repeating: 1, count: kernelSize.count))
      var members: JSONObject = [
        "filters": JSONValue(filters), "kernel_size": JSONValue(kernelSize),
      ]
      members.set("strides", JSONValue(strides), unless: ones)
      members.set("padding", .string(padding.rawValue), unless: "valid")
      members.set("dilation_rate", JSONValue(dilationRate), unless: ones)
      members.set("groups", JSONValue(groups), unless: 1)
      members.set("use_bias", .bool(usesBias), unless: true)
      members.set("activation", activation.json, unless: "linear")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[H′, W′, filters]`
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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
    public func variables(
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
      if isFirstGeneration, kernelSize.count == 1 { shape.insert(1, at: 1) }
      if isFirstGeneration, layout == .channelsFirst { shape = [filters, channels] + kernelSize }
      return adapter.beside(
        [KerasVariableForm("kernel", Shape(shape), .weights)]
          + (usesBias ? [KerasVariableForm("bias", [filters], .biases)] : []))
        + (try activation.variables { () throws(ModelFileError) in try outputShape(of: inputs) })
    }
  }
}

extension KerasLayers.Convolution {
  /// The convolution and the function behind it.
  public func lower(
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
