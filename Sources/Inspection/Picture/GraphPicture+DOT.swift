extension GraphPicture {
  /// The picture as text for Graphviz, with a cluster for each model that is drawn from inside.
  package func dot(title: String) -> String {
    var lines = [
      "digraph \(title.inDOT) {",
      "  node [shape=box, style=\"rounded,filled\", fillcolor=\"#f6f8fa\", fontname=\"monospace\", fontsize=10];",
    ]
    lines += cluster(boxes.indices, depth: 0)
    for arrow in arrows { lines.append("  b\(arrow.from) -> b\(arrow.to);") }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// The boxes that lie directly in a model, and the models in it.
  private func cluster(_ members: Range<Int>, depth: Int) -> [String] {
    let indent = String(repeating: "  ", count: depth + 1)
    var lines: [String] = []
    var number = members.lowerBound
    while number < members.upperBound {
      let box = boxes[number]
      guard box.groups.count > depth else {
        let label = box.lines.map(\.inDOTText).joined(separator: "\\n")
        lines.append("\(indent)b\(number) [label=\"\(label)\"\(Self.color(of: box.role))];")
        number += 1
        continue
      }
      let group = box.groups[depth]
      lines.append("\(indent)subgraph cluster_\(group) {")
      lines.append("\(indent)  label=\(groups[group].name.inDOT);")
      lines += cluster(groups[group].boxes, depth: depth + 1)
      lines.append("\(indent)}")
      number = groups[group].boxes.upperBound
    }
    return lines
  }

  private static func color(of role: Role) -> String {
    switch role {
    case .layer: ""
    case .input: ", fillcolor=\"#ddf4ff\""
    case .head: ", fillcolor=\"#ffe2d6\""
    case .output: ", penwidth=2"
    case .model: ", fillcolor=\"#fbefff\""
    }
  }
}

extension String {
  fileprivate var inDOT: String { "\"\(String(prefix(200)).inDOTText)\"" }

  /// Between quotes; Graphviz reads escapes of its own after a backslash.
  fileprivate var inDOTText: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
