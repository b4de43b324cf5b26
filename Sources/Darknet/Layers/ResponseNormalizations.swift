import FileSupport
import ModelGraph

/// `[normalization]` (`normalization_layer.c`): local response normalization.
struct ResponseNormalization: ReadableLayer {
  static let type = "normalization"
  static let operations: [any Operation.Type] = [LocalResponseNormalization.self]
  static let aliases = ["lrn"]
  static let dialects: Set<Dialect> = .beforeHankAI
  static let alpha = Option("alpha", 0.0001)
  static let beta = Option("beta", 0.75)
  static let kappa = Option("kappa", 1.0)
  static let size = Option("size", 5)
  static let options = [
    alpha.description, beta.description, kappa.description, size.description,
  ]

  let output: LayerShape
  let operation: LocalResponseNormalization

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = try context.image(options)
    operation = LocalResponseNormalization(
      size: try options.value(Self.size, in: 1...Int(Int32.max)), alpha: options[Self.alpha],
      beta: options[Self.beta], kappa: options[Self.kappa])
  }

  var summary: String { "size \(operation.size)" }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    guard operation.size / 2 <= output.channels else {
      throw lowering.unsupported(
        "the window is wider than there are channels", option: Self.size.key)
    }
    lowering.finish(try lowering.add(operation, on: try lowering.image()))
  }
}

/// `[l2norm]` (pjreddie's `l2norm_layer.c`): each pixel's channels brought to length 1.
struct L2Norm: ReadableLayer {
  static let type = "l2norm"
  static let operations: [any Operation.Type] = [L2Normalization.self]
  static let dialects: Set<Dialect> = .pjreddieOnly

  let output: LayerShape

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    output = context.input
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    // Without extents there are no pixels to go through, and darknet copies.
    lowering.finish(
      output.isImage
        ? try lowering.add(L2Normalization(), on: try lowering.image()) : try lowering.value())
  }
}
