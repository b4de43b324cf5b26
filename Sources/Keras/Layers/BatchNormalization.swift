import FileSupport
import ModelGraph

extension KerasLayers {
  /// Normalization along one axis by running statistics: `γ · (x − mean) / √(variance + ε) + β`.
  public struct BatchNormalization: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "BatchNormalization"
    /// The axis that is normalized, as Keras counts: the batch is 0, −1 is the last.
    public let axis: Int
    /// ε
    public let epsilon: Double
    /// Whether there is a β.
    public let centers: Bool
    /// Whether there is a γ.
    public let scales: Bool

    /// A normalization of the channels, which are last.
    public init(epsilon: Double, centers: Bool, scales: Bool) {
      axis = -1
      self.epsilon = epsilon
      self.centers = centers
      self.scales = scales
    }

    /// Reads the axis, as a number or as tf_keras writes it, a list of one; and what else there is.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      if configuration.members["axis"]?.elements != nil {
        let axes = try configuration.integerList("axis", in: -32...32)
        guard axes.count == 1 else {
          throw ModelFileError(
            .unsupported, at: [.option("axis")],
            "a BatchNormalization along several axes is not supported", found: "\(axes)")
        }
        axis = axes[0]
      } else {
        axis = try configuration.integer("axis", default: -1, in: -32...32)
      }
      epsilon = try configuration.number("epsilon") ?? 1e-3
      centers = try configuration.truth("center", default: true)
      scales = try configuration.truth("scale", default: true)
    }

    /// The axis is a plain number: Keras 3 does not take a list in nested models.
    public var configuration: JSONObject {
      var members: JSONObject = ["axis": JSONValue(axis), "epsilon": .number(epsilon)]
      members.set("center", .bool(centers), unless: true)
      members.set("scale", .bool(scales), unless: true)
      return members
    }

    /// `gamma`, `beta`, `moving_mean`, `moving_variance`, each `[channels]`
    public func variables(for inputs: [KerasShape]) throws(ModelFileError) -> [KerasVariableForm] {
      let shape = try inputs.single()
      let channels: Shape = [try shape.extent(shape.position(ofAxis: axis))]
      return (scales ? [KerasVariableForm("gamma", channels, .scales)] : [])
        + (centers ? [KerasVariableForm("beta", channels, .biases)] : [])
        + [
          KerasVariableForm("moving_mean", channels, .rollingMean, isTrainable: false),
          KerasVariableForm("moving_variance", channels, .rollingVariance, isTrainable: false),
        ]
    }
  }
}

extension KerasLayers.BatchNormalization {
  /// The operation on the axis, which is made the last for it.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let rank = site.shape(input).rank
    let position = try KerasShape(site.shape(input)).position(ofAxis: axis)
    let gamma = scales ? try site.parameter("gamma") : nil
    let beta = centers ? try site.parameter("beta") : nil
    let mean = try site.parameter("moving_mean")
    let variance = try site.parameter("moving_variance")
    let operation = ModelGraph.BatchNormalization(
      divisor: .rootOfSum(epsilon: epsilon), scales: gamma, biases: beta, mean: mean,
      variance: variance)
    guard position != rank - 1 else { return [try site.apply(operation, to: input)] }
    let others = (0..<rank).filter { $0 != position }
    let moved = try site.apply(Transposition(order: others + [position]), to: input)
    let result = try site.apply(operation, to: moved)
    let back = Array(0..<position) + [rank - 1] + Array(position..<(rank - 1))
    return [try site.apply(Transposition(order: back), to: result)]
  }
}
