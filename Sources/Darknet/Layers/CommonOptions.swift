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
    + trainingOptions("clip", "burnin_update", "train_only_bn", in: .alexeyAndLater, refused: true)
    + trainingOptions("truth", "smooth", in: .pjreddieOnly, refused: true)

  /// The weights file has nothing for this layer.
  private let skipsArrays: Bool
  /// The weights file lacks the layer's batch-normalization arrays other than biases.
  private let skipsScales: Bool

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

  /// The arrays of a layer that the weights file lacks, and the key that says so; `nil` if it has all.
  /// `dontloadscales` speaks of what `batch_normalize` adds to a layer itself, not to parts of it.
  func missing(of layer: any DarknetLayer) -> (key: String, arrays: [StoredArray])? {
    if skipsArrays { return layer.arrays.isEmpty ? nil : (Self.dontload.key, layer.arrays) }
    guard skipsScales,
      type(of: layer).options.contains(where: { $0.key == Convolutional.batchNormalize.key })
    else { return nil }
    let names = NormalizedArrays.statistics(channels: 1).map(\.name)
    let missing = layer.arrays.filter { names.contains($0.name) }
    return missing.isEmpty ? nil : (Self.dontloadscales.key, missing)
  }
}
