import COneDNN
import FileSupport
import ModelGraph

extension YoloHead: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.decode(group.head, decoding)
  }
}

extension GaussianYoloHead: OneDNNKernel {
  func build(_ group: NodeGroup, _ builder: PlanBuilder) throws(ModelFileError) -> Bool {
    try builder.decode(group.head, decoding)
  }
}

extension PlanBuilder {
  /// Decodes the channels of an image, which lie plane by plane.
  fileprivate func decode(
    _ node: Node, _ decoding: EntryDecoding
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
        if decoding.isRaw[entry] {
          _ = to[range].update(fromContentsOf: from[range])
        }
        if decoding.isMoved[entry], decoding.scale != 1 {
          let (scale, shift) = (Float(decoding.scale), Float((decoding.scale - 1) / 2))
          for index in range { to[index] = to[index] * scale - shift }
        }
      }
    }
    return true
  }
}
