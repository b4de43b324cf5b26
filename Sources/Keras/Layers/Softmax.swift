import FileSupport

extension KerasLayers {
  /// `eˣ / Σ eˣ` along some axes.
  public struct Softmax: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Softmax"
    /// The axes, as Keras counts them.
    public let axes: [Int]

    /// A softmax along the last axis.
    public init() { axes = [-1] }

    /// Reads `axis`, a number or a list.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      axes =
        configuration.members["axis"]?.elements == nil
        ? [try configuration.integer("axis", default: -1, in: -32...32)]
        : try configuration.integerList("axis", in: -32...32)
    }

    /// `axis`
    public var configuration: JSONObject {
      ["axis": axes.count == 1 ? JSONValue(axes[0]) : JSONValue(axes)]
    }
  }
}
