import Inspection
import ModelGraph

/// A summary as a person reads it: what the file is, a line for each layer, totals.
struct SummaryTable {
  let summary: Summary
  let whole: Whole
  /// How many levels of a tree are shown; `nil` for no tree.
  var tree: Int?

  /// What there is before a filter.
  struct Whole {
    let layers: Int
    let datasets: Int
    /// The layers that a name stands for.
    let names: LayerNames

    init(_ summary: Summary) {
      layers = summary.layers.count
      datasets = summary.datasets?.count ?? 0
      names = LayerNames(summary.layers)
    }
  }

  func lines(style: Style) -> [String] {
    var lines = fitted(heading(style), style)
    if summary.isCloser {
      for layer in summary.layers { lines += [""] + LayerPage(layer: layer).lines(style: style) }
      return lines
    }
    if let rows = rows(isExact: false) { lines += [""] + rows.lines(style: style) }
    let details = SummaryDetails(summary: summary)
    for table in [details.heads, details.values].compactMap(\.self) {
      lines += [""] + table.lines(style: style)
    }
    if let attributes = summary.attributes, !attributes.isEmpty {
      lines += [""] + details.table(of: attributes).lines(style: style)
    }
    if let fits = summary.fits { lines += [""] + table(of: fits).lines(style: style) }
    return lines + [""] + fitted(totals(style), style)
  }

  /// Sentences in lines that fit the terminal. One with colours is left as it is: a break must not hit their codes.
  private func fitted(_ lines: [String], _ style: Style) -> [String] {
    guard let width = style.width else { return lines }
    return lines.flatMap { $0.contains("\u{1B}") ? [$0] : $0.wrapped(to: width) }
  }

  private func heading(_ style: Style) -> [String] {
    var lines = [
      style.heading(summary.file.escapedForTerminal)
        + "  \(summary.format), \(NumberText.bytes(summary.bytes))"
    ]
    if let version = summary.kerasVersion {
      lines.append("written by Keras \(version.escapedForTerminal)")
    }
    if let versions = summary.loadsIn {
      let names = versions.map(Self.name(of:))
      lines.append(
        "loads in "
          + (names.isEmpty
            ? "no current Keras with its default settings" : names.joined(separator: " and ")))
    }
    for (keras, reason) in summary.doesNotLoad {
      lines.append("not in \(Self.name(of: keras)): \(reason)")
    }
    if let dialect = summary.dialect {
      let config = summary.config.map { ", cfg \($0.escapedForTerminal)" } ?? ""
      lines.append("read as \(dialect)'s darknet" + config)
    }
    if let header = summary.header {
      lines.append(
        "header \(header.major).\(header.minor).\(header.revision), \(header.bytes) bytes, "
          + "\(NumberText.grouped(header.seen)) images seen"
          + (header.isTransposed ? ", matrices transposed" : ""))
    }
    for (key, value) in summary.metadata ?? [] {
      lines.append("\(key.escapedForTerminal): \(String(value.prefix(60)).escapedForTerminal)")
    }
    if let shape = summary.inputShape { lines.append("input \(text(shape))") }
    if let picture = SummaryDetails(summary: summary).picture { lines.append(picture) }
    return lines
  }

  /// What people call a generation of Keras.
  private static func name(of keras: String) -> String {
    keras == "keras-2" ? "Keras 2 (tf_keras)" : "Keras 3"
  }

  /// A row for each layer, or for each dataset where no layers are known; `nil` where there is neither.
  ///
  /// - Parameter isExact: whether numbers stand as programs read them.
  func rows(isExact: Bool) -> Table? {
    if !summary.layers.isEmpty { return layerTable(isExact) }
    return summary.datasets.map { table(of: $0, isExact) }
  }

  private func layerTable(_ isExact: Bool) -> Table {
    var table = Table(
      [
        ("#", summary.hasChildren ? .left : .right), ("layer", .left), ("", .left), ("from", .left),
        ("output", .left), ("parameters", .right), ("bytes", .right), ("FLOPs", .right),
      ], wrapping: [1, 2, 3])
    add(summary.layers, in: Level(names: whole.names), to: &table, isExact)
    return table
  }

  /// Where rows stand in a tree.
  private struct Level {
    let names: LayerNames
    var depth = 0
    /// What stands before the numbers and, where programs read them, the names of the rows.
    var numberPrefix = ""
    var namePrefix = ""
  }

  private func add(
    _ layers: [Summary.Layer], in level: Level, to table: inout Table, _ isExact: Bool
  ) {
    for layer in layers {
      let bytes = layer.parameters.reduce(UInt64(0)) { $0 + $1.bytes }
      let number = level.numberPrefix + "\(layer.index)"
      let name = layer.type ?? layer.name
      table.add([
        number, isExact ? level.namePrefix + name : name.indented(level.depth),
        layer.className ?? layer.detail, connection(of: layer, in: level, isExact),
        layer.outputShape.map(text) ?? "?",
        layer.parameterCount == 0
          ? "" : isExact ? "\(layer.parameterCount)" : NumberText.grouped(layer.parameterCount),
        bytes == 0 ? "" : isExact ? "\(bytes)" : NumberText.bytes(bytes),
        (layer.flops ?? 0) == 0
          ? "" : isExact ? "\(layer.flops ?? 0)" : NumberText.operations(layer.flops ?? 0),
      ])
      guard let children = layer.children else { continue }
      let inner = Level(
        names: level.names.inside[layer.index] ?? LayerNames([]), depth: level.depth + 1,
        numberPrefix: number + ".", namePrefix: level.namePrefix + name + "/")
      add(children, in: inner, to: &table, isExact)
    }
  }

