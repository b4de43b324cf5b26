import FileSupport
import ModelGraph

extension TensorFunction {
  /// More parts than a model takes a value apart into.
  private static let maximumParts = 4096

  /// Parts of a value along an axis.
  func split(
    _ x: KerasValue, _ function: Function, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let extents = context.shape(x).extents
    let axis = try position(try arguments.integer("axis") ?? 0, extents.count)
    let told = try arguments.integer("num")
    let ends: [Int]
    if function == .unstack {
      if let told, told != extents[axis] {
        throw LayerCall.unfit("num", .constant(JSONValue(told)), expected: "\(extents[axis])")
      }
      ends = extents[axis] > 0 ? Array(1...extents[axis]) : []
    } else {
      ends = try self.ends(of: extents[axis], arguments)
    }
    guard ends.count <= Self.maximumParts else {
      throw LayerCall.unfit(
        "axis", .constant(JSONValue(axis + 1)), expected: "at most \(Self.maximumParts) parts")
    }
    var parts: [KerasValue] = []
    var start = 0
    for end in ends {
      let axes = extents.enumerated().map { place, extent in
        place == axis
          ? Slice.Axis(start: start, count: end - start) : Slice.Axis(start: 0, count: extent)
      }
      let part = try context.applyWithoutMask(Slice(axes: axes), to: x)
      var rest = extents
      rest.remove(at: axis)
      parts.append(function == .unstack ? try context.reshaped(part, to: Shape(rest)) : part)
      start = end
    }
    return parts
  }

  /// Where the parts of an axis end: of Keras's `split` told by their number or by where all but the first begin, of
  /// TensorFlow's by their number or by how long they are, one of which may be told as −1, for the rest.
  private func ends(
    of extent: Int, _ arguments: FunctionArguments
  ) throws(ModelFileError) -> [Int] {
    let name = isTensorFlow ? "num_or_size_splits" : "indices_or_sections"
    let given = try arguments.constant("indices_or_sections", "num_or_size_splits") ?? .null
    let unfit = LayerCall.unfit(
      name, .constant(given), expected: "parts that are not empty and fill \(extent)")
    let ends: [Int]
    if let count = given.int {
      guard count > 0, count <= Self.maximumParts, extent % count == 0 else { throw unfit }
      ends = (1...count).map { $0 * (extent / count) }
    } else {
      var numbers = (given.elements ?? []).compactMap(\.int)
      guard numbers.count == given.elements?.count, !numbers.isEmpty else { throw unfit }
      if isTensorFlow {
        if let open = numbers.firstIndex(of: -1) {
          let others = numbers.enumerated().filter { $0.offset != open }
          numbers[open] = extent - others.reduce(0) { $0.clampedSum($1.element) }
        }
        ends = numbers.reduce(into: []) { $0.append(($0.last ?? 0).clampedSum($1)) }
      } else {
        ends = numbers + [extent]
      }
    }
    guard zip([0] + ends, ends).allSatisfy({ $0 < $1 }), ends.last == extent else { throw unfit }
    return ends
  }
}
