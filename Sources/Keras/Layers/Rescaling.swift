import FileSupport
import ModelGraph

extension KerasLayers {
  /// `x · scale + offset`.
  public struct Rescaling: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Rescaling"
    /// The factor.
    public let scale: Double
    /// What is added.
    public let offset: Double

    /// An affine function.
    public init(scale: Double, offset: Double = 0) {
      self.scale = scale
      self.offset = offset
    }

    /// Reads `scale` and `offset`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      guard let scale = try configuration.number("scale") else {
        throw configuration.wrong("scale", expected: "a number")
      }
      self.scale = scale
      offset = try configuration.number("offset") ?? 0
    }

    /// `scale` and `offset`; Keras 3 can't read the layer without the latter, though it has a default.
    public var configuration: JSONObject {
      ["scale": .number(scale), "offset": .number(offset)]
    }
  }
}

extension KerasLayers.Rescaling {
  /// The affine function.
  public func lower(
    _ call: LayerCall, at site: inout LoweringSite
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let result = try site.apply(Affine(scale: scale, offset: offset), to: input)
    // Keras 2 loses the mask here.
    return [site.generation == .third ? result : KerasValue(result.node)]
  }
}
