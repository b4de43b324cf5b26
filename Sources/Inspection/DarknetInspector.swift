import Darknet
import FileSupport
import ModelGraph

/// Summaries of darknet's files.
public struct DarknetInspector: Sendable {
  /// Which darknet the files are read as; `nil` for the one that the cfg states.
  public var dialect: Dialect?
  /// Whether each array gets a SHA-256.
  public var computesDigests: Bool
  /// Whether each array gets statistics, and the odd ones a warning.
  public var computesStatistics: Bool

  /// An inspector.
  public init(dialect: Dialect?, computesDigests: Bool = false, computesStatistics: Bool = false) {
    self.dialect = dialect
    self.computesDigests = computesDigests
    self.computesStatistics = computesStatistics
  }

  /// Shapes and sizes of a network without weights.
  ///
  /// - Throws: `ModelFileError` if the cfg can't be read as this dialect's.
  public func summary(config text: ConfigText) throws(ModelFileError) -> Summary {
    let network = try Network(text, dialect: dialect)
    var summary = Summary(
      file: text.path, format: "darknet-cfg", bytes: UInt64(network.config.bytes.count))
    Self.describe(network, in: &summary)
    summary.warnings += network.portability
    let work = try network.work()
    summary.activations = Summary.ActivationMemory(work.lifetimes)
    summary.layers = network.layers.map { placed in
      Self.layer(of: placed, in: network, work) { $0.shape }
    }
    return summary
  }

  /// What a weights file says without a cfg: its header and how many floats follow.
  ///
  /// - Returns: the summary and, if a transfer has damaged the file, how.
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged` if it can't be a weights file.
  public func summary(
    weightsAlone input: InputFile
  ) throws(ModelFileError) -> (summary: Summary, failure: ModelFileError?) {
    let dialect = dialect ?? .standard
    let path = input.path
    let file = try LooseWeights(of: input, dialect: dialect)
    var summary = Summary(file: path, format: "darknet-weights", bytes: file.size)
    summary.dialect = dialect.rawValue
    summary.header = Summary.Header(file.header)
    summary.status = .unverified
    summary.parameterCount = file.floatCount
    if let doubt = file.header.doubt {
      summary.warnings.append(ModelWarning(file: path, at: [.byte(0)], doubt))
    }
    if file.oddBytes > 0 {
      summary.warnings.append(
        ModelWarning(
          file: path,
          "\(file.oddBytes.counted("byte")) \(file.oddBytes == 1 ? "follows" : "follow") the last "
            + "float: the file is cut, or no weights file"))
    }
    let plausibility = Plausibility(isThorough: computesStatistics)
    let doubt = try plausibility.doubt(
      of: file.file, from: file.header.byteCount, numbers: file.floatCount)
    if let doubt {
      summary.warnings.append(ModelWarning(file: path, doubt))
    }
    if let start = try TransferDamage.zeroTail(of: file.file) {
      summary.warnings.append(
        ModelWarning(file: path, at: [.byte(start)], TransferDamage.zeroTailDoubt))
    }
    if let damage = try WeightsDamage.shown(by: file.file, header: file.header) {
      return (summary, damage)
    }
    let damage = summary.warnings.isEmpty ? nil : try TransferDamage(explaining: file.file)
    return (summary, damage?.error(file: path))
  }

  /// A weights file held against its cfg.
  ///
  /// - Returns: the summary and, if the file does not fit, why.
  /// - Throws: `ModelFileError` if one of the files can't be read at all.
  public func summary(
    weights file: InputFile, config: ConfigText
  ) throws(ModelFileError) -> (summary: Summary, failure: ModelFileError?) {
    let path = file.path
    let network = try Network(config, dialect: dialect)
    let weights = try WeightsFile(of: file, network: network)
    var summary = Summary(file: path, format: "darknet-weights", bytes: weights.file.size)
    Self.describe(network, in: &summary)
    summary.config = config.path
    summary.header = Summary.Header(weights.header)
    summary.expectedBytes = weights.layout.byteCount
    // Statistics say of each array what a sample says of one.
    summary.warnings += computesStatistics ? weights.oddities : weights.warnings
    describe(weights.status, in: &summary)

    let entries = Dictionary(grouping: weights.plan.entries, by: \.layer)
    let scan = ValueScan(.init(digest: computesDigests, statistics: computesStatistics))
    let work = try network.work()
    summary.activations = Summary.ActivationMemory(work.lifetimes)
    for placed in network.layers {
      var layer = Self.layer(
        of: placed, in: network, work, storedShape: weights.layout.storedShape)
      for (position, entry) in (entries[placed.index] ?? []).enumerated() {
        layer.parameters[position].offset = weights.layout.offset(of: entry)
        guard let source = weights.source(entry) else { continue }
        layer.parameters[position].numbers = Summary.Numbers(elementType: .float32) { source }
        guard !scan.wishes.isEmpty else { continue }
        let found = try scan.scan(source, elementType: .float32)
        layer.parameters[position].sha256 = found.sha256
        layer.parameters[position].statistics = found.statistics
        for complaint in found.statistics.map({ Health.complaints(name: entry.array.name, $0) })
          ?? []
        {
          summary.warnings.append(
            ModelWarning(
              file: path, at: [placed.reference.place, .array(entry.array.name)], complaint))
        }
      }
      summary.layers.append(layer)
    }
    let failure =
      summary.status?.isSound == true ? weights.damage : try SizeMismatch(weights).error()
    return (summary, failure)
  }

  static func describe(_ network: Network, in summary: inout Summary) {
    summary.dialect = network.dialect.rawValue
    summary.inputShape = network.options.input.shape.extents
    summary.picture = network.picture
    summary.parameterCount = network.weightCount
    summary.warnings += network.warnings
  }

  private func describe(_ status: WeightsStatus, in summary: inout Summary) {
    summary.status = Summary.Status(status)
    switch status {
    case .partial(let layers): summary.layersLoaded = layers
    case .trailing(let bytes): summary.trailingBytes = bytes
    case .complete, .truncated: break
    }
  }

  static func layer(
    of placed: PlacedLayer, in network: Network, _ work: NetworkWork,
    storedShape: (StoredArray) -> Shape
  ) -> Summary.Layer {
    var layer = Summary.Layer(index: placed.index, name: placed.name)
    layer.sources = work.sources[placed.index].map {
      $0 < 0 ? Network.inputName : network.layers[$0].name
    }
    layer.options = Summary.LayerOption.all(
      of: placed, in: network, windows: work.windows[placed.index])
    layer.type = placed.type
    layer.detail = placed.layer.summary
    layer.inputShape = placed.input.shape.extents
    layer.outputShape = placed.output.shape.extents
    layer.head = (placed.layer as? any HeadLayer)?.description
    layer.flops = work.multiplyAdds[placed.index]?.clampedProduct(2)
    layer.parameters = placed.arrays.map { array in
      Summary.StoredParameter(
        name: array.name, shape: storedShape(array), dtype: ElementType.float32.rawValue,
        bytes: UInt64(array.count) * 4)
    }
    layer.parameterCount = placed.arrays.reduce(0) { $0 + $1.count }
    return layer
  }
}

extension Summary.Status {
  init(_ status: WeightsStatus) {
    self =
      switch status {
      case .complete: .complete
      case .partial: .partial
      case .truncated: .truncated
      case .trailing: .trailing
      }
  }
}

extension Summary.Header {
  init(_ header: WeightsHeader) {
    self.init(
      major: header.major, minor: header.minor, revision: header.revision, seen: header.seen,
      bytes: header.byteCount, isTransposed: header.isTransposed)
  }
}
