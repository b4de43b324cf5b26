extension GraphPicture {
  /// The picture as SVG, in light or dark colours as the viewer prefers.
  package func svg(title: String) -> String {
    let layout = GraphLayout(self)
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(layout.width.short)\" height=\"\(layout.height.short)\" "
        + "viewBox=\"0 0 \(layout.width.short) \(layout.height.short)\" role=\"img\">",
      "<title>\(title.inXML)</title>", Self.style, Self.arrowHead,
      "<rect class=\"page\" width=\"100%\" height=\"100%\"/>",
    ]
    for number in groups.indices { lines += frame(of: number, layout) }
    for way in layout.ways { lines.append(Self.path(way)) }
    for (box, frame) in zip(boxes, layout.frames) { lines += Self.drawing(of: box, frame) }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private static let style = """
    <style>
    .page { fill: #fff } text { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; fill: #1b1f24; unicode-bidi: isolate }
    text tspan.kind { font-weight: bold } text.group { fill: #57606a }
    rect.box { fill: #f6f8fa; stroke: #8c959f } rect.input { fill: #ddf4ff; stroke: #0969da }
    rect.head { fill: #ffe2d6; stroke: #bc4c00 } rect.output { stroke: #1a7f37; stroke-width: 2 }
    rect.model { fill: #fbefff; stroke: #8250df } rect.group { fill: #8250df; fill-opacity: .06; stroke: #8250df; stroke-dasharray: 4 3 }
    path.way { fill: none; stroke: #6e7781; stroke-width: 1.2 } marker path { fill: #6e7781 }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117 } text { fill: #e6edf3 } text.group { fill: #9198a1 }
      rect.box { fill: #161b22; stroke: #6e7681 } rect.input { fill: #0c2d6b; stroke: #58a6ff }
      rect.head { fill: #5a1e02; stroke: #f0883e } rect.output { stroke: #3fb950 }
      rect.model { fill: #3c1e70; stroke: #bc8cff } path.way { stroke: #8b949e } marker path { fill: #8b949e }
    }
    </style>
    """

  private static let arrowHead = """
    <defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto">\
    <path d="M0 0L8 4L0 8z"/></marker></defs>
    """

  /// The frame around a model that is drawn from inside.
  private func frame(of group: Int, _ layout: GraphLayout) -> [String] {
    let (name, members) = groups[group]
    let frames = layout.frames[members]
    let depth = members.first.flatMap { boxes[$0].groups.firstIndex(of: group) } ?? 0
    // Those inside of others are a little smaller.
    let room = Double(max(4, 14 - 4 * depth))
    guard let left = frames.map(\.x).min(), let top = frames.map(\.y).min(),
      let right = frames.map({ $0.x + $0.width }).max(),
      let bottom = frames.map({ $0.y + $0.height }).max()
    else { return [] }
    return [
      "<rect class=\"group\" x=\"\((left - room).short)\" y=\"\((top - room).short)\" "
        + "width=\"\((right - left + 2 * room).short)\" height=\"\((bottom - top + 2 * room).short)\" rx=\"6\"/>",
      "<text class=\"group\" x=\"\((left - room).short)\" y=\"\((top - room - 3).short)\">"
        + "\(String(name.prefix(40)).inXML)</text>",
    ]
  }

  private static func path(_ way: [GraphLayout.Point]) -> String {
    let places = way.map { "\($0.x.short) \($0.y.short)" }
    return "<path class=\"way\" d=\"M\(places.joined(separator: "L"))\" marker-end=\"url(#tip)\"/>"
  }

  private static func drawing(of box: Box, _ frame: GraphLayout.Frame) -> [String] {
    let middle = (frame.x + frame.width / 2).short
    let texts = box.lines.enumerated().map { index, line in
      let y = frame.y + 14 + Double(index) * GraphLayout.lineHeight
      let text = index == 0 ? "<tspan class=\"kind\">\(line.inXML)</tspan>" : line.inXML
      return "<text x=\"\(middle)\" y=\"\(y.short)\" text-anchor=\"middle\">\(text)</text>"
    }
    return [
      "<g>" + (box.detail.isEmpty ? "" : "<title>\(box.detail.inXML)</title>"),
      "<rect class=\"box \(box.role.rawValue)\" x=\"\(frame.x.short)\" y=\"\(frame.y.short)\" "
        + "width=\"\(frame.width.short)\" height=\"\(frame.height.short)\" rx=\"4\"/>",
    ] + texts + ["</g>"]
  }
}

extension Double {
  /// With one digit behind the point, which is finer than a pixel.
  fileprivate var short: String {
    let tenths = Int((self * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
  }
}

extension String {
  /// As text in XML. Characters that XML has no place for are replaced.
  var inXML: String {
    var result = ""
    for scalar in unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
