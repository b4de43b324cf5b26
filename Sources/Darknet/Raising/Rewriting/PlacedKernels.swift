import FileSupport
import ModelGraph

/// Kernels whose windows darknet can't place become larger ones, with zeros around them.
enum PlacedKernels: RewritingRule {
  static let name = "kernels in larger ones"

  static func rewrite(
    _ operation: any Operation, of inputs: [Place], _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    guard let convolution = operation as? Convolution, convolution.window.size.count == 2,
      let input = inputs.first
    else { return nil }
    let window = convolution.window
    let shape = rewriting.shape(of: input)
    let result = try window.outputExtents(of: Array(shape.extents.prefix(2)))
    let hidesCells = zip(input.margins, window.padding).contains {
      ($0.before < 0 && $1.before > 0) || ($0.after < 0 && $1.after > 0)
    }
    if hidesCells {
      // The convolution shall see zeros where cells were cut off.
      return try rewriting.apply(convolution, to: [Place(try rewriting.value(of: input))])
    }
    let sides = zip(input.margins, window.padding).map {
      Padding(before: $0.before.clampedSum($1.before), after: $0.after.clampedSum($1.after))
    }
    let image = Place(input.node)
    let spatial = Array(rewriting.shape(of: image).extents.prefix(2))
    if let chosen = try strided(convolution, image, sides, spatial, rewriting) { return chosen }
    guard
      let placement = KernelPlacement(
        window, sides: sides, over: spatial, to: result, in: rewriting.dialect)
    else {
      let lacksStrides = window.strides[0] != window.strides[1]
      throw ModelFileError.unsupported(
        convolution, in: rewriting.dialect, "with this window",
        option: lacksStrides ? "strides" : "kernel_size",
        expected: lacksStrides
          ? "two equal strides" : "one that stands in a square with the same border on all sides",
        found: lacksStrides ? "\(window.strides)" : "\(window.size)")
    }
    let side = (placement.padding * placement.dilation)
    let placed = Window(
      size: [placement.size, placement.size], strides: placement.strides,
      dilation: [placement.dilation, placement.dilation],
      padding: [Padding(before: side, after: side), Padding(before: side, after: side)])
    guard placed != window || !input.hasNoMargins else { return nil }
    let weights =
      placement.isWhole(window)
      ? convolution.weights : try convolution.weights.embedded(by: placement)
    let made = try rewriting.add(
      Convolution(
        window: placed, groups: convolution.groups, weights: weights, biases: convolution.biases),
      to: [image])
    guard placement.windows != result else { return made }
    let surplus = zip(placement.windows, result).map {
      Padding(before: ($0 - $1) / 2, after: ($0 - $1 + 1) / 2)
    }
    return try rewriting.add(
      Slice(cutting: surplus, of: rewriting.shape(of: made)), to: [made])
  }

  /// A kernel of one cell, whose strides darknet's code passes over: a `[maxpool]` of one cell chooses what it sees.
  private static func strided(
    _ convolution: Convolution, _ image: Place, _ sides: [Padding], _ spatial: [Int],
    _ rewriting: Rewriting
  ) throws(ModelFileError) -> Place? {
    let window = convolution.window
    let chosen = Window(size: [1, 1], strides: window.strides, padding: sides)
    guard window.size == [1, 1], window.strides != [1, 1], sides.allSatisfy({ $0 == .none }),
      rewriting.dialect.passesOverStrides(window.strides),
      PoolPlacement(chosen, over: spatial, in: rewriting.dialect) != nil
    else { return nil }
    let dense = Window(size: [1, 1], strides: [1, 1], padding: sides)
    return try rewriting.add(
      Convolution(
        window: dense, groups: convolution.groups, weights: convolution.weights,
        biases: convolution.biases),
      to: [try rewriting.apply(Pooling(.maximum, window: chosen), to: [image])])
  }
}
