import FileSupport
import ModelGraph

extension TensorFunction {
  /// Numbers around a value; the batch stays as it is.
  func padded(
    _ x: KerasValue, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let mode = (try arguments.constant("mode")?.text ?? "constant").lowercased()
    let given = try arguments.constant("pad_width", "paddings") ?? .null
    let widths = given.elements ?? []
    let unfit = LayerCall.unfit(
      isTensorFlow ? "paddings" : "pad_width", .constant(given),
      expected: "none for the batch, and a pair of counts for each further axis")
    guard widths.count == context.shape(x).rank + 1, widths[0][0]?.int == 0, widths[0][1]?.int == 0
    else { throw unfit }
    var margins: [Padding] = []
    for width in widths.dropFirst() {
      let range = 0...KerasConfiguration.largest
      guard let before = width[0]?.int, let after = width[1]?.int, range.contains(before),
        range.contains(after)
      else { throw unfit }
      margins.append(Padding(before: before, after: after))
    }
    let value = try arguments.constant("constant_values", position: isTensorFlow ? nil : 1)
    switch mode {
    case "constant":
      guard let number = (value ?? 0).number else {
        throw LayerCall.unfit("constant_values", .constant(value ?? .null), expected: "a number")
      }
      return try context.applyWithoutMask(Pad(margins: margins, value: number), to: x)
    case "reflect", "symmetric":
      // TensorFlow's function passes a number that means nothing then.
      let start = mode == "reflect" ? 1 : 0
      guard
        zip(margins, context.shape(x).extents).allSatisfy({ margin, extent in
          max(margin.before, margin.after) <= extent - start
        })
      else { throw unfit }
      return try mirrored(x, margins, from: start, &context)
    default:
      throw LayerCall.unfit(
        "mode", .constant(.string(mode)), expected: "constant, reflect or symmetric")
    }
  }

  /// A value with its own numbers in reverse around it.
  ///
  /// - Parameter start: how many of them at the border are left out.
  private func mirrored(
    _ x: KerasValue, _ margins: [Padding], from start: Int, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    var result = KerasValue(x.node)
    for (axis, margin) in margins.enumerated() where margin.before + margin.after > 0 {
      let extents = context.shape(result).extents
      let last = extents[axis] - 1
      let sides = [(margin.before, start + margin.before - 1), (margin.after, last - start)]
      let parts = try sides.map { (count, first) throws(ModelFileError) -> Int? in
        guard count > 0 else { return nil }
        let axes = extents.enumerated().map { place, extent in
          place == axis
            ? Slice.Axis(start: first, count: count, step: -1)
            : Slice.Axis(start: 0, count: extent)
        }
        return try context.add(Slice(axes: axes), on: [result.node])
      }
      let nodes = [parts[0], result.node, parts[1]].compactMap(\.self)
      result = KerasValue(try context.add(Concatenation(axis: axis), on: nodes))
    }
    return result
  }
}
