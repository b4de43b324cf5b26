import FileSupport
import ModelGraph

extension KerasLayers {
  /// A convolution of each channel for itself with `depthMultiplier` kernels; the results of a channel
  /// lie side by side.
  public struct DepthwiseConv2D: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "DepthwiseConv2D"
    /// Height and width of a kernel.
    public let kernelSize: [Int]
    /// Steps down and to the right; Keras wants them equal.
    public let strides: [Int]
    /// What happens at the border.
    public let padding: WindowPadding
    /// Distances between neighbouring cells of the kernel.
    public let dilationRate: [Int]
    /// Kernels for each channel.
    public let depthMultiplier: Int
    /// Whether there is a bias.
    public let usesBias: Bool
    /// The function applied to the result.
    public let activation: String
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A convolution without activation, channels last.
    public init(
      kernelSize: [Int], strides: [Int], padding: WindowPadding, dilationRate: [Int],
      depthMultiplier: Int, usesBias: Bool
    ) {
      self.kernelSize = kernelSize
      self.strides = strides
      self.padding = padding
      self.dilationRate = dilationRate
      self.depthMultiplier = depthMultiplier
      self.usesBias = usesBias
      activation = "linear"
      layout = .channelsLast
    }

    /// Reads `kernel_size` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      kernelSize = try configuration.integers("kernel_size", count: 2)
      strides = try configuration.integers("strides", count: 2, default: [1, 1])
      padding = try configuration.padding()
      dilationRate = try configuration.integers("dilation_rate", count: 2, default: [1, 1])
      depthMultiplier = try configuration.integer("depth_multiplier", default: 1)
      usesBias = try configuration.truth("use_bias", default: true)
      activation = try configuration.function("activation", default: "linear")
      layout = try configuration.layout()
    }

    /// Keys that differ from Keras's defaults, and the one that has none.
    public var configuration: JSONObject {
      var members: JSONObject = ["kernel_size": JSONValue(kernelSize)]
      members.set("strides", JSONValue(strides), unless: [1, 1])
      members.set("padding", .string(padding.rawValue), unless: "valid")
      members.set("dilation_rate", JSONValue(dilationRate), unless: [1, 1])
      members.set("depth_multiplier", JSONValue(depthMultiplier), unless: 1)
      members.set("use_bias", .bool(usesBias), unless: true)
      members.set("activation", .string(activation), unless: "linear")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `[H′, W′, in · depthMultiplier]`
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let image = try inputs.singleImage()
      let spatial = try padding.outputExtents(
        of: layout.spatial(of: image), size: kernelSize, strides: strides, dilation: dilationRate)
      return layout.shape(
        channels: layout.channels(of: image) * depthMultiplier, spatial: spatial)
    }

    /// `depthwise_kernel [h, w, in, depthMultiplier]`, `bias [in · depthMultiplier]`
    public func variables(for inputs: [Shape]) throws(ModelFileError) -> [KerasVariableForm] {
      let channels = layout.channels(of: try inputs.singleImage())
      let kernel = Shape(kernelSize + [channels, depthMultiplier])
      return [KerasVariableForm("depthwise_kernel", kernel, .weights)]
        + (usesBias ? [KerasVariableForm("bias", [channels * depthMultiplier], .biases)] : [])
    }
  }
}
