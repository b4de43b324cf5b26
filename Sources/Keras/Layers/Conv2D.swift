import FileSupport
import ModelGraph

extension KerasLayers {
  /// Cross-correlation of an image with `filters` kernels, in groups of channels.
  public struct Conv2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Conv2D"
    /// The number of output channels.
    public let filters: Int
    /// Height and width of a kernel.
    public let kernelSize: [Int]
    /// Steps down and to the right.
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
    public let activation: String
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A convolution without activation, channels last.
    public init(
      filters: Int, kernelSize: [Int], strides: [Int], padding: WindowPadding, dilationRate: [Int],
      groups: Int, usesBias: Bool
    ) {
      self.filters = filters
      self.kernelSize = kernelSize
      self.strides = strides
      self.padding = padding
      self.dilationRate = dilationRate
      self.groups = groups
      self.usesBias = usesBias
      activation = "linear"
      layout = .channelsLast
    }

    /// Reads `filters`, `kernel_size` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      filters = try configuration.integer("filters")
      kernelSize = try configuration.integers("kernel_size", count: 2)
      strides = try configuration.integers("strides", count: 2, default: [1, 1])
      padding = try configuration.padding()
      dilationRate = try configuration.integers("dilation_rate", count: 2, default: [1, 1])
      groups = try configuration.integer("groups", default: 1)
      usesBias = try configuration.truth("use_bias", default: true)
      activation = try configuration.function("activation", default: "linear")
      layout = try configuration.layout()
    }

    /// Keys that differ from Keras's defaults, and the two that have none.
    public var configuration: JSONObject {
      var members: JSONObject = [
        "filters": JSONValue(filters), "kernel_size": JSONValue(kernelSize),
      ]
      members.set("strides", JSONValue(strides), unless: [1, 1])
      members.set("padding", .string(padding.rawValue), unless: "valid")
      members.set("dilation_rate", JSONValue(dilationRate), unless: [1, 1])
      members.set("groups", JSONValue(groups), unless: 1)
      members.set("use_bias", .bool(usesBias), unless: true)
      members.set("activation", .string(activation), unless: "linear")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[H′, W′, filters]`
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: inputs.singleImage()), size: kernelSize, strides: strides,
        dilation: dilationRate)
      return layout.shape(channels: filters, spatial: spatial)
    }

    /// `kernel [h, w, in / groups, filters]`, `bias [filters]`
    public func variables(for inputs: [Shape]) throws(ModelFileError) -> [KerasVariableForm] {
      let channels = layout.channels(of: try inputs.singleImage())
      guard channels % groups == 0, filters % groups == 0 else {
        throw ModelFileError(
          .damaged, at: [.option("groups")], "the channels can't be split into \(groups) groups",
          found: "\(channels) channels in, \(filters) out")
      }
      let kernel = Shape(kernelSize + [channels / groups, filters])
      return [KerasVariableForm("kernel", kernel, .weights)]
        + (usesBias ? [KerasVariableForm("bias", [filters], .biases)] : [])
    }
  }
}
