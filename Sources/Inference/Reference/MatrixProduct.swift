import FileSupport
import ModelGraph

extension MatrixProduct: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let (a, b) = (node.inputs[0].values, node.inputs[1].values)
    let (rows, inner) = extents(ofFirst: node.inputs[0].sample)
    let columns = extents(ofSecond: node.inputs[1].sample).columns
    let firsts = starts(of: node.inputs[0], node)
    let seconds = starts(of: node.inputs[1], node)
    // The distances between neighbours along i and k of the first, and along k and j of the second.
    let (iStep, first) = transposesFirst ? (1, rows) : (inner, 1)
    let (second, jStep) = transposesSecond ? (1, inner) : (columns, 1)
    return node.result(
      node.workers.fill(parts: firsts.count * rows, of: columns) { part, run in
        let (matrix, i) = part.quotientAndRemainder(dividingBy: rows)
        let row = firsts[matrix] + i * iStep
        var sums = [Double](repeating: 0, count: columns)
        // The second matrix is read as it lies.
        if transposesSecond {
          for j in 0..<columns {
            let column = seconds[matrix] + j * jStep
            for k in 0..<inner {
              sums[j] += Double(a[row + k * first]) * Double(b[column + k * second])
            }
          }
        } else {
          for k in 0..<inner {
            let factor = Double(a[row + k * first])
            let column = seconds[matrix] + k * second
            for j in 0..<columns { sums[j] += factor * Double(b[column + j * jStep]) }
          }
        }
        for j in 0..<columns { run[j] = Scalar(sums[j]) }
      })
  }

  /// Where the matrix of an input begins, for each of the result.
  private func starts<Scalar>(of input: TensorOf<Scalar>, _ node: KernelContext<Scalar>) -> [Int] {
    let outer = [node.batch] + node.shape.extents.dropLast(2)
    let strides = input.strides(
      repeatedTo: Shape(outer.dropFirst() + input.sample.extents.suffix(2)))
    let walk = AxisWalk(
      extents: outer, strides: Array(strides.dropLast(2)), parts: AxisParts(of: outer, upTo: 0))
    var result: [Int] = []
    walk.forEachRun { _, other in
      for index in 0..<walk.count { result.append(other + index * walk.stride) }
    }
    return result
  }
}
