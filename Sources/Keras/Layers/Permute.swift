import FileSupport
import ModelGraph

extension KerasLayers {
  /// The axes in another order.
  struct Permute: KeyedLayerClass {
    static let className = "Permute"
    /// Which axis comes at each place, counted from 1, since 0 is the batch.
    var order: [Int] = []

    static let keys: [KerasKey<Self>] = [
      KerasKey("dims", \.order, .required, json: { JSONValue($0) }) {
        (configuration, _) throws(ModelFileError) in
        let order = try configuration.integerList("dims", in: 1...32)
        guard order.sorted() == Array(1...max(order.count, 1)) else {
          throw configuration.wrong("dims", expected: "every axis once")
        }
        return order
      }
    ]

    /// The extents in the new order.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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
  /// An order of axes, counted from 1.
  init(_ order: [Int]) { self.init(order: order) }

  /// The order.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let input = try call.input()
    _ = try outputShape(of: [KerasShape(context.shape(input))])
    return [try context.applyWithoutMask(Transposition(order: order.map { $0 - 1 }), to: input)]
  }
}
