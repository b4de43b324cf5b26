import FileSupport
import ModelGraph

extension Normalization: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    // The axes of the sample are counted behind the batch, which then stands behind a batch of one.
    let groups =
      includesBatch
      ? AxisGroups(of: Shape([1] + node.inputs[0].shape.extents), axes: [0] + axes.map { $0 + 1 })
      : AxisGroups(of: node.inputs[0].shape, axes: axes)
    let x = node.inputs[0].values
    return node.result(
      node.workers.fill(parts: groups.parts.count, of: groups.parts.size) { part, run in
        let means = means(x, groups, part)
        let divisors = divisors(x, means, groups, part)
        let start = part * groups.parts.size
        groups.forEachRun(in: part) { elements, group, step in
          var group = group
          for element in elements {
            run[element - start] = Scalar((Double(x[element]) - means[group]) / divisors[group])
            group += step
          }
        }
      })
  }

  /// What is subtracted from the numbers of each group of a part.
  private func means<Scalar: ReferenceScalar>(
    _ x: [Scalar], _ groups: AxisGroups, _ part: Int
  ) -> [Double] {
    guard rule == .meanVariance else { return [Double](repeating: 0, count: groups.count) }
    return groups.fold(x, part, from: 0) { $0 + $1 }.map { $0 / Double(groups.size) }
  }

  /// What the numbers of each group of a part are divided by.
  private func divisors<Scalar: ReferenceScalar>(
    _ x: [Scalar], _ means: [Double], _ groups: AxisGroups, _ part: Int
  ) -> [Double] {
    var squares = [Double](repeating: 0, count: groups.count)
    groups.forEachRun(in: part) { elements, group, step in
      var group = group
      for element in elements {
        let difference = Double(x[element]) - means[group]
        squares[group] += difference * difference
        group += step
      }
    }
    return squares.map { sum in
      switch rule {
      case .meanVariance, .rootMeanSquare: (sum / Double(groups.size) + epsilon).squareRoot()
      case .length: max(sum, epsilon).squareRoot()
      }
    }
  }
}
