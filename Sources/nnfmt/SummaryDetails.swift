import Darknet
import FileSupport
import Inspection
import ModelGraph

/// What a summary tells beside the table of layers: how to feed a picture, how to decode a head, what `--stats`
/// and `--hash` found.
struct SummaryDetails {
  let summary: Summary

  /// The attributes of an HDF5 file.
  func table(of attributes: [Summary.StoredAttribute]) -> Table {
    var table = Table(
      [
        ("object", .left), ("attribute", .left), ("type", .left), ("shape", .left),
        ("value", .left),
      ],
      wrapping: [0, 1, 4])
    for attribute in attributes {
      table.add([
        attribute.path, attribute.name, attribute.dtype, SummaryTable.text(attribute.shape),
        Self.text(of: attribute),
      ])
    }
    return table
  }

  /// The beginning of an attribute's value, and how much more there is.
  private static func text(of attribute: Summary.StoredAttribute) -> String {
    guard let values = attribute.values else { return "(\(attribute.dtype))" }
    let limit = 60
    let text = values.map { value in
      value.text ?? String(decoding: JSONWriter().bytes(of: value), as: UTF8.self)
    }.joined(separator: ", ")
    guard text.count > limit || attribute.omitted > 0 else { return text }
    return
      "\(text.prefix(limit)) … (\(NumberText.grouped(max(0, text.count - limit) + attribute.omitted)) more)"
  }

  /// `pictures: RGB planes (CHW), 0 to 1, letterbox to 416 × 416`
  var picture: String? {
    guard let picture = summary.picture else { return nil }
    var parts = [
      [
        picture.order,
        picture.layout == .channelsFirst ? "plane by plane (CHW)" : "pixel by pixel (HWC)",
      ]
      .compactMap(\.self).joined(separator: " ")
    ]
    if let range = picture.range {
      parts.append("black \(range.lowerBound.plainText), white \(range.upperBound.plainText)")
    }
    let size = [picture.width, picture.height].map { $0.map(String.init) ?? "any" }.joined(
      separator: "×")
    switch picture.fitting {
    case .letterbox: parts.append("letterboxed to \(size) (width×height)")
    case .stretch: parts.append("stretched to \(size) (width×height)")
    case nil: parts.append("\(size) (width×height)")
    }
    return "pictures: \(parts.joined(separator: ", "))"
  }

  /// A line for each detection head, `nil` if there is none.
  var heads: Table? {
    let heads =
      summary.layers.compactMap { layer in
        layer.head.map { (layer.index, layer.type ?? layer.name, $0) }
      }
      + summary.carriedHeads.map { ($0.index, "\($0.type) behind output \($0.output)", $0.head) }
    guard !heads.isEmpty else { return nil }
    var table = Table(
      [
        ("#", .right), ("head", .left), ("classes", .right), ("boxes", .right), ("mask", .left),
        ("anchors", .left),
      ], wrapping: [1, 5])
    for (index, type, head) in heads {
      table.add([
        "\(index)", type, "\(head.classes)", "\(head.boxes)",
        head.mask.map { $0.map(String.init).joined(separator: ",") } ?? "",
        head.usedAnchors ?? "",
      ])
    }
    return table
  }

  /// A line for each array of which something was read, `nil` if nothing was.
  var values: Table? {
    var table = Table(
      [
        ("array", .left), ("shape", .left), ("min", .right), ("max", .right), ("mean", .right),
        ("std", .right), ("zeros", .right), ("NaN", .right), ("inf", .right), ("SHA-256", .left),
      ], wrapping: [0])
    var isEmpty = true
    func add(_ name: String, _ shape: String, _ statistics: Statistics?, _ sha256: String?) {
      guard statistics != nil || sha256 != nil else { return }
      isEmpty = false
      table.add([name, shape] + Self.cells(statistics) + [sha256 ?? ""])
    }
    for layer in summary.layers {
      for parameter in layer.parameters {
        add(
          "\(layer.name).\(parameter.name)",
          SummaryTable.text(parameter.shape.extents), parameter.statistics, parameter.sha256)
      }
    }
    if summary.layers.isEmpty {
      for dataset in summary.datasets ?? [] {
        add(
          dataset.path, SummaryTable.text(dataset.shape), dataset.statistics, dataset.sha256)
      }
    }
    return isEmpty ? nil : table
  }

  /// The cells for min, max, mean, std, zeros, NaN and inf.
  static func cells(_ statistics: Statistics?) -> [String] {
    guard let found = statistics else { return Array(repeating: "", count: 7) }
    return [found.minimum, found.maximum, found.mean, found.deviation].map(significant)
      + [found.zeros, found.nans, found.infinities].map { $0 == 0 ? "" : NumberText.grouped($0) }
  }

  private static func significant(_ value: Double) -> String {
    value.isFinite ? NumberText.significant(value) : value.isNaN ? "" : "\(value)"
  }
}
