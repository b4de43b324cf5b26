import FileSupport
import ModelGraph

extension KerasLayers {
  /// The elements in the same order under another shape.
  public struct Reshape: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Reshape"
    /// The extents; one of them may be −1 and is then worked out.
    public let targetShape: [Int]

    /// A reshaping.
    public init(_ shape: [Int]) { targetShape = shape }

    /// Reads `target_shape`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      targetShape = try configuration.integerList(
        "target_shape", in: -1...KerasConfiguration.largest)
    }

    /// `target_shape`
    public var configuration: JSONObject { ["target_shape": JSONValue(targetShape)] }

    /// The target shape; the number of elements must agree.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard let input = try inputs.single().known else {
        return KerasShape(targetShape.map { $0 < 0 ? nil : $0 })
      }
      var extents = targetShape
      if let open = extents.firstIndex(of: -1) {
        extents[open] = 1
        let rest = Shape(extents).elementCount
        extents[open] = rest == 0 ? 0 : input.elementCount / rest
      }
      guard extents.allSatisfy({ $0 >= 0 }), Shape(extents).elementCount == input.elementCount
      else {
        throw ModelFileError(
          .damaged, at: [.option("target_shape")], "reshapes to another number of elements",
          expected: "\(input)", found: "\(Shape(targetShape))")
      }
      return KerasShape(extents)
    }
  }
}

extension KerasLayers.Reshape {
  /// The shape.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = try outputShape(of: [KerasShape(context.shape(input))])
    return [try context.reshaped(input, to: try shape.closed())]
  }
}
