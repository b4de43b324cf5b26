import FileSupport
import ModelGraph

/// The kernels of a cell's gates for one of the two values that each gate sees, with their numbers.
struct GateKernels {
  /// How the kernels move; `nil` of matrices.
  let window: Window?
  /// `[in, k…]`
  let extents: [Int]
  /// What is done to each product, its offsets included, before the two halves of a gate are added.
  let function: GateFunction
  /// Each gate's numbers, `[units, in, k…]`.
  let weights: [ArraySlice<Float>]
  /// Each gate's offsets.
  let biases: [[Double]?]

  /// Kernels of a few gates side by side, `[gates · units, in, k…]`.
  func joined(_ gates: [Int]) -> [Float] { gates.flatMap { weights[$0] } }

  /// The offsets of a few gates side by side; `nil` if none has any.
  func joinedBiases(_ gates: [Int], units: Int) -> [Double]? {
    guard gates.contains(where: { biases[$0] != nil }) else { return nil }
    return gates.flatMap { biases[$0] ?? [Double](repeating: 0, count: units) }
  }
}

extension GateKernels {
  /// Those of a cell whose gates lie in one parameter.
  ///
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init(
    _ kernel: Parameter, _ biases: Parameter?, window: Window?, gates: Int, units: Int,
    _ builder: PlanBuilder
  ) throws(ModelFileError) {
    try builder.load(kernel, times: nil)
    let size = builder.scratch.count / gates
    let numbers = builder.scratch
    let offsets = try biases.map { (biases) throws(ModelFileError) in
      try builder.loader.values(of: biases).map(Double.init)
    }
    self.window = window
    extents = Array(kernel.shape.extents.dropFirst())
    function = GateFunction(.linear, units: units)
    weights = (0..<gates).map { numbers[($0 * size)..<(($0 + 1) * size)] }
    self.biases = (0..<gates).map { gate in
      offsets.map { Array($0[(gate * units)..<((gate + 1) * units)]) }
    }
  }

  /// Those of units, one for each gate, with normalizations folded into them.
  ///
  /// - Returns: `nil` for what is left to the reference engine: convolutions in groups, whose outputs would not lie gate
  ///   by gate, and functions that oneDNN lacks, as no post-operation comes between them and the sum of the halves.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init?<Product: GateProduct>(
    _ units: [RecurrentUnit<Product>], _ builder: PlanBuilder
  ) throws(ModelFileError) {
    guard let first = units.first, first.product.isOneGroup,
      let outputs = first.product.weights.shape.extents.first,
      units.allSatisfy({
        $0.activation == first.activation
          && $0.product.weights.shape == first.product.weights.shape
          && $0.product.movement == first.product.movement
      })
    else { return nil }
    function = GateFunction(first.activation, units: outputs)
    guard function.chain != nil else { return nil }
    window = first.product.movement
    extents = Array(first.product.weights.shape.extents.dropFirst())
    var weights: [ArraySlice<Float>] = []
    var biases: [[Double]?] = []
    for unit in units {
      var offsets = try unit.product.biases.map { (biases) throws(ModelFileError) in
        try builder.loader.values(of: biases).map(Double.init)
      }
      var factors: [Double]?
      if let normalization = unit.normalization {
        let folded = try FoldedNormalization(normalization, builder.loader)
        offsets = folded.applied(to: offsets ?? [Double](repeating: 0, count: outputs))
        factors = folded.factors
      }
      try builder.load(unit.product.weights, times: factors)
      weights.append(builder.scratch[...])
      biases.append(offsets)
    }
    self.weights = weights
    self.biases = biases
  }
}

/// A product that units of recurrent layers are made of.
protocol GateProduct: Operation {
  var weights: Parameter { get }
  var biases: Parameter? { get }
  /// How the kernel moves; `nil` of a matrix.
  var movement: Window? { get }
  /// Whether every output sees every input.
  var isOneGroup: Bool { get }
}

extension FullyConnected: GateProduct {
  var movement: Window? { nil }
  var isOneGroup: Bool { true }
}

extension Convolution: GateProduct {
  var movement: Window? { window }
  var isOneGroup: Bool { groups == 1 }
}
