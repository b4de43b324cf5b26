import FileSupport
import ModelGraph

/// A product that can be part of a recurrent layer.
protocol RecurrentProduct: Operation {
  /// Channels of the result.
  var outputs: Int { get }

  /// The product with its numbers, as a function of a batch.
  func function(
    _ context: KernelContext
  ) throws(ModelFileError) -> (Tensor) throws(ModelFileError) -> Tensor
}

extension FullyConnected: RecurrentProduct {
  func function(
    _ context: KernelContext
  ) throws(ModelFileError) -> (Tensor) throws(ModelFileError) -> Tensor {
    let product = try loaded(context)
    return { input in
      Tensor(shape: [input.batch, product.outputs], values: product.apply(input, context.workers))
    }
  }
}

extension Convolution: RecurrentProduct {
  func function(
    _ context: KernelContext
  ) throws(ModelFileError) -> (Tensor) throws(ModelFileError) -> Tensor {
    // The channels of what it will see are those that its kernels have.
    let channels = weights.shape.extents[1] * groups
    let convolution = try loaded(channels: channels, context)
    return { (input) throws(ModelFileError) in
      let image = input.channelsFirst(from: context.layout)
      guard image.shape.rank == window.size.count + 2, image.shape.extents[1] == channels else {
        throw ModelFileError(
          .damaged, "a convolution of a recurrent layer does not fit its image",
          expected: "\(channels) channels", found: "\(image.sample)")
      }
      let output = try self.outputShape(of: [image.sample], layout: .channelsFirst)
      return Tensor(
        shape: Shape([input.batch] + output.extents),
        values: convolution.apply(image, output: output, context.workers)
      ).fromChannelsFirst(to: context.layout)
    }
  }
}

/// A unit of a recurrent layer with its numbers, to be used step after step.
struct LoadedUnit {
  private let product: (Tensor) throws(ModelFileError) -> Tensor
  private let normalization: NormalizationNumbers?
  private let activation: ActivationFunction
  private let layout: ImageLayout

  init<Product: RecurrentProduct>(
    _ unit: RecurrentUnit<Product>, _ context: KernelContext
  ) throws(ModelFileError) {
    product = try unit.product.function(context)
    if let normalization = unit.normalization {
      self.normalization = try NormalizationNumbers(
        normalization, channels: unit.product.outputs, context)
    } else {
      normalization = nil
    }
    activation = unit.activation
    layout = context.layout
  }

  /// `σ(W x + b)`, or `σ(bn(W x))`.
  func callAsFunction(_ input: Tensor) throws(ModelFileError) -> Tensor {
    let z = try product(input)
    let normalized = normalization?.apply(to: z, layout) ?? z
    return activation.apply(to: normalized, layout)
  }
}

/// The steps of a batch of sequences: time outermost.
struct TimeSteps {
  private let input: Tensor
  private let count: Int

  /// Splits a batch.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it does not hold whole sequences.
  init(_ input: Tensor, _ count: Int) throws(ModelFileError) {
    guard count > 0, input.batch % count == 0 else {
      throw ModelFileError(
        .damaged, "the input does not hold whole sequences",
        expected: "a first axis of time × batch: a multiple of \(count)", found: "\(input.batch)",
        remedy: "give \(count) samples for each sequence, the first of all sequences first")
    }
    self.input = input
    self.count = count
  }

  /// Sequences that run beside each other.
  var sequences: Int { input.batch / count }

  /// Zeros for every sequence.
  func zeros(_ sample: Shape) -> Tensor {
    let shape = Shape([sequences] + sample.extents)
    return Tensor(shape: shape, values: [Float](repeating: 0, count: shape.elementCount))
  }

  /// The results of `body` for each step, one after another.
  func map(_ body: (Tensor) throws(ModelFileError) -> Tensor) throws(ModelFileError) -> [Float] {
    let size = sequences * input.sampleCount
    var result: [Float] = []
    for step in 0..<count {
      let values = Array(input.values[(step * size)..<((step + 1) * size)])
      let x = Tensor(shape: Shape([sequences] + input.sample.extents), values: values)
      result += try body(x).values
    }
    return result
  }
}

extension SimpleRecurrence: ReferenceKernel where Product: RecurrentProduct {
  func compute(_ inputs: [Tensor], _ context: KernelContext) throws(ModelFileError) -> Tensor {
    let steps = try TimeSteps(inputs[0], timeSteps)
    let input = try LoadedUnit(input, context)
    let recurrence = try LoadedUnit(recurrence, context)
    let output = try LoadedUnit(output, context)
    var state = steps.zeros(
      try stateShape(of: inputs[0].sample, layout: context.layout))
    return context.result(
      try steps.map { (x) throws(ModelFileError) in
        let old = state
        state = try input(x).combined(with: try recurrence(old)) { $0 + $1 }
        if keepsState { state = state.combined(with: old) { $0 + $1 } }
        return try output(state)
      })
  }
}

extension Tensor {
  /// A function of the numbers at the same place of two tensors, in double precision.
  func combined(with other: Tensor, _ function: (Double, Double) -> Double) -> Tensor {
    Tensor(
      shape: shape,
      values: zip(values, other.values).map { Float(function(Double($0), Double($1))) })
  }

  /// A function of each number, in double precision.
  func mapped(_ function: (Double) -> Double) -> Tensor {
    Tensor(shape: shape, values: values.map { Float(function(Double($0))) })
  }
}
