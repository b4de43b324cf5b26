import FileSupport
import ModelGraph

extension KerasLayers {
  /// Values side by side along an axis.
  struct Concatenate: KeyedLayerClass {
    static let className = "Concatenate"
    /// The axis, as Keras counts: the batch is 0, −1 is the last.
    var axis = -1

    static let keys: [KerasKey<Self>] = [.integer("axis", \.axis, .written, in: -32...32)]

    /// The extents along the axis add up; the others must agree.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
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

extension KerasLayers.Concatenate {
  /// The values side by side. Values behind each other in time keep the marks of their own; else a step counts in Keras 2
  /// if it does in all values, in Keras 3 if it does in any (`concatenate.py: compute_mask`).
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let shapes = call.inputs.map { KerasShape(context.shape($0)) }
    _ = try outputShape(of: shapes)
    let position = try shapes.main().position(ofAxis: axis)
    let node = try context.add(Concatenation(axis: position), on: call.inputs.map(\.node))
    return [KerasValue(node, mask: try mask(call.inputs, position, &context))]
  }

  private func mask(
    _ inputs: [KerasValue], _ position: Int, _ context: inout LoweringContext
  ) throws(ModelFileError) -> Int? {
    guard let known = inputs.compactMap(\.mask).first else { return nil }
    var masks: [Int] = []
    for input in inputs {
      guard let mask = input.mask else {
        // Every step of a value without a mask counts.
        let rank = context.shape(input).rank
        let trailing = Array(min(context.shape(KerasValue(known)).rank, rank)..<rank)
        let steps = try context.applyWithoutMask(
          Reduce(.maximum, axes: trailing, keepsAxes: false), to: input)
        masks.append(try context.ones(like: steps).node)
        continue
      }
      masks.append(mask)
    }
    if position < context.shape(KerasValue(known)).rank {
      return try context.add(Concatenation(axis: position), on: masks)
    }
    let rule: Elementwise.Rule = context.generation == .third ? .maximum : .product
    return try context.combine(rule, masks.map { KerasValue($0) }).node
  }
}
