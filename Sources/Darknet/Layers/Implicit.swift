import FileSupport
import ModelGraph

/// `[implicit]` (`representation_layer.c`): learned values, whatever comes in.
struct Implicit: ReadableLayer {
  static let type = "implicit"
  static let operations: [any Operation.Type] = [LearnedConstant.self]
  static let dialects: Set<Dialect> = [.alexeyab]
  static let filters = Option("filters", 128)
  static let atoms = Option("atoms", 1)
  static let options =
    [filters.description, atoms.description] + trainingOptions("mean", "std")

  let output: LayerShape
  let arrays: [StoredArray]

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let range = 1...Int(Int32.max)
    output = LayerShape(
      channels: try options.value(Self.filters, in: range),
      height: try options.value(Self.atoms, in: range), width: 1)
    arrays = [StoredArray(.weights, [output.channels, output.height, output.width])]
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    lowering.finish(
      try lowering.add(
        LearnedConstant(values: lowering.parameter(.weights)), on: try lowering.value()))
  }
}
