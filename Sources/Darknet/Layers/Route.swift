import FileSupport
import ModelGraph

/// `[route]` (`route_layer.c`): earlier layers side by side, or one group of the channels of each.
struct Route: ReadableLayer {
  static let type = "route"
  static let operations: [any Operation.Type] = [Concatenation.self, Slice.self]
  static let layers = Option<[Int]>("layers", [])
  static let groups = Option("groups", 1, in: .alexeyAndLater)
  static let groupID = Option("group_id", 0, in: .alexeyAndLater)
  static let options =
    [layers.description, groups.description, groupID.description]
    + trainingOptions("stream", "wait_stream", in: .alexeyAndLater)

  let output: LayerShape
  /// The layers that are joined.
  let sources: [SourceLayer]
  let groups: Int
  let group: Int
  /// Why no image comes of the layers, if none does.
  let reasonForNoImage: String?

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    guard let references = options.value(of: Self.layers) else {
      throw options.error(
        .damaged, nil, "names no layers", expected: "layers=…", remedy: "add the key 'layers'")
    }
    var sources: [SourceLayer] = []
    for reference in references {
      sources.append(try context.source(reference, Self.layers.key, options))
    }
    let groups = try options.value(Self.groups, in: 1...Int(Int32.max))
    self.groups = groups
    group = try options.value(Self.groupID, in: 0...(groups - 1))
    self.sources = sources
    let shapes = sources.map(\.buffer)
    let count = shapes.reduce(0) { $0 + $1.count / groups }
    guard let first = shapes.first else {
      throw options.error(
        .damaged, Self.layers.key, "names no layers", expected: "numbers of layers, as layers=-1,8")
    }
    let odd = sources.first { $0.buffer.height != first.height || $0.buffer.width != first.width }
    if let odd {
      // darknet goes on with a layer that no image layer can follow.
      let reason =
        "layer \(sources[0].index) is \(first.height) × \(first.width) (height × width), layer "
        + "\(odd.index) \(odd.buffer.height) × \(odd.buffer.width)"
      options.warn(
        nil, "joins layers of different height or width, and no image comes of it: \(reason)")
      reasonForNoImage =
        "let the [route] before it join layers of the same height and width: \(reason)"
      output = LayerShape(channels: 0, height: 0, width: 0, count: count)
      return
    }
    reasonForNoImage = nil
    output = LayerShape(
      channels: shapes.reduce(0) { $0 + $1.channels } / groups, height: first.height,
      width: first.width, count: count)
  }

  var summary: String {
    let names = sources.map { "\($0.index)" }.joined(separator: ", ")
    return groups > 1 ? "\(names) group \(group)/\(groups)" : names
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    var parts: [Int] = []
    let isVector = !output.isImage || sources.allSatisfy { !$0.output.isPlane }
    for (position, source) in sources.enumerated() {
      let value = isVector ? try lowering.vector(of: source) : try lowering.image(of: source)
      guard groups > 1 else {
        parts.append(value)
        continue
      }
      let channels = isVector ? source.output.count : source.output.channels
      guard channels % groups == 0 else {
        throw lowering.unsupported(
          "\(groups) groups don't divide the \(channels) channels of layer \(source.index) evenly",
          option: Self.groups.key, remedy: "set groups to a divisor of \(channels)")
      }
      let part = channels / groups
      let others = Padding(before: group * part, after: (groups - group - 1) * part)
      parts.append(
        try lowering.add(
          Slice(cutting: [others], of: lowering.shape(of: value)),
          suffix: sources.count == 1 ? "" : "_group\(position)", on: value))
    }
    lowering.finish(
      parts.count == 1 ? parts[0] : try lowering.add(Concatenation(), on: parts))
  }
}
