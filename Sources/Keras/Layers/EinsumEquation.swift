import FileSupport
import ModelGraph

/// The equation of an `EinsumDense`: `input,kernel->output`, a letter for each axis, with `...` at the same
/// end of input and output for all axes that have no letter.
///
/// Source: `keras/src/layers/core/einsum_dense.py: _analyze_einsum_string`.
struct EinsumEquation: Sendable {
  /// Where the axes without letters stand.
  enum Ellipsis: Sendable { case none, first, last }

  /// An axis: a letter, or a number for one without a letter.
  enum Axis: Hashable, Sendable {
    case letter(UInt8)
    case unnamed(Int)
  }

  /// The axes of a value and of its kernel, without the batch.
  struct Axes: Sendable {
    let input: [Axis]
    let kernel: [Axis]
    let output: [Axis]
  }

  /// The equation as it was written.
  private(set) var text = ""
  private var input: [Axis] = []
  private var kernel: [Axis] = []
  private var output: [Axis] = []
  private var ellipsis = Ellipsis.none

  init() {}

  /// Reads an equation.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is none, of kind `unsupported` if a letter stands
  ///   twice in one term.
  init(_ text: String) throws(ModelFileError) {
    let unfit = ModelFileError(
      .damaged, at: [.option("equation")], "the equation is none that the layer takes",
      expected: "a,b->c, ...a,b->...c or a...,b->c...", found: "'\(text.escapedForTerminal)'")
    let bytes = Array(text.utf8.filter { $0 != UInt8(ascii: " ") })
    let sides = Self.split(bytes, at: Array("->".utf8))
    guard sides.count == 2 else { throw unfit }
    let factors = Self.split(sides[0], at: [UInt8(ascii: ",")])
    guard factors.count == 2, let first = Self.term(factors[0]), let second = Self.term(factors[1]),
      let result = Self.term(sides[1]), second.ellipsis == .none, first.ellipsis == result.ellipsis
    else { throw unfit }
    for term in [first, second, result] where Set(term.axes).count != term.axes.count {
      throw ModelFileError(
        .unsupported, at: [.option("equation")],
        "an axis that stands twice in a term can't be computed",
        found: "'\(text.escapedForTerminal)'")
    }
    self.text = text
    input = first.axes
    kernel = second.axes
    output = result.axes
    ellipsis = first.ellipsis
    let made = Set(input).union(kernel)
    guard output.allSatisfy(made.contains), kernel.allSatisfy({ (input + output).contains($0) })
    else {
      throw unfit
    }
  }

  /// The axes for a value of some rank without the batch, which must come first in input and output.
  func axes(rank: Int) throws(ModelFileError) -> Axes {
    let missing = rank + 1 - input.count
    guard ellipsis == .none ? missing == 0 : missing >= 0 else {
      throw ModelFileError(
        .damaged, at: [.option("equation")], "takes a value of another rank",
        expected: "\(input.count - 1) axes\(ellipsis == .none ? "" : " or more")", found: "\(rank)")
    }
    let unnamed = (0..<missing).map { Axis.unnamed($0) }
    func whole(_ axes: [Axis]) -> [Axis] { ellipsis == .last ? axes + unnamed : unnamed + axes }
    let (all, result) = (whole(input), whole(output))
    guard let batch = all.first, result.first == batch, !kernel.contains(batch) else {
      throw ModelFileError(
        .unsupported, at: [.option("equation")],
        "an equation that moves the batch can't be computed")
    }
    return Axes(
      input: Array(all.dropFirst()), kernel: kernel, output: Array(result.dropFirst()))
  }

  private static func split(_ bytes: [UInt8], at separator: [UInt8]) -> [[UInt8]] {
    var parts: [[UInt8]] = [[]]
    var position = 0
    while position < bytes.count {
      if bytes[position...].starts(with: separator) {
        parts.append([])
        position += separator.count
      } else {
        parts[parts.count - 1].append(bytes[position])
        position += 1
      }
    }
    return parts
  }

