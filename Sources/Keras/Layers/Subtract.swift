import FileSupport
import ModelGraph

extension KerasLayers {
  /// The first value less the second; an extent of 1 is repeated.
  public struct Subtract: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Subtract"

    /// The layer.
    public init() {}

    /// Reads nothing: there are no keys.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {}

    /// No keys.
    public var configuration: JSONObject { [:] }

    /// The larger of the extents, axis by axis.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      try inputs.broadcast()
    }
  }
}
