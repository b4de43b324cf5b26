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
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      var extents = try inputs.main().extents
      let position = try inputs.main().position(ofAxis: axis)
      for shape in inputs.dropFirst() {
        let other = shape.extents
        guard other.count == extents.count else {
          throw ModelFileError(.damaged, "joins values of different rank", found: "\(inputs)")
        }
        for index in extents.indices {
          if index == position {
            extents[index] = extents[index].flatMap { one in other[index].map { one + $0 } }
          } else {
            guard extents[index] == other[index] || extents[index] == nil || other[index] == nil
            else {
              throw ModelFileError(
                .damaged, "joins values whose shapes don't fit", found: "\(inputs)")
            }
            extents[index] = extents[index] ?? other[index]
          }
        }
      }
      return KerasShape(extents)
    }
  }
}
