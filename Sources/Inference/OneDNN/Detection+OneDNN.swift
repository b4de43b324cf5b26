import COneDNN
import FileSupport
import ModelGraph

extension YoloHead: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.decode(
      group.head,
      PlaneDecoding(
        entries: classes + 5, kept: usesNewCoordinates ? Array(0..<(classes + 5)) : [2, 3],
        scaled: [0, 1], scale: Float(scaleXY)))
  }
}

extension GaussianYoloHead: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.decode(
      group.head,
      PlaneDecoding(
        entries: classes + 9, kept: [4, 6], scaled: [0, 2], scale: Float(scaleXY)))
  }
}

/// What becomes of the planes of a head, `entries` for each box: a logistic of all but `kept`; then
/// `v · scale − (scale − 1) / 2` of those in `scaled`.
struct PlaneDecoding: Sendable {
  let entries: Int
  let kept: [Int]
  let scaled: [Int]
  let scale: Float
}

extension PlanBuilder {
  /// Decodes the channels of an image, which lie plane by plane.
  fileprivate func decode(
    _ node: Node, _ decoding: PlaneDecoding
  ) throws(ModelFileError) -> Bool {
    guard graph.layout == .channelsFirst else { return false }
    let source = try plain(node.inputs[0])
    guard
      let primitive = Primitive.function(
        EltwiseFunction(kind: onednn_eltwise_logistic), source.layout)
    else { return false }
    let target = try newValue(of: node)
    add(
      primitive,
      [
        PrimitiveArgument(name: onednn_source, operand: source),
        PrimitiveArgument(name: onednn_destination, operand: target),
      ])
    let channels = node.shape.extents[0]
    let area = node.shape.elementCount / max(channels, 1)
    let planes = samples(of: node) * channels
    add(touching: [source, target]) { memory in
      let (from, to) = (memory.numbers(source), memory.numbers(target))
      for plane in 0..<planes {
        let entry = plane % channels % decoding.entries
        let range = (plane * area)..<((plane + 1) * area)
        if decoding.kept.contains(entry) {
          _ = to[range].update(fromContentsOf: from[range])
        }
        if decoding.scaled.contains(entry), decoding.scale != 1 {
          let shift = (decoding.scale - 1) / 2
          for index in range { to[index] = to[index] * decoding.scale - shift }
        }
      }
    }
    return true
  }
}
