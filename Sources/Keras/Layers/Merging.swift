import FileSupport
import ModelGraph

/// How values are combined element by element.
protocol MergingKind: Sendable {
  static var className: String { get }
  /// The operation.
  static var rule: Elementwise.Rule { get }
}

extension KerasLayers {
  /// The sum.
  typealias Add = Merging<Sum>
  /// The product.
  typealias Multiply = Merging<Product>
  /// The first value less the second.
  typealias Subtract = Merging<Difference>
  /// The mean.
  typealias Average = Merging<MeanOfValues>
  /// The largest.
  typealias Maximum = Merging<LargestValue>
  /// The smallest.
  typealias Minimum = Merging<SmallestValue>

  /// `Add`
  enum Sum: MergingKind {
    static let className = "Add"
    /// The operation.
    static let rule = Elementwise.Rule.sum
  }
  /// `Multiply`
  enum Product: MergingKind {
    static let className = "Multiply"
    /// The operation.
    static let rule = Elementwise.Rule.product
  }
  /// `Subtract`
  enum Difference: MergingKind {
    static let className = "Subtract"
    /// The operation.
    static let rule = Elementwise.Rule.difference
  }
  /// `Average`
  enum MeanOfValues: MergingKind {
    static let className = "Average"
    /// The operation.
    static let rule = Elementwise.Rule.mean
  }
  /// `Maximum`
  enum LargestValue: MergingKind {
    static let className = "Maximum"
    /// The operation.
    static let rule = Elementwise.Rule.maximum
  }
  /// `Minimum`
  enum SmallestValue: MergingKind {
    static let className = "Minimum"
    /// The operation.
    static let rule = Elementwise.Rule.minimum
  }

  /// Values combined element by element; an extent of 1 is repeated.
  struct Merging<Kind: MergingKind>: KeyedLayerClass {
    static var className: String { Kind.className }

    static var keys: [KerasKey<Self>] { [] }

    /// The larger of the extents, axis by axis.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try inputs.broadcast()
    }
  }

  /// Products of two values, summed along an axis of each.
  struct Dot: KeyedLayerClass {
    static let className = "Dot"
    /// The axis of each value, as Keras counts.
    var axes: [Int] = []
    /// Whether the values are scaled to length 1 first.
    var normalizes = false

    static let keys: [KerasKey<Self>] = [
      KerasKey("axes", \.axes, .required, json: { JSONValue($0) }) {
        (configuration, _) throws(ModelFileError) in
        try configuration.integers("axes", count: 2, in: -32...32)
      },
      .truth("normalize", \.normalizes),
    ]

    /// What is left of the first value's extents, then of the second's; 1 if nothing is.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard inputs.count == 2 else {
        throw ModelFileError(.damaged, "takes two values", found: "\(inputs.count)")
      }
      var extents: [Int?] = []
      var summed: [Int?] = []
      for (shape, axis) in zip(inputs, axes) {
        let position = try shape.position(ofAxis: axis)
        summed.append(shape.extents[position])
        extents += shape.extents[..<position] + shape.extents[(position + 1)...]
      }
      guard summed[0] == summed[1] || summed.contains(nil) else {
        throw ModelFileError(.damaged, "multiplies values that don't fit", found: "\(inputs)")
      }
      return extents.isEmpty ? [1] : KerasShape(extents)
    }
  }
}

