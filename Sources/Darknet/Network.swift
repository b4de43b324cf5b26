import FileSupport
import ModelGraph

/// A layer with its place in the network.
public struct PlacedLayer: Sendable {
  /// Its index, counted from 0 after `[net]`.
  public let index: Int
  /// The line of its section.
  public let line: Int
  /// What it takes.
  public let input: LayerShape
  /// The layer.
  public let layer: any DarknetLayer
  /// The arrays that a weights file holds for it, in its order.
  public let arrays: [StoredArray]
  /// Its options as they were read.
  public let options: [LayerOption]
  /// The key that says that a weights file lacks some of the layer's arrays, if it does.
  let missingBecause: String?

  /// darknet's name of its type, aliases resolved.
  public var type: String { Swift.type(of: layer).type }
  /// A name for other formats: `convolutional_12`.
  public var name: String { "\(type)_\(index)" }
  /// What it puts out.
  public var output: LayerShape { layer.output }
  /// What layers that name it see.
  var buffer: LayerShape { layer.buffer }
  /// Whether it puts out boxes.
  public var isHead: Bool {
    Swift.type(of: layer).operations.contains { $0 is any DetectionHead.Type }
  }
  /// Its place in an error message.
  public var reference: LayerReference {
    LayerReference(index: index, name: name, type: type, line: line)
  }
}

/// A network as a cfg describes it: every layer with its shapes and the arrays that a weights file
/// holds for it. No weights are needed.
public struct Network: Sendable {
  /// The text that it was read from.
  public let config: ConfigFile
  /// Which darknet's rules hold.
  public let dialect: Dialect
  /// The `[net]` section.
  public let options: NetworkOptions
  /// The layers in order.
  public let layers: [PlacedLayer]
  /// The indexes of the layers that are the outputs, if the cfg states them; else its heads are, or its
  /// last layer.
  public let statedOutputs: [Int]?
  /// What darknet lets pass in silence.
  public let warnings: [ModelWarning]

