import FileSupport
import ModelGraph

extension TensorFunction {
  /// The functions that only move numbers.
  func rearranged(
    _ x: KerasValue, _ function: Function, _ arguments: FunctionArguments,
    _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let extents = context.shape(x).extents
    switch function {
    case .reshape:
      let given = try arguments.integers("newshape", "shape")
      guard let target = given, target.first == -1, !target.dropFirst().contains(where: { $0 < 0 })
      else {
        throw ModelFileError(
          .unsupported, at: [.option("newshape")],
          "a new shape of the batch can't be computed", expected: "-1 for the batch, then extents")
      }
      let shape = Shape(Array(target.dropFirst()))
      guard shape.elementCount == context.shape(x).elementCount else {
        throw ModelFileError(
          .unsupported, at: [.option("newshape")],
          "a new shape by which samples are joined or split can't be computed",
          expected: "\(context.shape(x).elementCount) numbers behind the batch", found: "\(shape)")
      }
      return try context.reshaped(x, to: shape)
    case .transpose:
      let given = try arguments.integers("axes", "perm")
      guard try !arguments.truth("conjugate") else {
        throw LayerCall.unfit("conjugate", .constant(true), expected: "false")
      }
      guard let order = given, order.first == 0,
        order.dropFirst().sorted() == Array(1...max(extents.count, 1))
      else {
        throw ModelFileError(
          .unsupported, at: [.option("axes")], "an order that moves the batch can't be computed",
          expected: "0, then every other axis once")
      }
      return try context.applyWithoutMask(
        Transposition(order: order.dropFirst().map { $0 - 1 }), to: x)
    case .expandDims:
      let axis = try arguments.integer("axis") ?? -1
      var wider = extents
      wider.insert(1, at: try position(axis, extents.count + 1))
      return try context.reshaped(x, to: Shape(wider))
    case .squeeze:
      guard let axes = try arguments.integers("axis") else {
        throw ModelFileError(
          .unsupported, at: [.option("axis")], "the axes to leave out must be named")
      }
      var dropped: Set<Int> = []
      for axis in axes { dropped.insert(try position(axis, extents.count)) }
      guard dropped.allSatisfy({ extents[$0] == 1 }) else {
        throw ModelFileError(
          .damaged, at: [.option("axis")], "leaves out an axis that is longer than 1",
          found: "\(context.shape(x))")
      }
      let left = extents.indices.filter { !dropped.contains($0) }.map { extents[$0] }
      return try context.reshaped(x, to: Shape(left))
    case .swapaxes:
      let one = try position(try arguments.integer("axis1") ?? 0, extents.count)
      let other = try position(try arguments.integer("axis2") ?? 0, extents.count)
      var order = Array(extents.indices)
      order.swapAt(one, other)
      return try context.applyWithoutMask(Transposition(order: order), to: x)
    case .flip:
      guard let given = try arguments.integers("axis") else {
        throw LayerCall.unfit("axis", .constant(.null), expected: "axes but for the batch")
      }
      var turned: Set<Int> = []
      for axis in given { turned.insert(try position(axis, extents.count)) }
      let axes = extents.enumerated().map { axis, extent in
        turned.contains(axis)
          ? Slice.Axis(start: extent - 1, count: extent, step: -1)
          : Slice.Axis(start: 0, count: extent)
      }
      return try context.applyWithoutMask(Slice(axes: axes), to: x)
    case .repeat:
      guard let count = try arguments.integer("repeats"), let axis = try arguments.integer("axis")
      else {
        throw LayerCall.unfit("axis", .constant(.null), expected: "a count of repeats and an axis")
      }
      let place = try position(axis, extents.count)
      let counts = extents.indices.map { $0 == place ? count : 1 }
      return try context.applyWithoutMask(Repeat(counts: counts), to: x)
    case .pad: return try padded(x, arguments, &context)
    default: return try sliced(x, arguments, &context)
    }
  }

