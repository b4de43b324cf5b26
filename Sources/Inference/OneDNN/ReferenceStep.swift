import FileSupport
import ModelGraph

extension PlanBuilder {
  /// Adds the step that computes a node with the reference engine's kernel, out of and into values in C order.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if there is no kernel.
  func addReferenceKernel(_ node: Node) throws(ModelFileError) {
    let kernel = try node.operation.referenceKernel
    var taken: [Operand] = []
    for input in node.inputs { taken.append(try plain(input)) }
    let target = try newValue(of: node)
    let positions = try newFurtherValues(of: node)
    let (layout, threads, shape) = (graph.layout, options.threads, node.shape)
    let (sources, name) = (taken, node.name)
    add(touching: taken + [target] + positions.map(\.operand)) { (memory) throws(ModelFileError) in
      let inputs = sources.map {
        Tensor(shape: Shape($0.layout.extents), values: Array(memory.numbers($0)))
      }
      let context = KernelContext(
        inputs: inputs, layout: layout, shape: shape, threads: threads,
        numbers: ParameterLoader().values(of:))
      let values = try kernel.singleValues(context)
      try memory.write(values.first, to: target, name)
      for (position, operand) in positions {
        try memory.write(
          values.indices.contains(position + 1) ? values[position + 1] : nil, to: operand, name)
      }
    }
  }

  /// Room for the values that a node gives besides its first, with their positions among these.
  func newFurtherValues(
    of node: Node
  ) throws(ModelFileError) -> [(position: Int, operand: Operand)] {
    var result: [(position: Int, operand: Operand)] = []
    for further in graph.nodes where further.inputs.first == node.id {
      guard let operation = further.operation as? FurtherValue else { continue }
      result.append((operation.position, try newValue(of: further)))
    }
    return result
  }
}

extension ExecutionMemory {
  fileprivate func write(
    _ value: Tensor?, to operand: Operand, _ name: String
  ) throws(ModelFileError) {
    guard let value, value.shape.extents == operand.layout.extents else {
      throw ModelFileError(
        .internalFault, "\(name) was computed in another shape",
        expected: "\(Shape(operand.layout.extents))", found: value.map { "\($0.shape)" })
    }
    _ = numbers(operand).update(fromContentsOf: value.values)
  }
}
