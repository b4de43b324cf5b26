import FileSupport
import ModelGraph

extension Recurrence: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let (node, layout) = (group.head, builder.graph.layout)
    let sequence = builder.graph.nodes[node.inputs[0]].shape
    let samples = builder.samples(of: node)
    let steps = sequence.extents[0]
    guard samples > 0, steps > 0 else { return false }
    let shapes = try cellShapes(of: sequence, layout: layout)
    let perStep = try numbersPerStep(shapes, samples: samples)
    var forms: [CellForm] = []
    for cell in cells { forms.append(try CellForm(cell, builder)) }
    let step = Shape(Array(sequence.extents.dropFirst()))
    guard
      let planned = try PlannedRecurrence(
        forms, step: step, states: shapes, steps: steps, samples: samples, numbersPerStep: perStep,
        builder)
    else { return false }
    var taken: [Operand] = []
    for input in node.inputs { taken.append(try builder.plain(input)) }
    let target = try builder.newValue(of: node)
    let further = try builder.newFurtherValues(of: node)
    let stateShapes = zip(cells, shapes).flatMap { cell, shape in
      [Shape](repeating: shape, count: cell.kind.states)
    }
    let places = taken
    builder.add(touching: taken + [target] + further.map(\.operand) + planned.operands) {
      (memory) throws(ModelFileError) in
      func tensor(_ number: Int) -> Tensor {
        Tensor(
          shape: Shape(places[number].layout.extents), values: Array(memory.numbers(places[number]))
        )
      }
      let values = tensor(0)
      let order = StepOrder(
        values, mask: hasMask ? tensor(1) : nil, isReversed: goesBackwards)
      var outputs = StepOutputs(
        size: shapes[shapes.count - 1].elementCount, order: order, keepsAll: returnsSequences,
        zeroesMasked: zeroesMasked)
      let units = cells[cells.count - 1].units
      let given = (0..<initialStates).map { number in
        tensor(places.count - initialStates + number).values
          .channelsLast(of: stateShapes[number], layout)
      }
      let isRun: ((Int, Int) -> Bool)? = hasMask ? { order.isRun($0, sample: $1) } : nil
      let states = try planned.run(
        memory, order.rows(of: values, step: step, layout), from: given,
        isRun: isRun
      ) { steps, numbers in
        outputs.take(
          CellRows(
            values: Array(numbers), first: 0, step: numbers.count / steps.count,
            sample: numbers.count / steps.count / samples, row: units), steps, units: units)
      }
      _ = memory.numbers(target).update(
        fromContentsOf: outputs.values.channelsBack(to: shapes[shapes.count - 1], layout))
      for (position, operand) in further {
        _ = memory.numbers(operand).update(
          fromContentsOf: states[position].channelsBack(to: stateShapes[position], layout))
      }
    }
    return true
  }
}
