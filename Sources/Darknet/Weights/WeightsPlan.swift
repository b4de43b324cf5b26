/// Which floats of a `.weights` file belong to which array: worked out from the cfg alone, before a
/// byte is read.
public struct WeightsPlan: Sendable {
  /// An array with its place.
  public struct Entry: Sendable {
    /// The index of the layer.
    public let layer: Int
    /// The array.
    public let array: StoredArray
    /// Floats in front of it, the header not counted.
    public let start: Int

    /// The first float behind it.
    public var end: Int { start + array.count }
  }

  /// The arrays in file order.
  public let entries: [Entry]
  /// The floats of all arrays together.
  public let floatCount: Int
  /// How many layers of the network the file is for.
  public let layerCount: Int

  /// Plans the file of a network.
  public init(_ network: Network) {
    self.init(network, upTo: network.layers.count)
  }

  /// Plans the file that holds only the layers in front of `limit` (`darknet partial`).
  public init(_ network: Network, upTo limit: Int) {
    var entries: [Entry] = []
    var position = 0
    for layer in network.layers where layer.index < limit {
      for array in layer.arrays {
        entries.append(Entry(layer: layer.index, array: array, start: position))
        position += array.count
      }
    }
    self.entries = entries
    floatCount = position
    layerCount = max(0, min(limit, network.layers.count))
  }

  /// The array that a float belongs to.
  public func entry(holding float: Int) -> Entry? {
    entries.first { $0.start <= float && float < $0.end }
  }

  /// The floats of whole layers at the beginning of `count` floats, if they end exactly there.
  ///
  /// - Returns: the index after the last layer with arrays; `nil` if a layer is cut.
  func layersEnding(at count: Int) -> Int? {
    if count == 0 { return 0 }
    guard let position = entries.firstIndex(where: { $0.end == count }) else { return nil }
    let layer = entries[position].layer
    let next = entries.index(after: position)
    return next < entries.endIndex && entries[next].layer == layer ? nil : layer + 1
  }
}
