import FileSupport
import ModelGraph

/// A network as boxes and arrows: what is drawn, before it is known where.
package struct GraphPicture {
  /// What a box stands for.
  enum Role: String {
    case input, layer, head, output
    /// A model that is a layer, and is not drawn from inside.
    case model
  }

  /// A box.
  struct Box {
    /// What stands in it, line by line.
    let lines: [String]
    /// What is told of it beside that.
    let detail: String
    var role: Role
    /// The models that it lies in, the outermost first, by their numbers in ``GraphPicture/groups``.
    let groups: [Int]
  }

  /// An arrow from one box to another, by their numbers.
  struct Arrow: Hashable {
    let from: Int
    let to: Int
  }

  private(set) var boxes: [Box] = []
  private(set) var arrows: [Arrow] = []
  /// The models that are drawn from inside: what they are called, and the numbers of the boxes in them.
  private(set) var groups: [(name: String, boxes: Range<Int>)] = []

  /// The network of a summary.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is not known how layers are connected.
  package init(_ summary: Summary) throws(ModelFileError) {
    guard !summary.layers.isEmpty, summary.layers.allSatisfy({ $0.sources != nil }) else {
      throw ModelFileError(
        .unsupported, file: summary.file, "there is no graph to draw",
        expected: "a model whose layers say what they take",
        found: summary.layers.isEmpty ? "no layers" : "layers without their connections",
        remedy: "name its architecture with --cfg")
    }
    var ends: [String: Ends] = [:]
    if let input = Self.inputName(of: summary.layers) {
      boxes.append(
        Box(
          lines: [input] + (summary.inputShape.map { [Self.text($0)] } ?? []), detail: "",
          role: .input, groups: []))
      ends[input] = Ends(entries: [], exits: [0])
    }
    add(summary.layers, ends: &ends, prefix: "", groups: [])
    markOutputs()
  }

  /// The boxes through which values enter a layer and leave it: more than one of a model drawn from inside.
  private struct Ends {
    var entries: [Int]
    var exits: [Int]
  }

  /// What a darknet network's layers call its input, if that is no layer.
  private static func inputName(of layers: [Summary.Layer]) -> String? {
    let names = Set(layers.map(\.name))
    return layers.lazy.flatMap { $0.sources ?? [] }.first { !names.contains($0) }
  }

  private mutating func add(
    _ layers: [Summary.Layer], ends: inout [String: Ends], prefix: String, groups: [Int]
  ) {
    for layer in layers {
      let number = prefix + "\(layer.index)"
      guard let children = layer.children, !children.isEmpty else {
        boxes.append(Self.box(of: layer, number: number, groups: groups))
        ends[layer.name] = Ends(entries: [boxes.count - 1], exits: [boxes.count - 1])
        continue
      }
      let group = self.groups.count
      self.groups.append(("\(number) \(layer.name)", 0..<0))
      var inner: [String: Ends] = [:]
      let first = boxes.count
      let firstArrow = arrows.count
      add(children, ends: &inner, prefix: number + ".", groups: groups + [group])
      let taking = Set(arrows[firstArrow...].map(\.from))
      let taken = Set(arrows[firstArrow...].map(\.to))
      let members = first..<boxes.count
      self.groups[group].boxes = members
      ends[layer.name] = Ends(
        entries: members.filter { !taken.contains($0) },
        exits: members.filter { !taking.contains($0) })
    }
    // After all boxes: a shared layer may take a value from one that stands behind it.
    var known: Set<Arrow> = []
    for layer in layers {
      guard let target = ends[layer.name] else { continue }
      for (place, name) in (layer.sources ?? []).enumerated() {
        guard let source = ends[name] else { continue }
        let entries = target.entries
        let entry = entries.indices.contains(place) ? [entries[place]] : Array(entries.prefix(1))
        for from in source.exits {
          for to in entry where known.insert(Arrow(from: from, to: to)).inserted {
            arrows.append(Arrow(from: from, to: to))
          }
        }
      }
    }
  }

  private mutating func markOutputs() {
    let taking = Set(arrows.map(\.from))
    for index in boxes.indices where !taking.contains(index) && boxes[index].role == .layer {
      boxes[index].role = .output
    }
  }

  private static func box(of layer: Summary.Layer, number: String, groups: [Int]) -> Box {
    let kind = layer.type ?? layer.className ?? ""
    let name = layer.type == nil ? layer.name : layer.detail
    let isInput = layer.className == "InputLayer"
    let isModel = ["Functional", "Sequential", "Model"].contains(layer.className)
    var detail = ["\(number) \(layer.name)"]
    if layer.parameterCount > 0 { detail.append(layer.parameterCount.counted("parameter")) }
    if let flops = layer.flops, flops > 0 { detail.append("\(flops) FLOPs") }
    return Box(
      lines: [
        "\(number) \(kind)".shortened, name.shortened, layer.outputShape.map(text) ?? "?",
      ].filter { !$0.isEmpty },
      detail: detail.map(\.bounded).joined(separator: "\n"),
      role: layer.head != nil ? .head : isInput ? .input : isModel ? .model : .layer,
      groups: groups)
  }

  private static func text(_ shape: [Int?]) -> String {
    shape.isEmpty ? "scalar" : shape.map { $0.map(String.init) ?? "?" }.joined(separator: "×")
  }
}

extension String {
  /// As much as fits into a box. Names may be as long as they like.
  fileprivate var shortened: String { count > 32 ? prefix(31) + "…" : self }
  /// As much as anyone reads.
  fileprivate var bounded: String { count > 200 ? prefix(199) + "…" : self }
}
