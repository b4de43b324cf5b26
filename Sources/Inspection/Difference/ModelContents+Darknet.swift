import Darknet
import FileSupport
import ModelGraph

extension ModelContents {
  /// A cfg.
  package init(_ network: Network) {
    self.init(
      path: network.config.path, format: "darknet-cfg", bytes: UInt64(network.config.bytes.count))
    take(network)
    warnings = network.warnings
  }

  /// A `.weights` file with its cfg.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it does not fit the cfg.
  package init(_ weights: WeightsFile) throws(ModelFileError) {
    switch weights.status {
    case .complete, .partial: break
    case .truncated, .trailing: throw try SizeMismatch(weights).error()
    }
    self.init(path: weights.file.path, format: "darknet-weights", bytes: weights.file.size)
    take(weights.network)
    note(weights.header)
    if case .partial(let layers) = weights.status { note("layers_loaded", "\(layers)") }
    for entry in weights.plan.entries {
      guard let numbers = weights.tensor(entry) else { continue }
      tensors.append(
        Tensor(
          layer: weights.network.layers[entry.layer].name, array: entry.array.name,
          shape: entry.array.shape, typeName: numbers.elementType.rawValue, numbers: numbers))
    }
    warnings = weights.network.warnings + weights.oddities
  }

  /// A `.weights` file without a cfg: its numbers are one tensor.
  package init(_ weights: LooseWeights) {
    self.init(path: weights.file.path, format: "darknet-weights", bytes: weights.size)
    note(weights.header)
    if weights.oddBytes > 0 { note("trailing_bytes", "\(weights.oddBytes)") }
    let shape = Shape([weights.floatCount])
    tensors = [
      Tensor(
        array: Self.looseNumbers, shape: shape, typeName: ElementType.float32.rawValue,
        numbers: OrderedTensor(
          source: FileRegion(
            file: weights.file, offset: UInt64(weights.header.byteCount),
            byteCount: weights.floatCount * ElementType.float32.byteCount),
          elementType: .float32, view: StridedView(contiguous: shape)))
    ]
  }

  /// What the numbers of a network are called that nothing tells apart.
  static let looseNumbers = "floats"

  /// The layers of a network, `[net]` among them.
  mutating func take(_ network: Network) {
    vocabulary = "darknet"
    namesArePlaces = true
    note("dialect", network.dialect.rawValue)
    // Of a network there is a first section.
    layers = network.config.sections.prefix(1).map {
      Layer(name: $0.name, kind: $0.name, options: LayerSettings.entries(of: $0))
    }
    layers += network.layers.map { placed in
      Layer(
        name: placed.name, kind: placed.type,
        options: LayerSettings.entries(of: placed, in: network))
    }
  }

  /// What the header of a `.weights` file tells.
  package mutating func note(_ header: WeightsHeader) {
    note("header.version", "\(header.major).\(header.minor).\(header.revision)")
    note("header.bytes", "\(header.byteCount)")
    note("header.seen", "\(header.seen)")
  }
}
