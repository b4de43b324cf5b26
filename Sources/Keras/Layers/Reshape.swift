import FileSupport
import ModelGraph

extension KerasLayers {
  /// The elements in the same order under another shape.
  struct Reshape: KeyedLayerClass {
    static let className = "Reshape"
    /// The extents; one of them may be −1 and is then worked out.
    var targetShape: [Int] = []

    static let keys: [KerasKey<Self>] = [
      KerasKey("target_shape", \.targetShape, .required, json: { JSONValue($0) }) {
        (configuration, _) throws(ModelFileError) in
        try configuration.integerList("target_shape", in: -1...KerasConfiguration.largest)
      }
    ]

    /// The target shape; the number of elements must agree.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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
  /// A reshaping.
  init(_ shape: [Int]) { self.init(targetShape: shape) }

  /// The shape.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    let shape = try outputShape(of: [KerasShape(context.shape(input))])
    return [try context.reshaped(input, to: try shape.closed())]
  }
}