  /// Reads a cfg from a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - dialect: which darknet's rules hold; `nil` for the one that it states.
  ///   - otherwise: the dialect if it states none.
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` if it is no cfg, or none that darknet could
  ///   use; `unsupported` if nnfmt does not know a layer.
  public init(
    contentsOf path: String, dialect: Dialect?, otherwise: Dialect = .standard
  ) throws(ModelFileError) {
    try self.init(try ConfigText(contentsOf: path), dialect: dialect, otherwise: otherwise)
  }

  /// Reads a cfg.
  ///
  /// - Throws: as ``init(contentsOf:dialect:otherwise:)``.
  public init(
    _ text: ConfigText, dialect: Dialect?, otherwise: Dialect = .standard
  ) throws(ModelFileError) {
    var used = dialect ?? otherwise
    do {
      if dialect == nil, let stated = try text.statedDialect() { used = stated }
      try self.init(try ConfigFile(text, dialect: used), dialect: used)
    } catch {
      throw Self.hinting(error, text, used)
    }
  }

  /// The error with a hint at the dialects that read the file, if the error gives none itself.
  private static func hinting(
    _ error: ModelFileError, _ text: ConfigText, _ dialect: Dialect
  ) -> ModelFileError {
    let readers = dialect.others.filter { other in
      guard let config = try? ConfigFile(text, dialect: other) else { return false }
      guard let network = try? Network(config, dialect: other) else { return false }
      return network.isWellRead(in: other, where: error.places)
    }
    guard !readers.isEmpty else { return error }
    var error = error
    let hint = "it reads with --dialect \(readers.map(\.rawValue).joined(separator: " or "))"
    error.remedy = [error.remedy, hint].compactMap(\.self).joined(separator: "; ")
    return error
  }

  /// Whether a dialect that reads the network is worth a hint: its darknet can load the weights, and it knows
  /// the option that another took offence at, which else it would only pass over.
  private func isWellRead(in dialect: Dialect, where places: [ModelFileError.Place]) -> Bool {
    // Of what its darknet could not load the weights, no one has trained any.
    guard layers.allSatisfy({ type(of: $0.layer).loadingDialects.contains(dialect) }) else {
      return false
    }
    var known = NetworkOptions.options
    for place in places {
      switch place {
      case .layer(let index, _) where layers.indices.contains(index):
        known = type(of: layers[index].layer).options + CommonOptions.options
      case .option(let key):
        guard known.contains(where: { $0.key == key && $0.dialects.contains(dialect) }) else {
          return false
        }
      default: break
      }
    }
    return true
  }

  /// The names of the section that describes the network.
  static let netSections = ["net", "network"]

  /// Works out a network from sections (`parser.c: parse_network_cfg_custom`).
  public init(_ config: ConfigFile, dialect: Dialect) throws(ModelFileError) {
    self.config = config
    self.dialect = dialect
    guard let first = config.sections.first, Self.netSections.contains(first.name) else {
      throw ModelFileError(
        .damaged, file: config.path, at: [.line(config.sections.first?.line ?? 1)],
        "the first section describes no network", expected: "[net] or [network]",
        found: "[\(config.sections.first?.name.escapedForTerminal ?? "")]",
        remedy: "let the first section be [net]")
    }
    var warnings = WarningList()
    warnings.append(config.warnings)
    let reader = OptionReader(section: 0, of: config, dialect: dialect)
    do {
      options = try NetworkOptions(reader)
    } catch {
      throw reader.blamingMisspellings(error, known: NetworkOptions.options)
    }
    try reader.finish(known: NetworkOptions.options)
    warnings.append(reader.warnings)

    var layers: [PlacedLayer] = []
    for position in config.sections.indices.dropFirst() {
      let reader = OptionReader(section: position, of: config, dialect: dialect)
      layers.append(try Self.layer(reader, after: layers, of: options))
      warnings.append(reader.warnings)
    }
    guard !layers.isEmpty else {
      throw ModelFileError(
        .damaged, file: config.path, "the network has no layers",
        expected: "a section after [\(first.name)]",
        remedy: "add the layers, each a section: [convolutional], …")
    }
    self.layers = layers
    statedOutputs = try StatedOutputs.checked(config, layers, &warnings)
    self.warnings = warnings.all(inFile: config.path)
  }

  /// The layers that it puts out: those that the cfg states, or else its heads, or its last one. As in
  /// `network.c: get_network_output`, a loss at the end is no output.
  public var outputs: [PlacedLayer] {
    if let statedOutputs { return statedOutputs.map { layers[$0] } }
    let heads = layers.filter(\.isHead)
    guard heads.isEmpty else { return heads }
    return [
      layers.last { !($0.layer is Cost || $0.layer is Contrastive) } ?? layers[layers.count - 1]
    ]
  }

  /// Whether the layers are of the same types as those of another network, with the same shapes and arrays,
  /// so that they can be held against each other one by one.
  public func hasLayers(like other: Network) -> Bool {
    layers.count == other.layers.count
      && zip(layers, other.layers).allSatisfy { a, b in
        a.type == b.type && a.input == b.input && a.output == b.output
          && a.arrays.map(\.name) == b.arrays.map(\.name)
          && a.arrays.map(\.shape) == b.arrays.map(\.shape)
      }
  }

  /// Whether the cfg says the same as that of another network, section by section.
  public func isStated(like other: Network) -> Bool {
    dialect == other.dialect
      && config.sections.map(\.lines) == other.config.sections.map(\.lines)
  }

  /// Floats of a weights file that fits, without its header.
  public var weightCount: Int {
    layers.reduce(0) { sum, layer in layer.arrays.reduce(sum) { $0 + $1.count } }
  }

  /// The name of a planned array, unique in the network: `convolutional_12.weights`.
  public func name(of entry: WeightsPlan.Entry) -> String {
    "\(layers[entry.layer].name).\(entry.array.name)"
  }

  /// The largest of the ``files()``, in bytes.
  public static var maximumFileBytes: Int { ClassTree.maximumBytes }

  /// The files without which the network has no graph (a tree of classes), by the names that the cfg gives them.
  ///
  /// - Throws: `ModelFileError` of kind `unreadable` if one is not there.
  public func files() throws(ModelFileError) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for case let layer as any ReadableLayer in layers.map(\.layer) {
      for name in layer.files where files[name] == nil {
        files[name] = try ClassTree.bytes(named: name, by: config.text)
      }
    }
    return files
  }

  /// Where the cfg has what became an operation: the line and the layer, and the option of that section
  /// that asks for the operation, if one does.
  public func places(of node: Node) -> [ModelFileError.Place] {
    guard let reference = node.layer, layers.indices.contains(reference.index) else { return [] }
    let given = config.sections[reference.index + 1].entries
    let operation = ObjectIdentifier(Swift.type(of: node.operation))
    let asking = Swift.type(of: layers[reference.index].layer).options.first { option in
      option.operation.map { ObjectIdentifier($0) } == operation
        && given.contains { $0.key == option.key && $0.value != "0" }
    }
    return reference.places + (asking.map { [.option($0.key)] } ?? [])
  }

  /// Makes the next layer. It is a function of its own so that nothing holds on to `layers` while
  /// the result is appended: a copy for each layer would take time quadratic in their number.
  private static func layer(
    _ reader: OptionReader, after layers: [PlacedLayer], of options: NetworkOptions
  ) throws(ModelFileError) -> PlacedLayer {
    let type = try layerType(of: reader.section, reader)
    let context = LayerContext(
      index: layers.count, dialect: reader.dialect, network: options,
      input: layers.last?.output ?? options.input, layers: layers)
    let layer: any ReadableLayer
    do {
      layer = try type.init(reader, context)
    } catch {
      throw reader.blamingMisspellings(error, known: type.options + CommonOptions.options)
    }
    let missing = try CommonOptions(reader).missing(of: layer)
    let placed = PlacedLayer(
      index: context.index, line: reader.section.line, input: context.input, layer: layer,
      arrays: layer.arrays.filter { missing?.arrays.contains($0) != true },
      options: reader.options,
      missingBecause: missing?.key)
    try checkSize(of: placed, reader)
    try reader.finish(known: type.options + CommonOptions.options)
    return placed
  }

  private static func layerType(
    of section: ConfigSection, _ reader: OptionReader
  ) throws(ModelFileError) -> any ReadableLayer.Type {
    // darknet knows no such layer, and crashes of it.
    guard !netSections.contains(section.name) else {
      throw reader.error(
        .damaged, nil, "the network is described a second time",
        expected: "one [net] or [network], the first section", found: "[\(section.name)]",
        remedy: "remove it, or what stands in front of it: two cfgs may stand one behind the other")
    }
    guard let type = LayerTypes.named(section.name) else {
      throw reader.error(
        .unsupported, nil, "no layer type that nnfmt knows",
        found: "[\(section.name.escapedForTerminal)]",
        remedy: LayerTypes.nearest(to: section.name).map { "did you mean [\($0)]?" }
          ?? "check the spelling; `nnfmt layers` lists the types")
    }
    guard type.dialects.contains(reader.dialect) else {
      let known = Dialect.allCases.filter { type.dialects.contains($0) }.map { "\($0.rawValue)'s" }
      let loads = !type.loadingDialects.isEmpty
      throw reader.error(
        .unsupported, nil, "no layer type of \(reader.dialect.rawValue)'s darknet",
        found: "[\(section.name.escapedForTerminal)]",
        remedy: "only \(known.joined(separator: " and ")) darknet knows it"
          + (loads ? "" : ", and can't load its weights"))
    }
    return type
  }

  /// darknet counts values and floats in an `int`; what does not fit one can't be meant.
  private static func checkSize(
    of layer: PlacedLayer, _ reader: OptionReader
  ) throws(ModelFileError) {
    let image = layer.output.imageCount
    guard layer.output.count > 0, max(layer.output.count, image) <= LayerShape.maximumCount else {
      throw reader.error(
        .damaged, nil, "puts out a number of values that darknet could not count",
        expected: "1 to \(LayerShape.maximumCount)",
        found: "\(layer.output.channels) × \(layer.output.height) × \(layer.output.width)")
    }
    for array in layer.arrays where array.count <= 0 || array.count > LayerShape.maximumCount {
      throw reader.error(
        .damaged, nil, "has \(array.name) of a size that darknet could not count",
        expected: "1 to \(LayerShape.maximumCount) floats", found: "\(array.shape)")
    }
  }
}

extension ConfigSection {
  /// What it says, wherever it stands.
  fileprivate var lines: [[String]] { [[name]] + entries.map { [$0.key, $0.value] } }
}
