import FileSupport
import ModelGraph

extension KerasLayers {
  /// Normalization of each sample along some axes: `γ · (x − mean) / √(variance + ε) + β`.
  public struct LayerNormalization: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "LayerNormalization"
    /// The axes that are normalized together, as Keras counts.
    public let axes: [Int]
    /// ε
    public let epsilon: Double
    /// Whether there is a β.
    public let centers: Bool
    /// Whether there is a γ.
    public let scales: Bool
    /// Whether it only divides by the root of the mean square.
    public let isRootMeanSquare: Bool
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `axis`, a number or a list, and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      axes = try configuration.axes(default: [-1])
      epsilon = try configuration.number("epsilon") ?? 1e-3
      centers = try configuration.truth("center", default: true)
      scales = try configuration.truth("scale", default: true)
      isRootMeanSquare = try configuration.truth("rms_scaling", default: false)
      self.configuration = configuration.members
    }

    /// `gamma` and `beta`, with an axis for each that is normalized.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      var extents: [Int] = []
      for axis in axes { extents.append(try input.extent(input.position(ofAxis: axis))) }
      let shape = Shape(extents)
      return (scales || isRootMeanSquare ? [KerasVariableForm("gamma", shape, .scales)] : [])
        + (centers && !isRootMeanSquare ? [KerasVariableForm("beta", shape, .biases)] : [])
    }
  }

  /// Normalization of groups of channels of each sample.
  public struct GroupNormalization: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "GroupNormalization"
    /// The number of groups; −1 makes one of each channel.
    public let groups: Int
    /// The axis of the channels, as Keras counts.
    public let axis: Int
    /// ε
    public let epsilon: Double
    /// Whether there is a β.
    public let centers: Bool
    /// Whether there is a γ.
    public let scales: Bool
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `groups`, `axis` and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      groups = try configuration.integer("groups", default: 32, in: -1...KerasConfiguration.largest)
      axis = try configuration.integer("axis", default: -1, in: -32...32)
      epsilon = try configuration.number("epsilon") ?? 1e-3
      centers = try configuration.truth("center", default: true)
      scales = try configuration.truth("scale", default: true)
      self.configuration = configuration.members
    }

    /// `gamma` and `beta`, each `[channels]`
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let input = try inputs.single()
      let channels: Shape = [try input.extent(input.position(ofAxis: axis))]
      return (scales ? [KerasVariableForm("gamma", channels, .scales)] : [])
        + (centers ? [KerasVariableForm("beta", channels, .biases)] : [])
    }
  }

  /// Division by the length along some axes.
  public struct UnitNormalization: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "UnitNormalization"
    /// The axes, as Keras counts.
    public let axes: [Int]
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `axis`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      axes = try configuration.axes(default: [-1])
      self.configuration = configuration.members
    }
  }

  /// Normalization by numbers that were worked out before the training.
  public struct Normalization: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Normalization"
    /// The axes that have numbers of their own, as Keras counts.
    public let axes: [Int]
    /// Whether it goes the other way.
    public let inverts: Bool
    /// Whether the numbers stand in the configuration, so that there are no variables.
    public let isConstant: Bool
    /// The configuration as the file has it.
    public let configuration: JSONObject

    /// Reads `axis`, `mean`, `variance`, `invert`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      let isWhole = configuration.members["axis"] == .null
      axes = isWhole ? [] : try configuration.axes(default: [-1])
      inverts = try configuration.truth("invert", default: false)
      isConstant = configuration.isSet("mean") && configuration.isSet("variance")
      self.configuration = configuration.members
    }

    /// `mean`, `variance`, and how many samples they were worked out of.
    public func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      guard !isConstant else { return [] }
      let input = try inputs.single()
      var extents: [Int] = []
      for axis in axes { extents.append(try input.extent(input.position(ofAxis: axis))) }
      return [
        KerasVariableForm("mean", Shape(extents), .rollingMean, isTrainable: false),
        KerasVariableForm("variance", Shape(extents), .rollingVariance, isTrainable: false),
        KerasVariableForm("count", [], .scales, isTrainable: false),
      ]
    }
  }
}
