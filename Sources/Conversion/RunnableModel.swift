import Darknet
import FileSupport
import Keras
import ModelGraph

/// A model of any format as a graph, with the values that its layers put out: what a forward pass and
/// a comparison need.
public struct RunnableModel: Sendable {
  /// A layer that puts something out.
  public struct Layer: Sendable {
    /// Its position, counted from 0.
    public let index: Int
    /// Its name: `convolutional_12`.
    public let name: String
    /// The node of its value.
    public let node: Int
    /// The values that one of its numbers is summed from, at most.
    public let fanIn: Int
  }

  /// The graph, whose parameters have their bytes.
  public let graph: Graph
  /// The layers in order.
  public let layers: [Layer]
  /// What the user should know.
  public let warnings: [ModelWarning]

  /// The names of the outputs' layers, in the graph's order.
  public var outputs: [Int] { graph.outputs }

  /// A darknet model.
  ///
  /// - Parameters:
  ///   - weights: the file, held against its cfg.
  ///   - allowsPartial: whether layers without numbers may stay without; running one is an error.
  /// - Throws: `ModelFileError`: `damaged` if the file is not whole, `unsupported` for a layer that the
  ///   graph has no operation for.
  public init(_ weights: WeightsFile, allowsPartial: Bool = false) throws(ModelFileError) {
    switch weights.status {
    case .complete: break
    case .partial where allowsPartial: break
    default: throw try Misfit(weights).error()
    }
    let lowered = try weights.network.lowered(layout: weights.layout) { weights.source($0) }
    self.init(
      weights.network, lowered, warnings: weights.network.warnings + weights.warnings)
  }

  /// The darknet model that a Keras checkpoint holds the numbers of.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for a layer that the graph has no operation for.
  public init(_ checkpoint: KerasToDarknet) throws(ModelFileError) {
    self.init(
      checkpoint.network, try checkpoint.lowered(), warnings: checkpoint.warnings)
  }

  private init(
    _ network: Network, _ lowered: (graph: Graph, values: [Int]), warnings: [ModelWarning]
  ) {
    graph = lowered.graph
    self.warnings = warnings
    layers = zip(network.layers, lowered.values).map { placed, node in
      let outputs = max(placed.output.count, 1)
      return Layer(
        index: placed.index, name: placed.name, node: node,
        fanIn: max(placed.layer.multiplyAdds / outputs, 1))
    }
  }
}
