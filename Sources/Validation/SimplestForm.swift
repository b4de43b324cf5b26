import ModelGraph

/// An operation at its place in a graph without what means nothing there: two of the same form compute the
/// same, however they are configured.
///
/// Only what follows from shapes and formulas counts, never what values happen to be.
enum SimplestForm {
  /// It puts out what it takes.
  case identity
  /// The elements under another shape, in the same order.
  case reshaping
  /// Anything else.
  case operation(any Operation)

  init(_ node: Node, in graph: Graph) {
    let inputs = node.inputs.map { graph.nodes[$0].shape }
    if Self.isIdentity(node.operation, inputs, node.shape, graph.layout) {
      self = .identity
    } else if Self.isReshaping(node.operation, inputs) {
      self = .reshaping
    } else {
      self = .operation(
        node.operation.simplified(inputs: inputs, output: node.shape, layout: graph.layout))
    }
  }

  /// A convolution with the zeros that an operation in front of it puts around the image.
  ///
  /// - Returns: `nil` for what is none; else its form, and the node that it then takes.
  static func joining(
    _ node: Node, in graph: Graph
  ) -> (form: SimplestForm, input: Int)? {
    guard let convolution = node.operation as? Convolution, let border = node.inputs.first,
      let zeros = graph.nodes[border].operation as? Bordering, zeros.value == 0,
      let input = graph.nodes[border].inputs.first
    else { return nil }
    let shape = graph.nodes[input].shape
    let axis = graph.layout.channelAxis(rank: shape.rank)
    var margins = zeros.margins
    guard margins.count == shape.rank, margins.remove(at: axis).total == 0,
      margins.count == convolution.window.padding.count
    else { return nil }
    let window = convolution.window
    let wider = Window(
      size: window.size, strides: window.strides, dilation: window.dilation,
      padding: zip(window.padding, margins).map {
        Padding(
          before: $0.before.clampedSum($1.before), after: $0.after.clampedSum($1.after))
      })
    let joint = Convolution(
      window: wider, groups: convolution.groups, weights: convolution.weights,
      biases: convolution.biases)
    let form = joint.simplified(inputs: [shape], output: node.shape, layout: graph.layout)
    return (.operation(form), input)
  }

  private static func isIdentity(
    _ operation: any Operation, _ inputs: [Shape], _ output: Shape, _ layout: ImageLayout
  ) -> Bool {
    // One that takes several values, or none, is more than what it takes.
    guard inputs.count == 1, let input = inputs.first else { return false }
    switch operation {
    // What is computed in which type is held against the tolerances (`UnitRoundoff`).
    case is Rounding, is Dropout: return true
    case let activation as Activation: return activation.function.simplified == .linear
    case let affine as Affine: return affine.scale == 1 && affine.offset == 0
    case is Combination, is Concatenation, is Addition: return true
    case let pooling as Pooling:
      let window = pooling.window.simplified(input: input, output: output, layout)
      return input == output && window.size.allSatisfy { $0 == 1 }
        && window.strides.allSatisfy { $0 == 1 }
        && window.padding.allSatisfy { $0.before == 0 && $0.after == 0 }
    case let upsampling as Upsampling: return upsampling.factor == 1 && upsampling.scale == 1
    case let sum as BlockSum: return sum.factor == 1 && sum.scale == 1
    case let reorder as SpaceToDepth: return reorder.block == 1
    case let repetition as Repetition: return repetition.counts.allSatisfy { $0 == 1 }
    case let slicing as Slicing:
      return input == output && slicing.axes.allSatisfy { $0.step > 0 || $0.count == 1 }
    case let resizing as Resizing:
      // The other kernels are not quite 0 at whole distances.
      return input == output
        && [.nearest, .bilinear, .bicubic].contains(resizing.interpolation)
    case is Bordering, is ChannelSlice, is Crop, is Reshaping: return input == output
    case let transposition as Transposition:
      return transposition.order == Array(input.extents.indices)
    case let reduction as Reduction: return reduction.axes.isEmpty && input == output
    default: return false
    }
  }

  private static func isReshaping(_ operation: any Operation, _ inputs: [Shape]) -> Bool {
    if operation is Reshaping { return true }
    guard let transposition = operation as? Transposition, let input = inputs.first else {
      return false
    }
    // Axes of one element can stand anywhere.
    let longer = transposition.order.filter { input.extents[$0] > 1 }
    return longer == longer.sorted()
  }
}

