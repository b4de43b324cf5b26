import ModelGraph

/// What a pass through a network takes, layer by layer.
public struct NetworkWork: Sendable {
  /// The multiply-adds of each layer in one pass over one sample, clamped to `Int.max`: those of the operations that it
  /// becomes, whether a weights file has numbers for it or not. `nil` for a layer that has no form in the graph.
  public let multiplyAdds: [Int?]
  /// The indexes of the layers whose values each layer takes, in the order in which it asks for them; -1 is the
  /// network's input.
  public let sources: [[Int]]
  /// How the windows of each layer move; of a layer without a form in the graph nothing is known.
  public let windows: [[Window]]
  /// How long values are needed; `nil` if a layer has no form in the graph.
  public let lifetimes: Lifetimes?
}
