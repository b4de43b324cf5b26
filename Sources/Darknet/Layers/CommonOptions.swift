import FileSupport

/// The options that every section but `[net]` may have (`parser.c: parse_network_cfg`).
struct CommonOptions: Sendable {
  static let dontload = Option("dontload", 0)
  static let dontloadscales = Option("dontloadscales", 0)
  static let numload = Option("numload", 0, in: .pjreddieOnly)
  static let dontsave = Option("dontsave", 0, in: .pjreddieOnly)

  static let options: [OptionDescription] =
    [
      dontload.description, dontloadscales.description, numload.description, dontsave.description,
    ] + LayerTraining.options
    + trainingOptions("clip", "burnin_update", "train_only_bn", in: .alexeyAndLater)
    + trainingOptions("truth", "smooth", in: .pjreddieOnly)

  /// The weights file has nothing for this layer.
  let skipsArrays: Bool
  /// The weights file lacks the layer's batch-normalization arrays other than biases.
  let skipsScales: Bool

  init(_ options: OptionReader) throws(ModelFileError) {
    skipsArrays = options[Self.dontload] != 0
    skipsScales = options[Self.dontloadscales] != 0
    let filters = options[Self.numload]
    guard filters == 0 else {
      throw options.error(
        .unsupported, Self.numload.key, "reading only some filters of a layer is not supported",
        found: "\(filters)", remedy: "remove it and set filters to that number")
    }
  }
}
