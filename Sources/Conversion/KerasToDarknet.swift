import Darknet
import FileSupport
import Keras
import ModelGraph

/// A Keras checkpoint made into a darknet model whose cfg is there already: one that nnfmt made of a darknet
/// model before, or any whose layers fit a cfg that the user names. ``KerasModelToDarknet`` takes others.
///
/// The cfg is lowered and raised just as on the way there, without numbers; what comes out says for
/// each array of the weights file which dataset holds it, and in which order.
public struct KerasToDarknet: DarknetConversion {
  /// What the user may say.
  public struct Options: Sendable {
    /// The cfg to fill; without one the carried cfg is used. ``KerasModelToDarknet`` makes its own.
    public var config: ConfigText?
    /// The dialect; without one that counts which the named cfg states, or the file carries.
    public var dialect: Dialect?
    /// The header to write; without one the carried header is used.
    public var header: HeaderGeneration?
    /// Only layers in front of this one are written.
    public var limit: Int?
    /// Whether a `model_config` that contradicts the cfg is no error, since Keras's own layers are
    /// computed too.
    public var allowsContradiction = false

    /// No wishes.
    public init() {}
  }

  /// The network that is written.
  public let network: Network
  private let layout: WeightsLayout
  private let header: [UInt8]
  /// What a darknet file has no place for.
  private let lost: [ModelWarning]
  private let arrays: [(entry: WeightsPlan.Entry, found: ArrayFinder.Found)]
  /// What the user should know.
  public let warnings: [ModelWarning]
  /// Where the checkpoint's `model_config` contradicts the cfg: what no `.weights` has a place for.
  public let contradiction: ModelFileError?
  /// Where Keras's own model holds the value of each layer of the network; a head or a layer that no
  /// output needs has none.
  public let values: [RaisedValue?]
  /// The Keras model that the network would become, with the file's epsilons where variances make up for them.
  public let expectedModel: KerasModel
  /// Where that model holds what the network puts out, in order; in place of a head, what enters it.
  public let outputs: [RaisedValue]
  /// The network that the checkpoint was made of, whichever network was named.
  public let embeddedNetwork: Network?
  /// The cfg, unless it was named.
  public let companion: [UInt8]?

  /// Finds the numbers of every array in a checkpoint; nothing is written yet.
  ///
  /// - Throws: `ModelFileError`: `damaged` if the file is broken or does not fit the cfg,
  ///   `unsupported` if there is no cfg.
  public init(
    _ checkpoint: KerasCheckpoint, _ options: Options = Options()
  ) throws(ModelFileError) {
    let path = checkpoint.path
    lost = checkpoint.lostState
    do throws(ModelFileError) {
      let embedded = try EmbeddedDarknetModel(from: checkpoint)
      let carried = try Self.embeddedNetwork(path, embedded, options)
      embeddedNetwork = carried
      network = try Self.network(carried, embedded?.dialect ?? .standard, options)
      companion = options.config == nil ? network.config.bytes : nil
      if let refusal = checkpoint.turnedKernels,
        network.layers.contains(where: { $0.type.hasSuffix("convolutional") })
      {
        throw refusal
      }
      let header = try Self.header(embedded, options)
      // The carried bytes, not what they were read as: a count that pjreddie reads signed stays itself.
      self.header = (options.header == nil ? embedded?.header : nil) ?? header.bytes
      let limit = options.limit ?? embedded?.layersLoaded ?? network.layers.count
      layout = WeightsLayout(plan: WeightsPlan(network, upTo: limit), header: header)
      let finder = try ArrayFinder(
        checkpoint: checkpoint, embedded: embedded, network: network, layout: layout)
      if let contradiction = finder.contradiction, !options.allowsContradiction {
        throw contradiction
      }
      contradiction = finder.contradiction?.inFile(path)
      values = finder.values
      outputs = finder.outputs
      expectedModel = finder.model
      var arrays: [(WeightsPlan.Entry, ArrayFinder.Found)] = []
      for entry in layout.plan.entries { arrays.append((entry, try finder.find(entry))) }
      self.arrays = arrays
      warnings = network.warnings + finder.warnings
    } catch {
      throw error.inFile(path)
    }
  }

  /// Whether a file carries the darknet network that it was made of.
  ///
  /// - Throws: `ModelFileError` if it can't be read as a Keras checkpoint.
  public static func embedsNetwork(_ checkpoint: KerasCheckpoint) throws(ModelFileError) -> Bool {
    try embedded(of: checkpoint) != nil
  }

  /// The darknet network that a file carries; `nil` if it carries none.
  ///
  /// - Parameters:
  ///   - checkpoint: the Keras file.
  ///   - dialect: by which it is read; without one the carried dialect is used.
  /// - Throws: `ModelFileError` if the file can't be read as a Keras checkpoint, or its cfg as a network.
  public static func embeddedNetwork(
    _ checkpoint: KerasCheckpoint, dialect: Dialect? = nil
  ) throws(ModelFileError) -> Network? {
    guard let embedded = try embedded(of: checkpoint) else { return nil }
    return try embeddedNetwork(checkpoint.path, embedded, dialect)
  }

