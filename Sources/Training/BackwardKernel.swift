import FileSupport
import Inference
import ModelGraph

extension TensorOf {
  /// `[C, H, W]` of a sample; a vector is an image of one pixel.
  var image: (channels: Int, height: Int, width: Int) {
    let e = shape.extents
    return e.count == 4 ? (e[1], e[2], e[3]) : (sampleCount, 1, 1)
  }
}

/// An operation that can be trained through: the way back through the kernel that the engine runs.
protocol BackwardKernel: Operation {
  /// Computes the value in training.
  ///
  /// - Returns: the value, and its backward step.
  /// - Throws: `ModelFileError` of the kernel.
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback)

  /// Why darknet's backward step is not the derivative of the value; `nil` where it is. Without a default: forgetting
  /// it must not compile. The table in `spec/training.md` shows each with its error.
  ///
  /// - Parameters:
  ///   - loss: the loss that is attached to the operation's value, if one is.
  ///   - options: how the network is trained.
  func departure(_ loss: Loss?, _ options: TrainingOptions) -> String?
}

/// An operation whose value is the same in training, and whose backward step needs nothing beside its
/// inputs and its output.
protocol PullbackKernel: BackwardKernel {
  /// The backward step.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a form that can't be trained.
  func back(_ step: BackwardStep) throws(ModelFileError) -> [[Double]?]
}

extension PullbackKernel {
  func forward(
    _ pass: ForwardPass
  ) throws(ModelFileError) -> (value: TensorOf<Double>, back: Pullback) {
    (try Double.value(of: self, pass.kernelContext), back)
  }
}

/// The backward step of a node: it takes δ at its output, adds to the update buffers of its parameters, and
/// gives what is to be added to δ of each input.
typealias Pullback = (BackwardStep) throws(ModelFileError) -> [[Double]?]

/// What a backward step is told.
struct BackwardStep {
  /// The forward pass that it belongs to.
  let pass: ForwardPass
  /// The node's output as it is now: dropout changes it after the forward pass.
  let output: TensorOf<Double>
  /// δ at the output.
  let delta: [Double]
  /// Whether δ of each input is wanted; the network's own input needs none.
  let wants: [Bool]

  /// The values of the node's inputs.
  var inputs: [TensorOf<Double>] { pass.inputs }
  /// The arrays, and where gradients go.
  var parameters: ParameterStore { pass.parameters }

  /// The step of an operation inside the node.
  func at(
    _ input: TensorOf<Double>, output: TensorOf<Double>, delta: [Double]
  ) -> BackwardStep {
    var inner = pass
    inner.inputs = [input]
    return BackwardStep(pass: inner, output: output, delta: delta, wants: [true])
  }
}

/// What a forward step is told.
struct ForwardPass {
  /// The values of the node's inputs.
  var inputs: [TensorOf<Double>]
  /// The shape of a sample of the result.
  let shape: Shape
  /// The arrays.
  let parameters: ParameterStore
  /// Who multiplies matrices.
  let products: Products
  /// How batch normalization trains at this node.
  let normalization: NormalizationRule
  /// Whether recurrent layers take the true derivative through time rather than darknet's.
  let isExactInTime: Bool
  /// What recurrent layers carry from pass to pass.
  let memory: RecurrentMemory
  /// The node at work.
  let node: Int
  /// What chance depends on: the seed, the pass and the node.
  let randomness: SplitMix64

  /// What the engine's kernel is told: batch normalization has the statistics of the batch.
  var kernelContext: KernelContext<Double> {
    KernelContext(
      inputs: inputs, layout: .channelsFirst, shape: shape, threads: products.threads,
      statistics: { (operation, x) throws(ModelFileError) in
        let batch = try BatchStatistics(of: x, normalization)
        parameters.follow(batch, of: operation, normalization)
        return (batch.mean, batch.variance)
      },
      numbers: parameters.values(of:))
  }
}
