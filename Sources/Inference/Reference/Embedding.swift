import FileSupport
import ModelGraph

extension Embedding: ReferenceKernel {
  func compute<Scalar>(_ node: KernelContext<Scalar>) throws(ModelFileError) -> TensorOf<Scalar> {
    let numbers = try node.values(of: table, shape: table.shape)
    let (rows, width) = (table.shape.extents[0], table.shape.extents[1])
    var result: [Scalar] = []
    result.reserveCapacity(node.batch * node.shape.elementCount)
    for (index, x) in node.inputs[0].values.enumerated() {
      // Every row that there can be is exact in double precision; −0.5 is row 0.
      let whole = Double(x).rounded(.towardZero)
      guard whole >= 0, whole < Double(rows) else {
        throw ModelFileError(
          .damaged, "looks up a row that the table does not have",
          expected: "0 to \(rows - 1)", found: "\(x) at \(node.inputs[0].shape.place(of: index))")
      }
      let row = Int(whole)
      result += numbers[(row * width)..<((row + 1) * width)]
    }
    return node.result(result)
  }
}

extension Shape {
  /// The place of an element, given its position in C order.
  fileprivate func place(of position: Int) -> [Int] {
    zip(strides, extents).map { position / $0 % $1 }
  }
}
