import ArgumentParser
import FileSupport
import Inspection

// Not Foundation: it would bring 50 MB of Unicode's tables for `fnmatch`, which is the C library's.
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Which rows `nnfmt inspect` shows, in which order and form.
struct InspectView: ParsableArguments {
  /// The order of rows.
  enum Order: String, ExpressibleByArgument, CaseIterable {
    case index, name, size
  }

  /// How rows are written.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, markdown, tsv, json
  }

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      "Look at a layer, by its name or index (-1 is the last): its options and where they come from, its arrays; "
        + "repeatable.",
      valueName: "name|n"))
  var layer: [String] = []

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("With --layer: the first values of each array.", valueName: "count"))
  var values: Int?

  @Flag(help: "List the attributes of an HDF5 file's groups and datasets.")
  var attributes = false

  @Flag(
    help:
      "Show the layers of nested Keras models beneath them; where no layers are known, groups and what is in them."
  )
  var tree = false

  @Option(
    help: ArgumentHelp(
      "How many levels of the tree are shown, 1 being the first.", valueName: "levels"))
  var depth: Int?

  @Option(
    name: .customLong("input-size"),
    help: ArgumentHelp(
      "What an input of a Keras model has that leaves its extents open, as 224,224,3; once for each input.",
      valueName: "extents"))
  var inputSize: [InputSize] = []

  @Option(
    help: ArgumentHelp(
      "Show only layers whose names, and datasets whose paths, match: * ? and [ ] as in a shell.",
      valueName: "pattern"))
  var filter: String?

  @Option(help: "The order of layers and datasets (default: as the file has them).")
  var sort: Order?

  @Option(help: "How rows are written; json is --json (default: table).")
  var format: Format?

  func validate() throws {
    if let values, !(1...1_000_000).contains(values) {
      throw ValidationError("--values takes a count from 1 to 1000000.")
    }
    guard values == nil || !layer.isEmpty else {
      throw ValidationError("--values tells values of the layers that --layer names.")
    }
    guard layer.isEmpty || filter == nil && sort == nil && !attributes else {
      throw ValidationError(
        "--layer names the layers: leave out --filter, --sort and --attributes.")
    }
    if let depth {
      guard tree else { throw ValidationError("--depth tells how much of --tree is shown.") }
      guard depth > 0 else { throw ValidationError("--depth takes a count of levels from 1 on.") }
    }
    guard layer.isEmpty || !tree else {
      throw ValidationError("--layer shows layers alone: leave out --tree.")
    }
    guard !attributes || format == nil || format == .json || format == .table else {
      throw ValidationError(
        "--format \(format?.rawValue ?? "") has one kind of rows: leave out --attributes.")
    }
    guard layer.isEmpty || format == nil || format == .json || format == .table else {
      throw ValidationError("--format \(format?.rawValue ?? "") has rows, not single layers.")
    }
  }

  /// How many levels of the tree are shown; `nil` for no tree.
  var levels: Int? { tree ? depth ?? .max : nil }

  /// Brings a summary to the rows that are wanted.
  func apply(to summary: inout Summary) throws(ModelFileError) {
    if !layer.isEmpty {
      try CloserLook(names: layer, valueCount: values ?? 0).look(at: &summary)
    }
    if let filter {
      summary.layers = Self.filtered(summary.layers, filter)
      summary.datasets?.removeAll { !Self.matches($0.path, filter) }
      summary.attributes?.removeAll { !Self.matches($0.path, filter) }
    }
    if let depth { summary.layers = Self.cut(summary.layers, to: depth) }
    summary.layers = sorted(summary.layers)
    switch sort {
    case .index, nil: break
    case .name: summary.datasets?.sort { $0.path < $1.path }
    case .size: summary.datasets?.sort { ($1.bytes ?? 0, $0.path) < ($0.bytes ?? 0, $1.path) }
    }
  }

  /// Layers that match, and those that have some inside.
  private static func filtered(_ layers: [Summary.Layer], _ pattern: String) -> [Summary.Layer] {
    layers.compactMap { layer in
      guard !matches(layer.name, pattern) else { return layer }
      var rest = layer
      rest.children = layer.children.map { filtered($0, pattern) }
      return rest.children?.isEmpty == false ? rest : nil
    }
  }

  private static func cut(_ layers: [Summary.Layer], to depth: Int) -> [Summary.Layer] {
    layers.map { layer in
      var rest = layer
      rest.children = depth > 1 ? layer.children.map { cut($0, to: depth - 1) } : nil
      return rest
    }
  }

  private func sorted(_ layers: [Summary.Layer]) -> [Summary.Layer] {
    var layers = layers
    for index in layers.indices {
      guard let children = layers[index].children else { continue }
      layers[index].children = sorted(children)
    }
    switch sort {
    case .index, nil: break
    case .name: layers.sort { ($0.name, $0.index) < ($1.name, $1.index) }
    case .size: layers.sort { ($1.storedBytes, $0.index) < ($0.storedBytes, $1.index) }
    }
    return layers
  }

  private static func matches(_ name: String, _ pattern: String) -> Bool {
    fnmatch(pattern, name, 0) == 0
  }
}

extension Summary.Layer {
  /// The bytes of its arrays.
  var storedBytes: UInt64 {
    parameters.reduce(0) { $0.addingReportingOverflow($1.bytes).partialValue }
  }
}
