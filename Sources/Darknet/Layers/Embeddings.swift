import FileSupport
import ModelGraph

/// `[iseg]` (pjreddie's `iseg_layer.c`): a head that marks the pixels of each instance.
struct InstanceSegmentation: ReadableLayer {
  static let type = "iseg"
  static let operations: [any Operation.Type] = [SegmentationHead.self]
  static let dialects: Set<Dialect> = .pjreddieOnly
  static let classes = Option("classes", 20)
  static let ids = Option("ids", 32)
  static let options = [classes.description, ids.description]

  let output: LayerShape
  let head: SegmentationHead

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let range = 0...Int(Int32.max)
    head = SegmentationHead(
      classes: try options.value(Self.classes, in: range),
      embedding: try options.value(Self.ids, in: range))
    output = try context.image(options)
    let expected = head.classes + head.embedding
    guard output.channels == expected else {
      throw options.error(
        .damaged, Self.classes.key, "the layer before it has the wrong number of filters",
        expected: "\(head.classes) classes + \(head.embedding) ids = \(expected)",
        found: "\(output.channels)",
        remedy: "set filters=\(expected) in the [convolutional] section before it")
    }
  }

  var summary: String { "\(head.classes) classes, \(head.embedding) ids" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.add(head, on: try lowering.image()))
  }
}

/// `[contrastive]` (`softmax_layer.c: make_contrastive_layer`): a loss that teaches embeddings, nothing
/// at inference.
struct Contrastive: ReadableLayer {
  static let type = "contrastive"
  static let hasTraining = false
  static let operations: [any Operation.Type] = [Zeros.self]
  static let dialects: Set<Dialect> = .alexeyAndLater
  static let classes = Option("classes", 1000)
  static let yoloLayer = Option("yolo_layer", 0)
  static let options =
    [classes.description, yoloLayer.description]
    + trainingOptions("temperature", "cls_normalizer", "max_delta", "contrastive_neg_max")

  let output: LayerShape
  let summary: String

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    summary = "\(options[Self.classes]) classes"
    let reference = options[Self.yoloLayer]
    if reference != 0 {
      let target = try context.layer(reference, Self.yoloLayer.key, options)
      guard target.layer is Yolo else {
        throw options.error(
          .damaged, Self.yoloLayer.key, "points to a layer that is no detection head",
          expected: "a [yolo] layer", found: "layer \(target.index) [\(target.type)]")
      }
    }
    // No image layer can follow: darknet leaves the extents at 0.
    output = LayerShape(channels: 0, height: 0, width: 0, count: context.input.count)
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(try lowering.add(Zeros(), on: try lowering.vector()))
  }
}

extension Contrastive: ComparingLayer {
  func loss(_ options: OptionReader) throws(ModelFileError) -> LossFunction? {
    throw options.error(.unsupported, nil, "a contrastive loss is not supported")
  }
}
