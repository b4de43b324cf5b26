import FileSupport
import ModelGraph

/// The numbers of a network in a file of named tensors: `convolutional_0.weights` and so on, in the shapes of the
/// network. What makes the way back to a `.weights` file the same to the byte stands in the metadata.
public struct TensorWeights: NetworkWeights {
  /// The file.
  public let file: InputFile
  /// The network.
  public let network: Network
  /// The arrays in C order, behind the header that the metadata tell, or the usual one.
  public let layout: WeightsLayout
  /// Complete, or partial where the last layers have no tensors.
  public let status: WeightsStatus
  /// What is odd about the file.
  public let warnings: [ModelWarning]
  private let container: TensorContainer
  private let carriedHeader: [UInt8]?

  /// The keys of the metadata.
  private enum Key {
    static let dialect = "darknet.dialect"
    static let header = "darknet.header"
  }

  /// Finds the tensors of a network.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for a tensor that is missing, is too many, or has another shape;
  ///   `unsupported` for one of a type without numbers.
  public init(_ container: TensorContainer, network: Network) throws(ModelFileError) {
    let plan = WeightsPlan(network)
    try container.requireAll(in: Set(plan.entries.map { network.name(of: $0) }))
    var firstMissing: WeightsPlan.Entry?
    for entry in plan.entries {
      let name = network.name(of: entry)
      let found = try container.tensor(for: name, shape: entry.array.shape)
      if let found {
        do {
          _ = try found.numbers()
        } catch {
          throw error.inFile(container.file.path)
        }
      }
      switch (found, firstMissing) {
      case (nil, nil): firstMissing = entry
      // Whole layers may be missing at the end, and nothing else.
      case (nil, _?): break
      case (_?, let missing?):
        throw container.missing(network.name(of: missing), shape: missing.array.shape)
      case (_?, nil): break
      }
    }
    if let missing = firstMissing {
      guard let layers = plan.layersEnding(at: missing.start) else {
        throw container.missing(network.name(of: missing), shape: missing.array.shape)
      }
      status = .partial(layersLoaded: layers)
    } else {
      status = .complete
    }
    let carried = Self.headerBytes(of: container)
    let header = try Self.header(of: container, dialect: network.dialect)
    // Tensors lie in C order, which the header of an old file with turned matrices would contradict.
    if let header, !header.isTransposed {
      layout = WeightsLayout(plan: plan, header: header)
      carriedHeader = carried
    } else {
      layout = WeightsLayout(plan: plan, header: WeightsHeader(.third, seen: header?.seen ?? 0))
      carriedHeader = nil
    }
    file = container.file
    warnings = container.warnings
    self.network = network
    self.container = container
  }

  /// The numbers as float32; those of shorter or longer types are rounded to the nearest.
  public func source(_ entry: WeightsPlan.Entry) -> (any TensorSource)? {
    guard let tensor = container[network.name(of: entry)], let type = tensor.elementType else {
      return nil
    }
    return type == .float32 ? tensor.source : FloatSource(tensor.source, elementType: type)
  }

  /// The header that the metadata tell, or the usual one.
  public func headerBytes() throws(ModelFileError) -> [UInt8] {
    carriedHeader ?? layout.header.bytes
  }

  /// Checks that all numbers are there, or that some may be missing.
  public func requireNumbers(allowsPartial: Bool) throws(ModelFileError) {
    guard case .partial = status, !allowsPartial,
      let missing = plan.entries.first(where: { container[network.name(of: $0)] == nil })
    else { return }
    throw container.missing(network.name(of: missing), shape: missing.array.shape)
  }

  /// What a file of tensors says of the network that they are of.
  public static func metadata(
    of weights: any NetworkWeights
  ) throws(ModelFileError) -> [(key: String, value: String)] {
    [
      (Key.dialect, weights.network.dialect.rawValue),
      (Key.header, text(try weights.headerBytes())),
    ]
  }

  /// The dialect that the metadata of a file tell.
  public static func dialect(of container: TensorContainer) -> Dialect? {
    container.metadata(Key.dialect).flatMap(Dialect.init(rawValue:))
  }

  /// The header that the metadata of a file tell.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they tell one of another length.
  public static func header(
    of container: TensorContainer, dialect: Dialect
  ) throws(ModelFileError) -> WeightsHeader? {
    try headerBytes(of: container).map { (bytes) throws(ModelFileError) in
      try WeightsHeader(exactly: bytes, dialect: dialect)
    }
  }

  /// Whether metadata under a key are those of a network.
  public static func isOwn(key: String) -> Bool { [Key.dialect, Key.header].contains(key) }

  private static func headerBytes(of container: TensorContainer) -> [UInt8]? {
    container.metadata(Key.header).flatMap(bytes)
  }

  /// Two hexadecimal digits a byte.
  private static func text(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.compactMap(\.hexDigitValue)
    guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }
}
