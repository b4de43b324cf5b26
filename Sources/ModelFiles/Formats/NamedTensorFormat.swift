import Conversion
import Darknet
import FileSupport
import Inspection
import ModelGraph
import Validation

/// Named tensors in any format of theirs: a darknet network's or a Keras model's, which another file has to tell.
struct NamedTensorFormat: ModelFormat {
  let format: any TensorFormat

  init(_ format: any TensorFormat) { self.format = format }

  var vocabulary: ModelVocabulary? { nil }
  var title: String { format.title }
  var endings: [String] { format.endings }

  /// By its content; by its name only where it has none by which it could be told.
  func recognizes(_ file: InputFile, _ content: FileContent) throws(ModelFileError) -> Bool {
    if try format.recognizes(file) { return true }
    switch content {
    case .binary, .empty, .mangled: return isNamed(file.path)
    default: return false
    }
  }

  /// Checks that no more than one architecture is named.
  static func requireOne(of configs: [String], _ source: ModelSource) throws(ModelFileError) {
    guard configs.count > 1 else { return }
    throw ModelFileError(
      .usage, file: source.model.path,
      "the file has one architecture, and several files are named",
      remedy: "name one with --cfg")
  }

  func summary(
    of source: ModelSource, _ wishes: InspectionWishes
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    try Self.requireOne(of: wishes.configs, source)
    let tensors = try format.open(source.model.file)
    var inspector = TensorInspector(
      computesDigests: wishes.digests, computesStatistics: wishes.statistics)
    inspector.inputSizes = wishes.inputSizes
    return try inspector.summary(
      of: tensors, format: format.name, architecture: try source.architecture(of: tensors))
  }

  func contents(
    of source: ModelSource, beside other: ModelFile?
  ) throws(ModelFileError) -> ModelContents {
    let tensors = try format.open(source.model.file)
    var architecture = try source.architecture(of: tensors)
    // Tensors of a network are not those of the Keras model that was made of it.
    if case .keras = architecture, TensorWeights.dialect(of: tensors) != nil { architecture = nil }
    if architecture == nil, let other {
      architecture = try? ModelSource(model: other, config: nil, dialect: source.dialect)
        .architecture(of: tensors)
    }
    return try ModelContents(tensors, format: format.name, architecture: architecture)
  }

  func computable(
    of source: ModelSource, allowsPartial: Bool
  ) throws(ModelFileError) -> ComputableModel {
    if try source.vocabulary() == .darknet {
      return .graph(try RunnableModel(try source.weights(), allowsPartial: allowsPartial))
    }
    return .keras(try source.model.kerasNetwork(config: source.config))
  }

  func conversion(
    of source: ModelSource, to target: OutputFormat, _ options: ConversionOptions
  ) throws(ModelFileError) -> any ModelConversion {
    if case .darknetConfig = target { throw notAConfig(source) }
    if case .tensors(let other) = target {
      guard source.config == nil else {
        throw ModelFileError(
          .usage, file: source.config?.path, "--cfg means nothing where tensors are only rewritten",
          remedy: "leave it out")
      }
      return try ModelToTensors(try format.open(source.model.file), as: other)
    }
    let vocabulary = try source.vocabulary()
    if vocabulary == .darknet {
      return try DarknetWeightsFormat.conversion(of: try source.weights(), to: target, options)
    }
    guard vocabulary == .keras else {
      throw ModelFileError.withoutArchitecture(source.model.path)
    }
    guard case .keras(let container) = target else {
      return try KerasFormat.network(of: source, options)
    }
    return try KerasToKeras(
      try source.model.kerasNetwork(config: source.config), from: nil,
      as: options.kerasTarget(container), names: try options.nameLines(for: nil))
  }

  func darknetModel(of side: ComparisonSide) throws(ModelFileError) -> ComparedModel {
    try side.isKeras() ? try side.kerasAsNetworkModel() : try side.networkModel()
  }
}
