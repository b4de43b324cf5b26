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
    let furtherNodes = graph.nodes.filter {
      $0.operation is FurtherValue && $0.inputs.first == node.id
    }
    var given = [try newValue(of: node)]
    var positions: [(position: Int, operand: Operand)] = []
    for further in furtherNodes {
      guard let operation = further.operation as? FurtherValue else { continue }
      let operand = try newValue(of: further)
      positions.append((operation.position, operand))
      given.append(operand)
    }
    let (layout, threads, shape) = (graph.layout, options.threads, node.shape)
    let (sources, target, further, name) = (taken, given[0], positions, node.name)
    add(touching: taken + given) { (memory) throws(ModelFileError) in
      let inputs = sources.map {
        Tensor(shape: Shape($0.layout.extents), values: Array(memory.numbers($0)))
      }
      let context = KernelContext(
        inputs: inputs, layout: layout, shape: shape, threads: threads,
        numbers: ParameterLoader().values(of:))
      let values = try kernel.singleValues(context)
      try memory.write(values.first, to: target, name)
      for (position, operand) in further {
        try memory.write(
          values.indices.contains(position + 1) ? values[position + 1] : nil, to: operand, name)
      }
    }
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
