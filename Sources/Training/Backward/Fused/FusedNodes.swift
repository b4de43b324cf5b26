import FileSupport
import Inference
import ModelGraph

/// An operation that sums products, which the nodes behind it can be computed with.
protocol FusedProduct: BackwardKernel {
  /// The operation as a convolution; `nil` for a form that is none.
  func fusedForm(input: Shape, output: Shape, batch: Int) -> FusedForm?
  /// The factors.
  var weights: Parameter { get }
  /// The offsets.
  var biases: Parameter? { get }
}

/// A sum of products as a convolution.
struct FusedForm {
  /// The convolution.
  let convolution: ConvolutionForm
  /// How often it is done: once for each sample, or once if samples are its cells.
  let samples: Int
  /// Where the numbers of its source lie in the value that the node is given.
  let source: ImageStrides
  /// The same of its result.
  let result: ImageStrides
}

/// The distances between neighbours in a value.
struct ImageStrides: Sendable {
  let sample: Int
  let channel: Int
  let cell: Int
}

/// A layer's nodes that are computed as one: products, and what follows them if nobody else sees what is between.
struct FusedNodes {
  /// The node that sums the products.
  let product: Node
  /// What is summed.
  let operation: any FusedProduct
  /// Its form.
  let form: FusedForm
  /// The node that normalizes the sums.
  private(set) var normalization: (node: Node, operation: BatchNormalization)?
  /// The activation.
  private(set) var bend = Bend()
  /// The window whose largest number is taken.
  private(set) var pooling: Window?
  /// All of the nodes, in order.
  private(set) var nodes: [Node]
  private var isActivated = false

  /// The last of the nodes.
  var last: Node { nodes[nodes.count - 1] }

  private init(_ node: Node, _ operation: any FusedProduct, _ form: FusedForm) {
    product = node
    self.operation = operation
    self.form = form
    nodes = [node]
  }

  /// All of a network.
  static func all(of plan: TrainingPlan) -> [FusedNodes] {
    let nodes = plan.graph.nodes
    var consumers = [[Node]](repeating: [], count: nodes.count)
    for node in nodes { for input in node.inputs { consumers[input].append(node) } }
    let compared = Set(plan.losses.map(\.node))
    // δ may end between two layers.
    let staysInLayer = plan.layers.contains { $0.stopsBackward || $0.isForwardOnly }
    func isDropped(_ node: Node) -> Bool {
      consumers[node.id].contains {
        $0.operation is Dropout || $0.operation is Reshaping && isDropped($0)
      }
    }
    return nodes.compactMap { node in
      guard let operation = node.operation as? any FusedProduct, node.inputs.count == 1,
        let form = operation.fusedForm(
          input: nodes[node.inputs[0]].shape, output: node.shape, batch: plan.options.miniBatch)
      else { return nil }
      var chain = FusedNodes(node, operation, form)
      while consumers[chain.last.id].count == 1, !compared.contains(chain.last.id) {
        let next = consumers[chain.last.id][0]
        if staysInLayer, next.layer?.index != node.layer?.index { break }
        let entersBelow = plan.losses.contains { $0.node == next.id && $0.entersBelowNode }
        // σ′ sees what dropout has made of the value.
        if entersBelow || next.operation is Activation && isDropped(next) { break }
        guard chain.take(next) else { break }
      }
      return chain
    }
  }

  /// Whether a node could be taken up behind the last.
  private mutating func take(_ node: Node) -> Bool {
    switch node.operation {
    case let operation as BatchNormalization where nodes.count == 1:
      normalization = (node, operation)
    case let operation as Activation where !isActivated && pooling == nil:
      guard let bend = operation.function.bend else { return false }
      self.bend = bend
      isActivated = true
    // Without a normalization, which spreads them, what is no number could be hidden by its neighbours.
    case let operation as Pooling where operation.rule == .maximum && pooling == nil:
      let window = operation.window
      guard normalization != nil, window.size.count == 2, window.size[0] * window.size[1] <= 9,
        window.dilation == [1, 1], node.shape.rank == 3
      else { return false }
      pooling = window
    default: return false
    }
    nodes.append(node)
    return true
  }
}

extension ActivationFunction {
  /// As straight pieces, if it is made of two or three.
  fileprivate var bend: Bend? {
    switch self {
    case .linear: Bend()
    case .leakyRelu(let slope): Bend(slope: Float(slope))
    case .relu(let maximum): Bend(slope: 0, limit: Float(maximum ?? .infinity))
    default: nil
    }
  }
}

extension Convolution: FusedProduct {
  func fusedForm(input: Shape, output: Shape, batch: Int) -> FusedForm? {
    guard input.rank == 3, output.rank == 3, window.size.count == 2 else { return nil }
    return FusedForm(
      convolution: ConvolutionForm(
        window: window, groups: groups, source: input.extents, result: output.extents,
        hasBiases: biases != nil),
      samples: batch, source: ImageStrides(input), result: ImageStrides(output))
  }
}

extension FullyConnected: FusedProduct {
  /// The samples are the cells of one image.
  func fusedForm(input: Shape, output: Shape, batch: Int) -> FusedForm? {
    let (inputs, outputs) = (weights.shape.extents[1], weights.shape.extents[0])
    return FusedForm(
      convolution: ConvolutionForm(
        window: Window(size: [1, 1], strides: [1, 1], padding: [.none, .none]), groups: 1,
        source: [inputs, batch, 1], result: [outputs, batch, 1], hasBiases: biases != nil),
      samples: 1, source: ImageStrides(sample: 0, channel: 1, cell: inputs),
      result: ImageStrides(sample: 0, channel: 1, cell: outputs))
  }
}

extension ImageStrides {
  /// Those of images `[C, H, W]`.
  fileprivate init(_ image: Shape) {
    sample = image.elementCount
    channel = image.extents[1] * image.extents[2]
    cell = 1
  }
}