  private static func term(_ bytes: [UInt8]) -> (axes: [Axis], ellipsis: Ellipsis)? {
    let dots = Array("...".utf8)
    var letters = bytes[...]
    var ellipsis = Ellipsis.none
    if bytes.starts(with: dots) {
      ellipsis = .first
      letters = bytes.dropFirst(3)
    } else if bytes.suffix(3).elementsEqual(dots) {
      ellipsis = .last
      letters = bytes.dropLast(3)
    }
    let isAlphabetic = letters.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
    }
    guard isAlphabetic, !letters.isEmpty else { return nil }
    return (letters.map(Axis.letter), ellipsis)
  }
}

extension LoweringContext {
  /// The sums of the products of a value with a kernel over the axes that the result lacks.
  ///
  /// One product of matrices: the rows are what only the value has, the columns what only the kernel has,
  /// and axes that both keep count several such matrices. The kernel has the axes that the equation gives it.
  mutating func product(
    _ value: KerasValue, _ kernel: Parameter, _ axes: EinsumEquation.Axes
  ) throws(ModelFileError) -> KerasValue {
    var extents: [EinsumEquation.Axis: Int] = [:]
    for (axis, extent) in zip(axes.kernel, kernel.shape.extents) { extents[axis] = extent }
    for (axis, extent) in zip(axes.input, shape(value).extents) { extents[axis] = extent }
    func size(_ axes: [EinsumEquation.Axis]) -> Int {
      axes.reduce(1) { $0.clampedProduct(extents[$1] ?? 1) }
    }
    let common = axes.kernel.filter { axes.input.contains($0) && axes.output.contains($0) }
    let summed = axes.kernel.filter { !axes.output.contains($0) }
    let made = axes.kernel.filter { !axes.input.contains($0) }
    let kept = axes.input.filter { !axes.kernel.contains($0) && axes.output.contains($0) }
    var input = axes.input
    var left = KerasValue(value.node)
    let lost = input.indices.filter {
      !axes.kernel.contains(input[$0]) && !axes.output.contains(input[$0])
    }
    if !lost.isEmpty {
      left = try apply(Reduce(.sum, axes: lost, keepsAxes: false), to: left)
      input = input.indices.filter { !lost.contains($0) }.map { input[$0] }
    }
    left = try transposed(left, from: input, to: common + kept + summed)
    let (rows, inner, columns) = (size(kept), size(summed), size(made))
    let result: KerasValue
    if common.isEmpty {
      let weights = kernel.permuted(positions(of: made + summed, in: axes.kernel))
      result = try rowProduct(
        try reshaped(left, to: [rows, inner]), weights: weights.reshaped(to: [columns, inner, 1]),
        nil)
    } else {
      let count = size(common)
      let weights = kernel.permuted(positions(of: common + summed + made, in: axes.kernel))
      let right = try learned(weights.reshaped(to: [count, inner, columns]), for: value)
      left = try reshaped(left, to: [count, rows, inner])
      result = KerasValue(try add(MatrixProduct(), on: [left.node, right.node]))
    }
    let order = common + kept + made
    let apart = try reshaped(result, to: Shape(order.map { extents[$0] ?? 1 }))
    return try transposed(apart, from: order, to: axes.output)
  }

  private mutating func transposed(
    _ value: KerasValue, from order: [EinsumEquation.Axis], to wanted: [EinsumEquation.Axis]
  ) throws(ModelFileError) -> KerasValue {
    guard order != wanted else { return value }
    return try apply(Transposition(order: positions(of: wanted, in: order)), to: value)
  }

  private func positions(
    of wanted: [EinsumEquation.Axis], in order: [EinsumEquation.Axis]
  ) -> [Int] {
    wanted.compactMap { order.firstIndex(of: $0) }
  }
}
