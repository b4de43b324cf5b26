import FileSupport
import ModelGraph

extension KerasLayers {
  /// Values side by side along an axis.
  public struct Concatenate: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Concatenate"
    /// The axis, as Keras counts: the batch is 0, −1 is the last.
    public let axis: Int

    /// Side by side along the last axis.
    public init() { axis = -1 }

    /// Reads `axis`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      axis = try configuration.integer("axis", default: -1, in: -32...32)
    }

    /// `axis`
    public var configuration: JSONObject { ["axis": JSONValue(axis)] }

    /// The extents along the axis add up; the others must agree.
    public func outputShape(of inputs: [Shape]) throws(ModelFileError) -> Shape {
      guard var extents = inputs.first?.extents else {
        throw ModelFileError(.damaged, "joins nothing", expected: "at least one input")
      }
      let position = axis < 0 ? extents.count + axis : axis - 1
      guard extents.indices.contains(position) else {
        throw ModelFileError(
          .damaged, at: [.option("axis")], "there is no such axis",
          found: "axis \(axis) of \(Shape(extents))")
      }
      for shape in inputs.dropFirst() {
        var other = shape.extents
        guard other.indices.contains(position) else {
          throw ModelFileError(.damaged, "joins values of different rank", found: "\(inputs)")
        }
        extents[position] += other[position]
        other[position] = extents[position]
        guard other == extents else {
          throw ModelFileError(.damaged, "joins values whose shapes don't fit", found: "\(inputs)")
        }
      }
      return Shape(extents)
    }
  }
}