extension Operation {
  /// The operation without options that mean nothing for values of these shapes.
  fileprivate func simplified(
    inputs: [Shape], output: Shape, layout: ImageLayout
  ) -> any Operation {
    guard let input = inputs.first else { return self }
    switch self {
    case let activation as Activation: return Activation(activation.function.simplified)
    case let convolution as Convolution:
      return Convolution(
        window: convolution.window.simplified(input: input, output: output, layout),
        groups: convolution.groups, weights: convolution.weights, biases: convolution.biases)
    case let pooling as Pooling:
      let window = pooling.window.simplified(input: input, output: output, layout)
      // Whatever is taken of a single cell is that cell.
      let isOfOne =
        window.size.allSatisfy { $0 == 1 }
        && window.padding.allSatisfy { $0.before == 0 && $0.after <= 0 }
      return Pooling(isOfOne ? .maximum : pooling.rule, window: window)
    case let joint as Concatenation:
      return Concatenation(axis: joint.axis ?? layout.channelAxis(rank: input.rank))
    case let reduction as Reduction:
      return Reduction(
        reduction.rule, axes: reduction.axes.sorted(), keepsAxes: reduction.keepsAxes)
    case let standardization as Standardization:
      return Standardization(
        standardization.rule, axes: standardization.axes.sorted(),
        epsilon: standardization.epsilon, includesBatch: standardization.includesBatch)
    case let slicing as Slicing:
      return Slicing(
        axes: slicing.axes.map {
          Slicing.Axis(start: $0.start, count: $0.count, step: $0.count == 1 ? 1 : $0.step)
        })
    case let recurrence as Recurrence: return recurrence.simplified
    default: return self
    }
  }
}

extension Window {
  /// The window without a distance between cells of which there is one, a step that is not taken, and cells
  /// behind the image that it does not reach.
  fileprivate func simplified(input: Shape, output: Shape, _ layout: ImageLayout) -> Window {
    let cells = layout.spatial(of: input)
    let places = layout.spatial(of: output)
    guard [cells.count, places.count].allSatisfy({ $0 == size.count }) else { return self }
    var (steps, holes, margins) = (strides, dilation, padding)
    for axis in size.indices {
      if size[axis] == 1 { holes[axis] = 1 }
      if places[axis] == 1 { steps[axis] = 1 }
      let reach = (places[axis] - 1) * steps[axis] + (size[axis] - 1) * holes[axis] + 1
      margins[axis] = Padding(
        before: padding[axis].before, after: reach - padding[axis].before - cells[axis])
    }
    return Window(size: size, strides: steps, dilation: holes, padding: margins)
  }
}

extension Recurrence {
  /// Without what only plays a part where there is a mask, or gates.
  fileprivate var simplified: Recurrence {
    Recurrence(
      cells: cells.map { cell in
        RecurrentCell(
          kind: cell.kind, product: cell.product, kernel: cell.kernel,
          stateKernel: cell.stateKernel, biases: cell.biases, stateBiases: cell.stateBiases,
          activation: cell.activation.simplified,
          gateActivation: cell.kind == .simple ? .linear : cell.gateActivation.simplified)
      }, goesBackwards: goesBackwards, returnsSequences: returnsSequences,
      includesStates: includesStates, hasMask: hasMask, zeroesMasked: hasMask && zeroesMasked,
      initialStates: initialStates)
  }
}

extension ActivationFunction {
  /// The plainest name of the same function.
  fileprivate var simplified: ActivationFunction {
    switch self {
    case .thresholdedRelu(let threshold, let slope, let maximum) where threshold == 0:
      if maximum == nil { return ActivationFunction.leakyRelu(slope: slope).simplified }
      return slope == 0 ? .relu(maximum: maximum) : self
    case .leakyRelu(let slope) where slope == 0: return .relu(maximum: nil)
    case .leakyRelu(let slope) where slope == 1: return .linear
    case .scaledElu(let alpha, let scale) where scale == 1: return .elu(alpha: alpha)
    case .ramp(let slope) where slope == 0: return .relu(maximum: nil)
    case .threshold(let level, let value) where level == 0 && value == 0:
      return .relu(maximum: nil)
    default: return self
    }
  }
}
