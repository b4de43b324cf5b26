import COneDNN
import FileSupport
import ModelGraph

/// What is done to the sums of a group, in numbers: a batch normalization is folded into factors and offsets of the
/// filters, the rest becomes post-operations.
struct Epilogue {
  /// What each filter is multiplied by, if by anything.
  let factors: [Double]?
  /// What is added to each filter's sums, if anything.
  let offsets: [Float]?
  let postOperations: [PostOperation]
  /// The node whose value is added before the destination is written.
  let addend: Int?

  /// - Parameters:
  ///   - outputs: the number of filters.
  ///   - biases: the operation's own.
  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init(
    _ group: NodeGroup, outputs: Int, biases: Parameter?, _ loader: ParameterLoader
  ) throws(ModelFileError) {
    var factors: [Double]?
    var offsets: [Double]?
    if let biases { offsets = try loader.values(of: biases).map(Double.init) }
    var operations: [PostOperation] = []
    var addend: Int?
    for follower in group.followers {
      switch follower {
      case .normalization(let normalization):
        let folded = try FoldedNormalization(normalization, loader)
        offsets = folded.applied(to: offsets ?? [Double](repeating: 0, count: outputs))
        factors = folded.factors
      case .activation(let function):
        if let eltwise = function.eltwise, eltwise.kind != onednn_eltwise_linear {
          operations.append(.function(eltwise))
        }
      case .addition(let node):
        operations.append(.sum)
        addend = node
      }
    }
    self.factors = factors
    self.offsets = offsets?.map(Float.init)
    postOperations = operations
    self.addend = addend
  }
}

/// `y = (x − mean) · factor + bias` of a batch normalization with running statistics.
struct FoldedNormalization {
  let means: [Double]
  let factors: [Double]
  let biases: [Double]

  /// *y* of a number of each channel.
  func applied(to x: [Double]) -> [Double] {
    x.indices.map { (channel: Int) -> Double in
      (x[channel] - means[channel]) * factors[channel] + biases[channel]
    }
  }

  /// - Throws: `ModelFileError` if a parameter can't be loaded.
  init(_ operation: BatchNormalization, _ loader: ParameterLoader) throws(ModelFileError) {
    means = try loader.values(of: operation.mean).map(Double.init)
    let scales = try operation.scales.map { (scales) throws(ModelFileError) in
      try loader.values(of: scales)
    }
    factors = try loader.values(of: operation.variance).enumerated().map { channel, variance in
      Double(scales?[channel] ?? 1) / operation.divisor.value(Double(variance))
    }
    biases =
      try operation.biases.map { (biases) throws(ModelFileError) in
        try loader.values(of: biases).map(Double.init)
      } ?? means.map { _ in 0 }
  }
}

extension PlanBuilder {
  /// Where a group's result is written: over the value that is added to it, or a copy of that, or fresh memory.
  ///
  /// - Parameters:
  ///   - layout: that of the result.
  ///   - addend: the node whose value is added, if one is.
  ///   - value: a node's value in the layout.
  func destination(
    _ layout: TensorLayout, adding addend: Int?,
    _ value: (Int) throws(ModelFileError) -> Operand
  ) throws(ModelFileError) -> Operand {
    guard let addend else { return newBuffer(layout) }
    let added = try value(addend)
    if isLastUse(of: added, addend) { return added }
    let copy = newBuffer(layout)
    try reorder(added, to: copy)
    return copy
  }

  /// The same of an image.
  func imageDestination(
    _ layout: TensorLayout, adding addend: Int?
  ) throws(ModelFileError) -> Operand {
    try destination(layout, adding: addend) { (node) throws(ModelFileError) in
      try image(node, in: layout)
    }
  }
}
