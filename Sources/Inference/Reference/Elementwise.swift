import FileSupport
import ModelGraph

extension Elementwise: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let extents = [node.batch] + node.shape.extents
    let parts = AxisParts(of: extents)
    let terms = node.inputs.map { input in
      Term(
        values: input.values,
        walk: AxisWalk(
          extents: extents, strides: input.strides(repeatedTo: node.shape), parts: parts))
    }
    let divisor = rule == .mean ? Double(node.inputs.count) : 1
    return node.result(
      node.workers.fill(parts: parts.count, of: parts.size) { part, run in
        var result = [Double](repeating: 0, count: parts.size)
        terms[0].fold(into: &result, part) { $1 }
        for term in terms.dropFirst() { combine(&result, with: term, part) }
        for index in 0..<parts.size { run[index] = Scalar(result[index] / divisor) }
      })
  }

  /// Takes the next input into the numbers of a part.
  private func combine<Scalar>(_ result: inout [Double], with term: Term<Scalar>, _ part: Int) {
    switch rule {
    case .sum, .mean: term.fold(into: &result, part) { $0 + $1 }
    case .product: term.fold(into: &result, part) { $0 * $1 }
    case .difference: term.fold(into: &result, part) { $0 - $1 }
    case .quotient: term.fold(into: &result, part) { $0 / $1 }
    case .maximum: term.fold(into: &result, part, Formula.larger)
    case .minimum: term.fold(into: &result, part, Formula.smaller)
    case .power: term.fold(into: &result, part, Formula.power)
    case .remainder: term.fold(into: &result, part, Formula.remainder)
    case .equal: term.fold(into: &result, part) { $0 == $1 ? 1 : 0 }
    case .unequal: term.fold(into: &result, part) { $0 != $1 ? 1 : 0 }
    case .less: term.fold(into: &result, part) { $0 < $1 ? 1 : 0 }
    case .lessOrEqual: term.fold(into: &result, part) { $0 <= $1 ? 1 : 0 }
    case .greater: term.fold(into: &result, part) { $0 > $1 ? 1 : 0 }
    case .greaterOrEqual: term.fold(into: &result, part) { $0 >= $1 ? 1 : 0 }
    }
  }
}

extension Selection: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let extents = [node.batch] + node.shape.extents
    let parts = AxisParts(of: extents)
    let terms = node.inputs.map { input in
      Term(
        values: input.values,
        walk: AxisWalk(
          extents: extents, strides: input.strides(repeatedTo: node.shape), parts: parts))
    }
    return node.result(
      node.workers.fill(parts: parts.count, of: parts.size) { part, run in
        var numbers = terms.map { _ in [Double](repeating: 0, count: parts.size) }
        for (index, term) in terms.enumerated() { term.fold(into: &numbers[index], part) { $1 } }
        for index in 0..<parts.size {
          run[index] = Scalar(numbers[numbers[0][index] != 0 ? 1 : 2][index])
        }
      })
  }
}

/// An input with the walk over it that goes along with one over the result.
private struct Term<Scalar: ReferenceScalar>: Sendable {
  let values: [Scalar]
  let walk: AxisWalk

  /// A function of each number of a part and the input's number there.
  @inline(__always)
  func fold(
    into result: inout [Double], _ part: Int, _ function: (Double, Double) -> Double
  ) {
    walk.forEachRun(in: part) { place, other in
      for index in 0..<walk.count {
        result[place + index] = function(
          result[place + index], Double(values[other + index * walk.stride]))
      }
    }
  }
}
