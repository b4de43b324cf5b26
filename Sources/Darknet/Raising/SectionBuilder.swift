import FileSupport
import ModelGraph

/// The sections of the network that is made, in order. Each takes the one before it; where that is not
/// what it shall take, a `[route]` leads there first.
final class SectionBuilder: RaisingBuilder {
  typealias Value = RaisedValue

  /// A section with what a weights file holds for it.
  struct Section {
    let section: ConfigSection
    let arrays: [ParameterRole: OrderedTensor]
    /// What it puts out.
    let shape: LayerShape
    /// Where an error says that it comes from.
    let places: [ModelFileError.Place]
  }

  /// By whose darknet the cfg is read.
  let dialect: Dialect
  /// The sections so far.
  private(set) var sections: [Section] = []
  /// What the user should know.
  private(set) var warnings: [ModelWarning] = []
  /// Nodes whose work a section does for the node that it was made for.
  private var absorbed: [Int] = []
  /// Set when a layer behind the first takes the network's input, which no section can name.
  private(set) var missesInput = false
  /// Where the node at work stands in the model.
  var places: [ModelFileError.Place] = []
  private let input: LayerShape

  /// No sections yet.
  init(input: LayerShape, dialect: Dialect) {
    self.input = input
    self.dialect = dialect
  }

  /// What a layer puts out; -1 is the network's input.
  func shape(of layer: Int) -> LayerShape { layer < 0 ? input : sections[layer].shape }

  /// Adds a section that works on a value.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if this darknet knows no such layer or option.
  func add<Layer: ReadableLayer>(
    _ type: Layer.Type, _ options: SectionOptions, on value: RaisedValue, shape: LayerShape,
    arrays: [ParameterRole: OrderedTensor] = [:]
  ) throws(ModelFileError) -> RaisedValue {
    if value.layer != sections.count - 1 { _ = try route([value]) }
    return try append(type, options, shape: shape, arrays: arrays)
  }

  /// Adds a `[route]` to the values, whose channels are put side by side.
  func route(
    _ values: [RaisedValue], options: SectionOptions = SectionOptions(), shape: LayerShape? = nil
  ) throws(ModelFileError) -> RaisedValue {
    var all = SectionOptions()
    all.write(Route.layers, values.map(reference))
    all.append(options)
    return try append(
      Route.self, all, shape: shape ?? self.shape(of: values[0].layer), arrays: [:])
  }

  /// The index by which a section names the layer of a value.
  func reference(to value: RaisedValue) -> Int {
    if value.layer < 0 { missesInput = true }
    return max(value.layer, 0)
  }

  /// Marks nodes as done by the section at work.
  func absorb(_ nodes: [Int]) { absorbed += nodes }

  func places(of node: Node) -> [ModelFileError.Place] { node.places }

  /// Takes the nodes that were marked.
  func takeAbsorbed() -> [Int] {
    defer { absorbed = [] }
    return absorbed
  }

  /// Notes something that the user should know, once.
  func warn(_ text: String) {
    let warning = ModelWarning(file: nil, text)
    if !warnings.contains(warning) { warnings.append(warning) }
  }

  private func append<Layer: ReadableLayer>(
    _ type: Layer.Type, _ options: SectionOptions, shape: LayerShape,
    arrays: [ParameterRole: OrderedTensor]
  ) throws(ModelFileError) -> RaisedValue {
    guard type.dialects.contains(dialect) else {
      throw unknown("section [\(type.type)]", type.dialects, at: [])
    }
    for entry in options.entries {
      let descriptions = type.options.filter { $0.key == entry.key }
      guard !descriptions.contains(where: { $0.dialects.contains(dialect) }) else { continue }
      throw unknown(
        "option '\(entry.key)' in [\(type.type)]",
        descriptions.reduce(into: Set()) { $0.formUnion($1.dialects) }, at: [.option(entry.key)])
    }
    sections.append(
      Section(
        section: ConfigSection(name: type.type, entries: options.entries), arrays: arrays,
        shape: shape, places: places))
    return RaisedValue(layer: sections.count - 1)
  }

  private func unknown(
    _ what: String, _ dialects: Set<Dialect>, at places: [ModelFileError.Place]
  ) -> ModelFileError {
    let others = Dialect.allCases.filter(dialects.contains).map(\.rawValue)
    return ModelFileError(
      .unsupported, at: places, "it becomes a \(what), which \(dialect.rawValue)'s darknet lacks",
      remedy: others.isEmpty ? nil : "write it with --dialect \(others.joined(separator: " or "))")
  }
}

extension Node {
  /// Where the model has it: its layer, and that layer's name.
  var places: [ModelFileError.Place] {
    (layer.map { [$0.place] } ?? []) + [.path(layer?.path ?? name)]
  }
}
