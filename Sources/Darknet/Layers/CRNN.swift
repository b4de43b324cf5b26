import FileSupport
import ModelGraph

/// `[crnn]` (`crnn_layer.c`): a plain recurrent layer of three convolutions.
struct CRNN: ReadableLayer {
  static let type = "crnn"
  static let operations: [any Operation.Type] = [SimpleRecurrence<Convolution>.self]
  static let outputs = Option("output", 1, in: .alexeyAndLater)
  static let hidden = Option("hidden", 1, in: .alexeyAndLater)
  static let outputsOfPjreddie = Option("output_filters", 1, in: .pjreddieOnly)
  static let hiddenOfPjreddie = Option("hidden_filters", 1, in: .pjreddieOnly)
  static let activation = Option("activation", "logistic")
  static let shortcut = Option("shortcut", 0)
  static let options =
    [
      outputs.description, hidden.description, outputsOfPjreddie.description,
      hiddenOfPjreddie.description, activation.description, shortcut.description,
    ] + ConvolutionPart.options

  let output: LayerShape
  /// The image as the convolutions see it.
  let taken: LayerShape
  let arrays: [StoredArray]
  let input: ConvolutionPart
  let recurrence: ConvolutionPart
  let result: ConvolutionPart
  let keepsState: Bool
  let timeSteps: Int

  init(_ options: OptionReader, _ context: LayerContext) throws(ModelFileError) {
    let image = try context.image(options)
    taken =
      context.dialect.swapsExtentsOfCRNN
      ? LayerShape(channels: image.channels, height: image.width, width: image.height) : image
    let isOwn = Self.outputs.dialects.contains(context.dialect)
    let range = 1...Int(Int32.max)
    let outputs = try options.value(isOwn ? Self.outputs : Self.outputsOfPjreddie, in: range)
    let hidden = try options.value(isOwn ? Self.hidden : Self.hiddenOfPjreddie, in: range)
    let form = try ConvolutionPart.Form(options, activation: Self.activation)
    let extents = try form.geometry.outputExtents(
      of: taken, strides: form.geometry.strides, options)
    guard extents == [taken.height, taken.width] else {
      throw options.error(
        .damaged, ConvolutionPart.size.key, "the convolutions don't keep the size of the state",
        expected: "\(taken.height) × \(taken.width)", found: "\(extents[0]) × \(extents[1])",
        remedy: "give pad=1 and stride=1, with an odd size")
    }
    input = try ConvolutionPart("input", channels: image.channels, filters: hidden, form, options)
    recurrence = try ConvolutionPart("self", channels: hidden, filters: hidden, form, options)
    result = try ConvolutionPart("output", channels: hidden, filters: outputs, form, options)
    keepsState = options[Self.shortcut] != 0
    timeSteps = context.timeSteps
    output = LayerShape(channels: outputs, height: taken.height, width: taken.width)
    arrays = [input, recurrence, result].flatMap(\.arrays)
  }

  var summary: String {
    let size = input.form.geometry.size
    return "\(size)×\(size) hidden \(input.kernels.extents[0])"
      + "\(input.form.isNormalized ? " bn" : "") \(input.form.activation.rawValue)"
  }

  func lower(_ lowering: inout Lowering) throws(ModelFileError) {
    guard input.form.geometry.keepsExtents else {
      throw lowering.unsupported(
        "the padding of this dilated convolution is not size/2", option: Convolutional.dilation.key)
    }
    let operation = SimpleRecurrence(
      input: try input.unit(lowering), recurrence: try recurrence.unit(lowering),
      output: try result.unit(lowering), keepsState: keepsState, timeSteps: timeSteps)
    var image = try lowering.image()
    if lowering.shape(of: image) != taken.shape {
      image = try lowering.add(Reshaping(to: taken.shape), suffix: "_swapped", on: image)
    }
    lowering.finish(try lowering.add(operation, on: image))
  }
}
