import Conversion
import Darknet
import FileSupport
import Inspection
import Validation

/// A `.weights` file. It has no signature: any binary data may be one.
struct DarknetWeightsFormat: ModelFormat {
  var vocabulary: ModelVocabulary? { .darknet }
  var hasDarknetHeader: Bool { true }
  var title: String { "darknet .weights" }
  var nameInWarnings: String { "darknet weights" }
  var content: String { "binary data without a signature, taken for darknet weights" }
  var endings: [String] { [".weights"] }

  /// An empty file is told with its cfg, as one that is cut short.
  func recognizes(_ file: InputFile, _ content: FileContent) throws(ModelFileError) -> Bool {
    content == .binary || content == .empty
  }

  /// Whether a file without a signature has the version and the numbers of darknet weights, so that its name may say
  /// something else.
  static func isSurely(_ file: InputFile) throws(ModelFileError) -> Bool {
    let weights = try LooseWeights(of: file, dialect: .standard)
    let header = weights.header
    guard header.hasPlausibleVersion, header.major > 0 || header.minor > 0, weights.oddBytes == 0,
      try WeightsDamage.shown(by: weights.file, header: header) == nil
    else { return false }
    return try Plausibility(isThorough: false)
      .doubt(of: weights.file, from: header.byteCount, numbers: weights.floatCount) == nil
  }

  func summary(
    of source: ModelSource, _ wishes: InspectionWishes
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    let model = source.model
    let darknet = DarknetInspector(source.dialect, wishes)
    if wishes.configs.count > 1 {
      guard !wishes.digests else {
        throw ModelFileError(
          .usage, file: model.path,
          "--hash needs to know the arrays, and several cfgs are named", remedy: "name one cfg")
      }
      return try darknet.summary(weights: model.file, configs: wishes.configs)
    }
    guard let config = source.config ?? model.configBeside else {
      return try darknet.summary(weightsAlone: model.file)
    }
    return try darknet.summary(weights: model.file, config: try config.configText())
  }

  func contents(
    of source: ModelSource, beside other: ModelFile?
  ) throws(ModelFileError) -> ModelContents {
    var named = source.config
    // It is the other file's, which is a Keras model.
    if other?.format.vocabulary == .keras, try named?.mayBeKeras() == true { named = nil }
    guard let config = named ?? source.model.configBeside ?? other?.configBeside else {
      return ModelContents(
        try LooseWeights(of: source.model.file, dialect: source.dialect ?? .standard))
    }
    let network = try Network(
      try config.configText(), dialect: source.dialect, otherwise: source.otherwise)
    return try ModelContents(try WeightsFile(of: source.model.file, network: network))
  }

  func computable(
    of source: ModelSource, allowsPartial: Bool
  ) throws(ModelFileError) -> ComputableModel {
    .graph(try RunnableModel(try source.weights(), allowsPartial: allowsPartial))
  }

  func conversion(
    of source: ModelSource, to target: OutputFormat, _ options: ConversionOptions
  ) throws(ModelFileError) -> any ModelConversion {
    if case .darknetConfig = target { throw notAConfig(source) }
    return try Self.conversion(of: try source.weights(), to: target, options)
  }

  func darknetModel(of side: ComparisonSide) throws(ModelFileError) -> ComparedModel {
    try side.networkModel()
  }

  /// The numbers of a network on their way to another format, in whatever file they are.
  static func conversion(
    of weights: any NetworkWeights, to target: OutputFormat, _ options: ConversionOptions
  ) throws(ModelFileError) -> any ModelConversion {
    switch target {
    case .keras(let container):
      return try DarknetToKeras(
        weights, as: options.kerasTarget(container), allowsPartial: options.allowsPartial,
        names: try options.nameLines(for: weights.network))
    case .tensors(let format):
      return try ModelToTensors(weights, as: format, allowsPartial: options.allowsPartial)
    case .darknet, .darknetConfig:
      try options.checkLimit(in: weights.network)
      return try DarknetToDarknet(
        weights, header: options.header, limit: options.limit,
        allowsPartial: options.allowsPartial)
    }
  }
}
