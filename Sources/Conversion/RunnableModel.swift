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
    /// What a file with its value is called, without the ending: `007`; a Keras layer's name.
    public let fileStem: String
    /// The node of its value.
    public let node: Int
  }

  /// The graph, whose parameters have their bytes.
  public let graph: Graph
  /// The layers in order.
  public let layers: [Layer]
  /// What the user should know.
  public let warnings: [ModelWarning]

  /// The names of the outputs' layers, in the graph's order.
  public var outputs: [Int] { graph.outputs.map(\.node) }

  /// A darknet model.
  ///
  /// - Parameters:
  ///   - weights: the numbers of a network.
  ///   - allowsPartial: whether layers without numbers may stay without; running one is an error.
  ///   - fillsWithZeros: whether those have zeros instead, as a conversion writes them.
  /// - Throws: `ModelFileError`: `damaged` if the file is not whole, `unsupported` for a layer that the
  ///   graph has no operation for.
  public init(
    _ weights: any NetworkWeights, allowsPartial: Bool = false, fillsWithZeros: Bool = false
  ) throws(ModelFileError) {
    try weights.requireNumbers(allowsPartial: allowsPartial)
    let lowered = try weights.network.lowered(layout: weights.layout) { entry in
      weights.source(entry) ?? (fillsWithZeros ? ZeroSource(byteCount: entry.array.count * 4) : nil)
    }
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

  /// A Keras model for inputs of these shapes.
  ///
  /// - Throws: `ModelFileError` naming the layer: `unsupported` if it can't be computed, `damaged` if
  ///   configuration, weights and inputs contradict each other.
  public init(_ network: KerasNetwork, inputs: [Shape]) throws(ModelFileError) {
    let lowered = try network.lowered(for: inputs)
    graph = lowered.graph
    warnings = lowered.warnings
    var taken: [String: Int] = [:]
    layers = lowered.layers.map { layer in
      let stem = Self.fileStem(layer.name)
      let count = taken[stem, default: 0]
      taken[stem] = count + 1
      return Layer(
        index: layer.index, name: layer.name, fileStem: count == 0 ? stem : "\(stem)_\(count + 1)",
        node: layer.node)
    }
  }

  /// A layer's name without what no file name can have.
  package static func fileStem(_ name: String) -> String {
    let stem = String(name.map { $0 == "/" || $0 == "\0" ? "_" : $0 })
    return stem.isEmpty ? "_" : stem
  }

  /// Three digits at least: `007`.
  package static func fileStem(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }

  private init(
    _ network: Network, _ lowered: (graph: Graph, values: [Int]), warnings: [ModelWarning]
  ) {
    graph = lowered.graph
    self.warnings = warnings
    layers = zip(network.layers, lowered.values).map { placed, node in
      Layer(
        index: placed.index, name: placed.name, fileStem: Self.fileStem(placed.index), node: node)
    }
  }
}
