import FileSupport
import ModelGraph

/// The numbers of a value for every sample of a batch, in double precision and C order.
struct BatchValues: Sendable {
  /// The shape of one sample: `[C, H, W]` or `[K]`.
  let sample: Shape
  /// The number of samples; with time steps, time × batch.
  let batch: Int
  /// The numbers, sample after sample.
  var numbers: [Double]

  /// Numbers of one sample.
  var sampleCount: Int { sample.elementCount }

  /// `[C, H, W]`; a vector is an image of one pixel.
  var image: (channels: Int, height: Int, width: Int) {
    let e = sample.extents
    return e.count == 3 ? (e[0], e[1], e[2]) : (sample.elementCount, 1, 1)
  }
}

/// An operation that can be trained through, beside the form of the same name in `Inference`.
protocol BackwardKernel: Operation {
  /// Computes the value in training and remembers how to go back.
  ///
  /// - Parameters:
  ///   - inputs: the values of the node's inputs.
  ///   - pass: what else there is to know.
  /// - Returns: the numbers of the result, and its backward step.
  /// - Throws: `ModelFileError` of kind `unsupported` for a form that can't be trained.
  func forward(
    _ inputs: [BatchValues], _ pass: ForwardPass
  ) throws(ModelFileError) -> (numbers: [Double], back: Pullback)
}

/// The backward step of a node: it takes δ at its output, adds to the update buffers of its parameters, and
/// gives what is to be added to δ of each input.
typealias Pullback = (BackwardStep) -> [[Double]?]

/// What a backward step is told.
struct BackwardStep {
  /// The node's output as it is now: dropout changes it after the forward pass.
  let output: BatchValues
  /// δ at the output.
  let delta: [Double]
  /// Whether δ of each input is wanted; the network's own input needs none.
  let wants: [Bool]
  /// Where gradients go.
  let parameters: ParameterStore
}

/// What a forward step is told beside its inputs.
struct ForwardPass {
  /// The shape of a sample of the result.
  let shape: Shape
  /// The number of samples.
  let batch: Int
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
  /// How batch normalization trains inside a recurrent layer of matrices.
  let denseNormalization: NormalizationRule
  /// What chance depends on: the seed, the pass and the node.
  let randomness: Randomness

  /// `[C, H, W]` of the result.
  var image: (channels: Int, height: Int, width: Int) {
    BatchValues(sample: shape, batch: batch, numbers: []).image
  }
}

/// Numbers that look like chance but depend on nothing except what they are made from (SplitMix64).
struct Randomness: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// A sequence of its own for each combination of numbers.
  init(_ numbers: UInt64...) {
    state = 0
    for number in numbers { state = Self.mixed(state &+ 0x9E37_79B9_7F4A_7C15 &+ number) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  /// A number from 0 up to, not including, 1.
  mutating func unit() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }

  private static func mixed(_ number: UInt64) -> UInt64 {
    var z = number
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
