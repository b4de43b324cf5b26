import FileSupport
import ModelGraph

extension KerasLayers {
  /// The axes in another order.
  public struct Permute: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Permute"
    /// Which axis comes at each place, counted from 1, since 0 is the batch.
    public let order: [Int]

    /// An order of axes, counted from 1.
    public init(_ order: [Int]) { self.order = order }

    /// Reads `dims`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      order = try configuration.integerList("dims", in: 1...32)
      guard order.sorted() == Array(1...max(order.count, 1)) else {
        throw configuration.wrong("dims", expected: "every axis once")
      }
    }

    /// `dims`
    public var configuration: JSONObject { ["dims": JSONValue(order)] }

    /// The extents in the new order.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let shape = try inputs.single()
      guard shape.rank == order.count else {
        throw ModelFileError(
          .damaged, at: [.option("dims")], "orders another number of axes",
          expected: "\(shape.rank)", found: "\(order.count)")
      }
      return KerasShape(order.map { shape.extents[$0 - 1] })
    }
  }
}

extension KerasLayers.Permute {
  /// The order.
  public func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    return [try context.applyWithoutMask(Transposition(order: order.map { $0 - 1 }), to: input)]
  }
}