  /// Values one behind the other along an axis, which is a new one for `stack`.
  func joined(
    _ function: Function, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let inputs = try arguments.values("xs", "x", "values", "arrays")
    let rank = context.shape(inputs[0]).rank
    let axis = try arguments.integer("axis") ?? 0
    guard function == .stack else {
      return KerasValue(
        try context.add(Concatenation(axis: try position(axis, rank)), on: inputs.map(\.node)))
    }
    let place = try position(axis, rank + 1)
    var layers: [Int] = []
    for input in inputs {
      var wider = context.shape(input).extents
      wider.insert(1, at: min(place, wider.count))
      layers.append(try context.reshaped(input, to: Shape(wider)).node)
    }
    return KerasValue(try context.add(Concatenation(axis: place), on: layers))
  }

  /// `x[…]` as Python has it: slices, numbers, `None` for a new axis, `...` for all axes in between.
  private func sliced(
    _ x: KerasValue, _ arguments: FunctionArguments, _ context: inout LoweringContext
  ) throws(ModelFileError) -> KerasValue {
    let extents = context.shape(x).extents
    guard let given = SliceKey.keys(arguments.take(1, "slice_spec", "key")),
      let keys = SliceKey.spelledOut(given, rank: extents.count + 1)
    else { throw Self.unfitKey }
    guard let batch = keys.first, batch.isWhole else {
      throw ModelFileError(.unsupported, "a part of the batch can't be taken out")
    }
    var axes: [Slice.Axis] = []
    var shape: [Int] = []
    for key in keys.dropFirst() {
      if case .newAxis = key {
        shape.append(1)
        continue
      }
      guard axes.count < extents.count else { throw Self.unfitKey }
      let extent = extents[axes.count]
      switch key {
      case .newAxis, .ellipsis: throw Self.unfitKey
      case .index(let index):
        let position = index < 0 ? index + extent : index
        guard (0..<extent).contains(position) else {
          throw ModelFileError(
            .damaged, "takes an element that is not there", expected: "below \(extent)",
            found: "\(index)")
        }
        axes.append(Slice.Axis(start: position, count: 1, step: 1))
      case .range(let start, let stop, let step):
        let axis = try Self.axis(start, stop, step, extent: extent)
        axes.append(axis)
        shape.append(axis.count)
      }
    }
    let part = try context.applyWithoutMask(Slice(axes: axes), to: x)
    return try context.reshaped(part, to: Shape(shape))
  }

  /// Python's rule for a slice of an axis.
  private static func axis(
    _ start: JSONValue, _ stop: JSONValue, _ step: JSONValue, extent: Int
  ) throws(ModelFileError) -> Slice.Axis {
    func bound(_ value: JSONValue) throws(ModelFileError) -> Int? {
      guard value != .null else { return nil }
      let range = -KerasConfiguration.largest...KerasConfiguration.largest
      guard let number = value.int, range.contains(number) else { throw unfitKey }
      return number
    }
    let step = try bound(step) ?? 1
    guard step != 0 else { throw unfitKey }
    let (lowest, highest) = step > 0 ? (0, extent) : (-1, extent - 1)
    func place(_ value: Int?, or fallback: Int) -> Int {
      guard let value else { return fallback }
      return Swift.min(Swift.max(value < 0 ? value + extent : value, lowest), highest)
    }
    let first = place(try bound(start), or: step > 0 ? 0 : extent - 1)
    let end = place(try bound(stop), or: step > 0 ? extent : -1)
    let count = (end - first + step - step.signum()) / step
    guard count > 0 else {
      throw ModelFileError(
        .unsupported, "a part of a value has no elements, which is not supported",
        expected: "a slice that holds some of \(extent) elements",
        found: "from \(first) on, before \(end), \(step) apart")
    }
    return Slice.Axis(start: first, count: count, step: step)
  }

  private static let unfitKey = ModelFileError(
    .unsupported, "a part of a value is taken by something that can't be computed with",
    expected: "slices and whole numbers")
}
