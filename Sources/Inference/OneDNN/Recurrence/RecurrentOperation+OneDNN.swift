import FileSupport
import ModelGraph

extension GatedRecurrence: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let gates = [update, reset, candidate]
    guard
      let form = try CellForm(
        .gated(resetsAfter: false), input: gates.map(\.ofInput), state: gates.map(\.ofState),
        activation: candidateActivation, builder)
    else { return false }
    return try builder.addRecurrence(form, timeSteps: timeSteps, state: group.head.shape, group)
  }
}

extension LongShortTermMemory: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let gates = [input, forget, candidate, output]
    guard
      let form = try CellForm(
        .longShortTerm(stateLimit: nil), input: gates.map(\.ofInput),
        state: gates.map(\.ofState), activation: .tanh, builder)
    else { return false }
    return try builder.addRecurrence(form, timeSteps: timeSteps, state: group.head.shape, group)
  }
}

extension ConvLSTM: OneDNNKernel {
  /// Peepholes, whose convolution of the new *c* comes before a gate, and a bottleneck, which mixes state and input before
  /// all gates, are left to the reference engine.
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    guard case .gates(let state) = recurrence, peepholes == nil, !addsBottleneck,
      let form = try CellForm(
        .longShortTerm(stateLimit: stateLimit.map { Float($0) }), input: input.inOrder,
        state: state.inOrder, activation: cellActivation, builder)
    else { return false }
    return try builder.addRecurrence(form, timeSteps: timeSteps, state: group.head.shape, group)
  }
}

extension ConvLSTM.Gates {
  /// In the order of a cell.
  fileprivate var inOrder: [ConvolutionUnit] { [input, forget, candidate, output] }
}

extension SimpleRecurrence: OneDNNKernel where Product: GateProduct {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    let taken = builder.graph.nodes[group.head.inputs[0]].shape
    guard
      let form = try CellForm(
        .simple(keepsState: keepsState), input: [input], state: [recurrence], activation: .linear,
        builder),
      let outer = try GateKernels([output], builder)
    else { return false }
    return try builder.addRecurrence(
      form, timeSteps: timeSteps,
      state: try stateShape(of: taken, layout: builder.graph.layout), group, followedBy: outer)
  }
}

extension PlanBuilder {
  /// Adds the steps of a layer of one cell. Its samples are those of a step, then those of the next.
  ///
  /// - Parameters:
  ///   - form: the cell.
  ///   - timeSteps: the samples of a sequence.
  ///   - state: the shape of the state.
  ///   - group: the layer.
  ///   - outer: what every state passes through if it isn't the layer's value.
  /// - Returns: `false` for what is left to the reference engine.
  /// - Throws: `ModelFileError` if there is no memory for the weights.
  fileprivate func addRecurrence(
    _ form: CellForm, timeSteps: Int, state: Shape, _ group: NodeGroup,
    followedBy outer: GateKernels? = nil
  ) throws(ModelFileError) -> Bool {
    let (node, layout) = (group.head, graph.layout)
    let all = samples(of: node)
    // The reference kernel says what is wrong with half a sequence.
    guard all > 0, timeSteps > 0, all.isMultiple(of: timeSteps) else { return false }
    let input = graph.nodes[node.inputs[0]].shape
    let isImage = form.input.window != nil
    let sequences = all / timeSteps
    guard
      let planned = try PlannedRecurrence(
        [form], step: input, states: [state], steps: timeSteps, samples: sequences,
        numbersPerStep: state.elementCount.clampedProduct(2 + form.input.weights.count)
          .clampedProduct(sequences), self)
    else { return false }
    func values(_ shape: Shape, channels: Int) -> StepValues {
      StepValues(count: all, channels: channels, spatial: isImage ? layout.spatial(of: shape) : [])
    }
    let source =
      isImage
      ? try image(node.inputs[0], in: try imageLayout(of: node.inputs[0], .channelsLast))
      : try plain(node.inputs[0])
    let states = newBuffer(try values(state, channels: form.units).layout())
    var product: RowProduct?
    var result = states
    if let outer {
      let outputs = outer.weights[0].count / outer.extents.reduce(1, *)
      result = newBuffer(try values(node.shape, channels: outputs).layout())
      guard
        let made = try RowProduct(
          outer.joined([0]), extents: outer.extents, window: outer.window,
          biases: outer.biases[0], outer.function.postOperations, from: states, to: result,
          threads: options.threads, self)
      else { return false }
      product = made
    }
    let channels = form.input.extents[0]
    let size = input.elementCount
    add(touching: planned.operands + [source, states]) { (memory) throws(ModelFileError) in
      let rows = CellRows(
        values: Array(memory.numbers(source)), first: 0, step: sequences * size, sample: size,
        row: channels)
      let target = memory.numbers(states)
      _ = try planned.run(memory, rows) { steps, numbers in
        let start = steps.lowerBound * (numbers.count / steps.count)
        _ = target[start...].update(fromContentsOf: numbers)
      }
    }
    product?.add(to: self)
    if isImage {
      try setImage(result, of: node.id)
    } else {
      setValue(
        Operand(place: result.place, layout: try Self.dense(extents(of: node.id))), of: node.id)
    }
    return true
  }
}
