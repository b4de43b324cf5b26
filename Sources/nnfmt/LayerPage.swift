import FileSupport
import Inspection

/// A layer as `inspect --layer` shows it.
struct LayerPage {
  let layer: Summary.Layer

  func lines(style: Style) -> [String] {
    let type = layer.type ?? layer.className ?? ""
    var lines = [
      style.heading("\(layer.index) \(layer.name.escapedForTerminal)")
        + (type.isEmpty ? "" : "  \(type.escapedForTerminal)")
    ]
    if let sources = layer.sources, !sources.isEmpty {
      lines.append("connected to \(sources.joined(separator: ", ").escapedForTerminal)")
    }
    if let shape = layer.inputShape { lines.append("input \(SummaryTable.text(shape))") }
    if let shape = layer.outputShape { lines.append("output \(SummaryTable.text(shape))") }
    if let flops = layer.flops, flops > 0 {
      lines.append(NumberText.operations(flops, unit: "FLOPs"))
    }
    if let options = layer.options, !options.isEmpty {
      lines += [""] + table(of: options).lines(style: style)
    }
    if !layer.parameters.isEmpty {
      lines += [""] + parameters.lines(style: style)
      for parameter in layer.parameters {
        guard let values = parameter.values else { continue }
        let isAll = values.count == parameter.shape.elementCount
        lines.append(
          "\(parameter.name.escapedForTerminal): "
            + values.map { "\($0)" }.joined(separator: " ") + (isAll ? "" : " …"))
      }
    }
    return lines
  }

  private func table(of options: [Summary.LayerOption]) -> Table {
    var table = Table([("option", .left), ("value", .left), ("from", .left)], wrapping: [1])
    for option in options {
      let origin =
        switch (option.origin, option.line) {
        case (.cfg, let line?):
          "line \(line)" + (option.isUsed ? "" : ", training only or unknown")
        case (.dialect, _) where option.value == nil: "not in this dialect"
        default: option.origin.rawValue
        }
      table.add([option.key, option.value ?? "–", origin])
    }
    return table
  }

  private var parameters: Table {
    var table = Table(
      [
        ("array", .left), ("shape", .left), ("type", .left), ("offset", .right),
        ("trained", .left), ("min", .right), ("max", .right), ("mean", .right), ("std", .right),
        ("zeros", .right), ("NaN", .right), ("inf", .right),
      ], wrapping: [0, 1])
    for parameter in layer.parameters {
      table.add(
        [
          parameter.name, SummaryTable.text(parameter.shape.extents), parameter.dtype,
          parameter.offset.map(NumberText.grouped) ?? "",
          parameter.isTrainable.map { $0 ? "yes" : "no" } ?? "",
        ] + SummaryDetails.cells(parameter.statistics))
    }
    return table
  }
}