  /// The rows of the layers that feed a layer, if it is not just the one before it and the row does not say so already.
  /// Names would leave no room on a terminal.
  private func connection(
    of layer: Summary.Layer, in level: Level, _ isExact: Bool
  ) -> String {
    guard let sources = layer.sources else { return "" }
    let numbers = sources.map { name in
      level.names.numbers[name].map { level.numberPrefix + "\($0)" } ?? name
    }
    let text = numbers.joined(separator: ", ")
    guard !isExact else { return text }
    let isPlain = numbers == [level.numberPrefix + "\(layer.index - 1)"] || layer.index == 0
    let isTold =
      layer.className == nil && (layer.detail == text || layer.detail.hasPrefix(text + " "))
    return isPlain || isTold ? "" : text
  }

  private func table(of datasets: [Summary.StoredDataset], _ isExact: Bool) -> Table {
    var table = Table(
      [
        ("dataset", .left), ("shape", .left), ("type", .left), ("layout", .left),
        ("filters", .left), ("stored", .right),
      ], wrapping: [0, 4])
    if let tree {
      let separator: Character = summary.metadata == nil ? "/" : "."
      for row in DatasetTree(datasets, separator: separator).rows(levels: tree) {
        switch row.content {
        case .group(let count, let bytes):
          table.add([
            isExact ? row.path : row.name.indented(row.depth), "",
            NumberText.counted(count, summary.metadata == nil ? "dataset" : "tensor"), "", "",
            isExact ? "\(bytes)" : NumberText.bytes(bytes),
          ])
        case .dataset(let dataset):
          table.add(
            [isExact ? row.path : row.name.indented(row.depth)] + cells(of: dataset, isExact))
        }
      }
      return table
    }
    for dataset in datasets { table.add([dataset.path] + cells(of: dataset, isExact)) }
    return table
  }

  private func cells(of dataset: Summary.StoredDataset, _ isExact: Bool) -> [String] {
    [
      Self.text(dataset.shape), dataset.dtype,
      dataset.isExternal ? "external" : dataset.layout, dataset.filters.joined(separator: " "),
      dataset.storedBytes.map { isExact ? "\($0)" : NumberText.bytes($0) } ?? "",
    ]
  }

  private func table(of fits: [Fit]) -> Table {
    var table = Table(
      [
        ("cfg", .left), ("status", .left), ("expected bytes", .right), ("difference", .right),
        ("layers", .right),
      ], wrapping: [0, 1])
    for fit in fits {
      table.add([
        fit.config, fit.status?.rawValue ?? fit.error?.problem ?? "",
        fit.expectedBytes.map(NumberText.grouped) ?? "",
        fit.difference.map { ($0 > 0 ? "+" : "") + NumberText.grouped($0) } ?? "",
        fit.layersLoaded.map { "\($0)" } ?? "",
      ])
    }
    return table
  }

  private func totals(_ style: Style) -> [String] {
    var parts: [String] = []
    if whole.layers > 0 {
      parts.append(Self.counted(summary.layers.count, of: whole.layers, "layer"))
    }
    let isWeightsAlone = summary.header != nil && whole.layers == 0
    if isWeightsAlone {
      parts.append(NumberText.counted(summary.parameterCount, "float"))
    } else if summary.parameterCount > 0 || whole.layers > 0 {
      parts.append(NumberText.counted(summary.parameterCount, "parameter"))
    }
    let flops = summary.layers.reduce(0) { $0.clampedSum($1.flops ?? 0) }
    if flops > 0 { parts.append(NumberText.operations(flops, unit: "FLOPs")) }
    if let datasets = summary.datasets {
      parts.append(
        Self.counted(
          datasets.count, of: whole.datasets, summary.metadata == nil ? "dataset" : "tensor"))
    }
    var lines = [parts.joined(separator: ", ")]
    if let trainable = summary.trainableCount {
      lines.append(
        "parameters that are trained: \(NumberText.grouped(trainable)), others: "
          + NumberText.grouped(summary.parameterCount - trainable))
    }
    if let memory = summary.activations {
      lines.append(
        "activations: at most \(NumberText.bytes(UInt64(memory.peakBytes))) at a time (at "
          + "\(memory.peakLayer.escapedForTerminal)); the largest is "
          + "\(NumberText.bytes(UInt64(memory.largestBytes))) (\(memory.largestLayer.escapedForTerminal))"
      )
    }
    if let status = summary.status {
      let text = "status: \(status.rawValue)"
      lines.append(status.isSound ? style.good(text) : style.error(text))
    }
    if let layers = summary.layersLoaded, summary.fits == nil {
      lines.append("layers with their numbers: the first \(layers) of \(whole.layers)")
    }
    if isWeightsAlone, summary.fits == nil {
      lines.append("give its cfg with --cfg to see whether the file is whole")
    }
    return lines
  }

  /// `30 layers`, or `3 of 30 layers` where a filter has left so many.
  private static func counted(_ shown: Int, of whole: Int, _ noun: String) -> String {
    let all = NumberText.counted(whole, noun)
    return shown == whole ? all : "\(NumberText.grouped(shown)) of \(all)"
  }

  /// `416×416×3` for `[3, 416, 416]` too, since a reader thinks of an image so.
  private func text(_ shape: [Int?]) -> String { Self.text(shape) }

  static func text(_ shape: [Int?]) -> String {
    shape.isEmpty ? "scalar" : shape.map { $0.map(String.init) ?? "?" }.joined(separator: "×")
  }

  /// The shape of what lies in an HDF5 file, where there may be none (a null dataspace).
  static func text(_ stored: [UInt64]?) -> String {
    guard let stored else { return "none" }
    return stored.isEmpty ? "scalar" : stored.map(String.init).joined(separator: "×")
  }
}