extension KerasLayers.Merging {
  /// The combination, element by element.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    _ = try outputShape(of: call.inputs.map { KerasShape(context.shape($0)) })
    if let first = call.inputs.first, [.sum, .mean].contains(Kind.rule) {
      for added in call.inputs.dropFirst() { try context.refuseDisputedSum(first, added) }
    }
    let mask = try mask(call.inputs, &context)
    let isSelective = [.product, .maximum, .minimum].contains(Kind.rule)
    guard context.generation == .third, isSelective, call.inputs.contains(where: { $0.mask != nil })
    else { return [KerasValue(try context.combine(Kind.rule, call.inputs).node, mask: mask)] }
    let result =
      Kind.rule == .product
      ? try maskedProduct(call.inputs, mask, &context) : try maskedExtreme(call.inputs, &context)
    return [KerasValue(result.node, mask: mask)]
  }

  /// Keras 3 takes steps that don't count for 1 (`multiply.py`), and has 0 where none counts.
  private func maskedProduct(
    _ inputs: [KerasValue], _ mask: Int?, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    var factors: [KerasValue] = []
    for input in inputs {
      guard let wide = try context.wideMask(of: input) else {
        factors.append(input)
        continue
      }
      let one = try context.constant([1], shape: [], for: input)
      factors.append(try context.select(input, where: wide, otherwise: one))
    }
    let product = try context.combine(.product, factors)
    guard let wide = try context.wideMask(of: KerasValue(product.node, mask: mask)) else {
      return product
    }
    return try context.combine(.product, [product, wide])
  }

  /// Keras 3 takes the other value where a step does not count (`base_merge.py`).
  private func maskedExtreme(
    _ inputs: [KerasValue], _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    var result = inputs[0]
    var resultMask = try context.wideMask(of: result)
    for input in inputs.dropFirst() {
      var next = input
      let mask = try context.wideMask(of: input)
      if let mask { next = try context.select(input, where: mask, otherwise: result) }
      if let known = resultMask {
        result = try context.select(result, where: known, otherwise: next)
      }
      if let mask, let known = resultMask {
        resultMask = try context.combine(.maximum, [known, mask])
      } else {
        resultMask = nil
      }
      result = try context.combine(Kind.rule, [result, next])
    }
    return result
  }

  /// Keras 3 counts a step that counts in any value, if all have a mask; Keras 2 one that counts in all
  /// values that have one (`base_merge.py`).
  private func mask(
    _ inputs: [KerasValue], _ context: inout LoweringContext
  ) throws(ModelFileError) -> Int? {
    let masks = inputs.compactMap(\.mask).map { KerasValue($0) }
    guard masks.count > 1 else {
      return context.generation == .third && inputs.count > 1 ? nil : masks.first?.node
    }
    guard context.generation == .third else { return try context.combine(.product, masks).node }
    return masks.count == inputs.count ? try context.combine(.maximum, masks).node : nil
  }
}

extension KerasLayers.Dot {
  /// A product of matrices, whose rows are what is left of the first value and whose columns are what
  /// is left of the second.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let shapes = call.inputs.map { KerasShape(context.shape($0)) }
    let output = try outputShape(of: shapes).closed()
    var matrices: [KerasValue] = []
    for (index, input) in call.inputs.enumerated() {
      let axis = try shapes[index].position(ofAxis: axes[index])
      let extents = context.shape(input).extents
      var value = KerasValue(input.node)
      if normalizes {
        value = try context.apply(context.lengthNormalization(axes: [axis]), to: value)
      }
      let others = extents.indices.filter { $0 != axis }
      let order = index == 0 ? others + [axis] : [axis] + others
      if order != Array(extents.indices) {
        value = try context.apply(Transposition(order: order), to: value)
      }
      let rest = Shape(others.map { extents[$0] }).elementCount
      matrices.append(
        try context.reshaped(
          value, to: index == 0 ? [rest, extents[axis]] : [extents[axis], rest]))
    }
    let product = try context.add(MatrixProduct(), on: matrices.map(\.node))
    return [try context.reshaped(KerasValue(product), to: output)]
  }
}

extension LoweringContext {
  /// The mask of a sequence with an axis behind it, so that it goes over all numbers of a step.
  fileprivate mutating func wideMask(
    of value: KerasValue
  ) throws(ModelFileError) -> KerasValue? {
    guard let mask = value.mask.map({ KerasValue($0) }) else { return nil }
    return try reshaped(mask, to: Shape(shape(mask).extents + [1]))
  }

  /// The division by the length along some axes. Keras 3 keeps the length above 10⁻¹², Keras 2 its
  /// square.
  func lengthNormalization(axes: [Int]) -> ModelGraph.Normalization {
    ModelGraph.Normalization(.length, axes: axes, epsilon: generation == .third ? 1e-24 : 1e-12)
  }
}