  /// The header of the `.weights` file that a file was made of; `nil` if it carries none.
  ///
  /// - Throws: `ModelFileError` if the file can't be read as a Keras checkpoint, or the header is none.
  public static func embeddedHeader(
    _ checkpoint: KerasCheckpoint
  ) throws(ModelFileError) -> WeightsHeader? {
    try embedded(of: checkpoint).map { (embedded) throws(ModelFileError) in
      try embedded.parsedHeader()
    }
  }

  /// The names of the classes that a file carries, a line each; `nil` if it carries none.
  ///
  /// - Throws: `ModelFileError` if the file can't be read as a Keras checkpoint.
  public static func embeddedNames(
    _ checkpoint: KerasCheckpoint
  ) throws(ModelFileError) -> [UInt8]? {
    try embedded(of: checkpoint)?.names
  }

  private static func embedded(
    of checkpoint: KerasCheckpoint
  ) throws(ModelFileError) -> EmbeddedDarknetModel? {
    do throws(ModelFileError) {
      return try EmbeddedDarknetModel(from: checkpoint)
    } catch {
      throw error.inFile(checkpoint.path)
    }
  }

  /// How many layers, from the first one on, have the numbers of the darknet model.
  public var layersLoaded: Int { layout.plan.layerCount }

  /// An array with the walk that brings it into the order of the weights file.
  public func array(
    _ entry: WeightsPlan.Entry
  ) -> (source: any TensorSource, view: StridedView)? {
    found(entry).map { ($0.source, $0.view) }
  }

  /// Whether an array was worked out of numbers that a conversion had to round.
  public func isRounded(_ entry: WeightsPlan.Entry) -> Bool { found(entry)?.isRounded ?? false }

  private func found(_ entry: WeightsPlan.Entry) -> ArrayFinder.Found? {
    arrays.first { $0.entry.start == entry.start }?.found
  }

  /// The network as a graph with the checkpoint's numbers, and the node of each layer's output.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a layer that the graph has no operation for.
  func lowered() throws(ModelFileError) -> (graph: Graph, values: [Int]) {
    try network.lowered(
      layout: layout, source: { array($0)?.source }, order: { array($0)?.view })
  }

  /// Writes the weights.
  ///
  /// - Throws: `ModelFileError` of either file.
  public func write(
    to file: OutputFile, progress: ConversionProgress
  ) throws(ModelFileError) -> ConversionReport {
    let writer = WeightsWriter(
      layout: layout, header: header,
      tensors: arrays.map {
        OrderedTensor(source: $0.found.source, elementType: .float32, view: $0.found.view)
      })
    return try writer.write(to: file, warnings: warnings + lost, progress: progress)
  }

  private static func embeddedNetwork(
    _ path: String, _ embedded: EmbeddedDarknetModel, _ dialect: Dialect?
  ) throws(ModelFileError) -> Network {
    let dialect = dialect ?? embedded.dialect
    let text = ConfigText(
      path: "\(path)/darknet/cfg", bytes: embedded.config, host: path, files: embedded.files)
    return try Network(try ConfigFile(text, dialect: dialect), dialect: dialect)
  }

  /// The carried network; one that can't be read does not matter where another is named.
  private static func embeddedNetwork(
    _ path: String, _ embedded: EmbeddedDarknetModel?, _ options: Options
  ) throws(ModelFileError) -> Network? {
    guard let embedded else { return nil }
    do {
      return try embeddedNetwork(path, embedded, options.dialect)
    } catch {
      guard options.config == nil else { return nil }
      throw error
    }
  }

  private static func network(
    _ carried: Network?, _ carriedDialect: Dialect, _ options: Options
  ) throws(ModelFileError) -> Network {
    if let config = options.config {
      return try Network(config, dialect: options.dialect, otherwise: carriedDialect)
    }
    guard let carried else {
      throw ModelFileError(
        .unsupported, "the file carries no darknet network",
        expected: "an .h5 that nnfmt made of a darknet model",
        found: "a Keras model of other origin",
        remedy: "name the network whose weights these are with --cfg")
    }
    return carried
  }

  private static func header(
    _ embedded: EmbeddedDarknetModel?, _ options: Options
  ) throws(ModelFileError) -> WeightsHeader {
    let carried = try embedded.map { (embedded) throws(ModelFileError) in
      try embedded.parsedHeader()
    }
    if let generation = options.header {
      return WeightsHeader(generation, seen: carried?.seen ?? 0)
    }
    return carried ?? WeightsHeader(.third, seen: 0)
  }
}
