import FileSupport
import ModelGraph

extension KerasLayers {
  /// The transpose of a convolution: each cell adds its kernel, scaled, to the output.
  public struct Conv2DTranspose: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Conv2DTranspose"
    /// The number of output channels.
    public let filters: Int
    /// Height and width of a kernel.
    public let kernelSize: [Int]
    /// Steps between neighbouring input cells in the output.
    public let strides: [Int]
    /// What happens at the border.
    public let padding: WindowPadding
    /// Whether there is a bias.
    public let usesBias: Bool
    /// The function applied to the result.
    public let activation: String
    /// Where the channels stand.
    public let layout: ImageLayout

    /// A transposed convolution without activation, channels last.
    public init(
      filters: Int, kernelSize: [Int], strides: [Int], padding: WindowPadding, usesBias: Bool
    ) {
      self.filters = filters
      self.kernelSize = kernelSize
      self.strides = strides
      self.padding = padding
      self.usesBias = usesBias
      activation = "linear"
      layout = .channelsLast
    }

    /// Reads `filters`, `kernel_size` and what else there is; dilation and output padding are not
    /// supported.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      filters = try configuration.integer("filters")
      kernelSize = try configuration.integers("kernel_size", count: 2)
      strides = try configuration.integers("strides", count: 2, default: [1, 1])
      padding = try configuration.padding()
      usesBias = try configuration.truth("use_bias", default: true)
      activation = try configuration.function("activation", default: "linear")
      layout = try configuration.layout()
      guard try configuration.integers("dilation_rate", count: 2, default: [1, 1]) == [1, 1] else {
        throw ModelFileError(
          .unsupported, at: [.option("dilation_rate")], "a dilated Conv2DTranspose is not supported"
        )
      }
      if let output = configuration.members["output_padding"], output != .null {
        throw ModelFileError(
          .unsupported, at: [.option("output_padding")],
          "a Conv2DTranspose with output padding is not supported")
      }
    }

    /// Keys that differ from Keras's defaults, and the two that have none.
    public var configuration: JSONObject {
      var members: JSONObject = [
        "filters": JSONValue(filters), "kernel_size": JSONValue(kernelSize),
      ]
      members.set("strides", JSONValue(strides), unless: [1, 1])
      members.set("padding", .string(padding.rawValue), unless: "valid")
      members.set("use_bias", .bool(usesBias), unless: true)
      members.set("activation", .string(activation), unless: "linear")
      members.set("data_format", .string(layout.kerasName), unless: "channels_last")
      return members
    }

    /// `valid`: `(in − 1) · stride + max(kernel, stride)`; `same`: `in · stride`.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      let spatial = layout.spatial(of: try inputs.singleImage())
      let extents = spatial.indices.map { axis in
        let spread = spatial[axis] * strides[axis]
        return padding == .same ? spread : spread + max(kernelSize[axis] - strides[axis], 0)
      }
      return layout.shape(channels: filters, spatial: extents)
    }

    /// `kernel [h, w, filters, in]`, `bias [filters]`
    public func variables(for inputs: [Shape]) throws(ModelFileError) -> [KerasVariableForm] {
      let channels = layout.channels(of: try inputs.singleImage())
      return [KerasVariableForm("kernel", Shape(kernelSize + [filters, channels]), .weights)]
        + (usesBias ? [KerasVariableForm("bias", [filters], .biases)] : [])
    }
  }
}
