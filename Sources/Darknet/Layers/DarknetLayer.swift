import FileSupport
import ModelGraph

/// A layer type of darknet: everything about it stands in the file of the type that conforms.
///
/// Reading a cfg, planning the bytes of a weights file, inspecting, writing, lowering to the graph
/// and `nnfmt layers` all ask this.
public protocol DarknetLayer: Sendable {
  /// darknet's own name of the type.
  static var type: String { get }
  /// Other names that a section may have.
  static var aliases: [String] { get }
  /// The forks that know the type.
  static var dialects: Set<Dialect> { get }
  /// The forks that can load its arrays.
  static var loadingDialects: Set<Dialect> { get }
  /// The options beside those that every layer has.
  static var options: [OptionDescription] { get }
  /// The operations that it can become, those aside that an option asks for.
  static var operations: [any Operation.Type] { get }
  /// Whether its cost and gradient are known, where its operations alone don't tell.
  static var hasTraining: Bool { get }

  /// What it puts out, and what the layer after it sees.
  var output: LayerShape { get }
  /// What layers that name it see, where that is something else: antialiasing makes the image smaller
  /// but leaves darknet's buffer as it is.
  var buffer: LayerShape { get }
  /// Its arrays in the order of a weights file, which may lack some: see ``PlacedLayer/arrays``.
  var arrays: [StoredArray] { get }
  /// The options that a reader of a table wants to see, as short as can be: `3×3/2 leaky bn`.
  var summary: String { get }
}

extension DarknetLayer {
  /// Most types have one name.
  public static var aliases: [String] { [] }
  /// Most types are known everywhere.
  public static var dialects: Set<Dialect> { .all }
  /// What a fork knows it loads.
  public static var loadingDialects: Set<Dialect> { dialects }
  /// Almost every type's are.
  public static var hasTraining: Bool { true }
  /// Many types have no options of their own.
  public static var options: [OptionDescription] { [] }
  /// Most layers keep in their buffer what they put out.
  public var buffer: LayerShape { output }
  /// Most layers store nothing.
  public var arrays: [StoredArray] { [] }
  /// Many have nothing to tell.
  public var summary: String { "" }
}

/// What a layer type does for this package: made from its options, lowered to the graph.
protocol ReadableLayer: DarknetLayer {
  /// Reads the options and works out shapes.
  ///
  /// - Throws: `ModelFileError`: `damaged` for values that no darknet can use, `unsupported` for
  ///   what nnfmt does not know.
  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError)

  /// The files that its operations can't be made without, by the names that the cfg gives them.
  var files: [String] { get }

  /// Adds the layer's operations to the graph and ends with ``Lowering/finish(_:)``.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` where the graph has no operation for it.
  func lower(_ lowering: inout Lowering) throws(ModelFileError)
}

extension ReadableLayer {
  /// Most layers stand in the cfg alone.
  var files: [String] { [] }
}

/// An earlier layer that a layer takes values from. It is no ``PlacedLayer``, which would hold on to
/// the layers that *it* takes values from: the end of a long chain of those would overflow the stack.
struct SourceLayer: Sendable {
  /// Its index.
  let index: Int
  /// What it puts out.
  let output: LayerShape
  /// What layers that name it see.
  let buffer: LayerShape
}

/// What a layer can see of the network while its options are read.
struct LayerContext {
  /// Its own index.
  let index: Int
  /// The dialect.
  let dialect: Dialect
  /// The `[net]` section.
  let network: NetworkOptions
  /// What the layer before it (or the network's input) passes on.
  let input: LayerShape
  /// The layers before it.
  let layers: [PlacedLayer]

  /// The layer that an index in a cfg means: negative ones count from this layer.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it is this layer itself, a later one or none.
  func layer(
    _ reference: Int, _ key: String, _ options: OptionReader
  ) throws(ModelFileError) -> PlacedLayer {
    let target = reference < 0 ? index + reference : reference
    guard layers.indices.contains(target) else {
      throw options.error(
        .damaged, key, "refers to a layer that does not come before this one",
        expected: index == 0
          ? "a layer before it, of which there is none" : "a layer from 0 to \(index - 1)",
        found: "\(reference)\(reference < 0 ? " (layer \(target))" : "")")
    }
    return layers[target]
  }

  /// The same, as what a layer keeps of it.
  func source(
    _ reference: Int, _ key: String, _ options: OptionReader
  ) throws(ModelFileError) -> SourceLayer {
    let layer = try layer(reference, key, options)
    return SourceLayer(index: layer.index, output: layer.output, buffer: layer.buffer)
  }

  /// The image that the layer works on.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the layer before it puts out none.
  func image(_ options: OptionReader) throws(ModelFileError) -> LayerShape {
    guard input.isImage else {
      throw options.error(
        .damaged, nil, "needs an image",
        expected: "height, width and channels above 0 from the layer before it",
        found: "\(input.channels) × \(input.height) × \(input.width)"
          + (layers.last.map { " of layer \($0.index) [\($0.type)]" } ?? ""),
        remedy: index == 0
          ? "give width, height and channels in [net]"
          : (layers.last?.layer as? Route)?.reasonForNoImage)
    }
    return input
  }
}
