import Conversion
import Darknet
import FileSupport
import Inspection
import Validation

/// A darknet cfg.
struct DarknetConfigFormat: ModelFormat {
  var vocabulary: ModelVocabulary? { .darknet }
  var hasNumbers: Bool { false }
  var title: String { "darknet .cfg" }
  var nameInWarnings: String { content }
  var content: String { "a darknet cfg" }
  var endings: [String] { [".cfg"] }

  /// By its content; a damaged or odd file that is called a cfg is then told what is wrong with it as a cfg.
  func recognizes(_ file: InputFile, _ content: FileContent) throws(ModelFileError) -> Bool {
    guard isNamed(file.path) else { return content == .darknetConfig }
    switch content {
    case .keyValueText, .text, .empty: return true
    default: return try Self.isConfig(content, of: file)
    }
  }

  /// Whether a file that is called a cfg is one. Stray control characters do not make it binary data: a
  /// weights file has a version in front.
  static func isConfig(
    _ content: FileContent, of file: InputFile
  ) throws(ModelFileError) -> Bool {
    switch content {
    case .darknetConfig: true
    case .binary:
      try !LooseWeights(of: file, dialect: .alexeyab).header.hasPlausibleVersion
    default: false
    }
  }

  /// The cfg that belongs to a file if none is named: the one beside it with the same stem.
  static func beside(_ path: String) -> ArchitectureFile? {
    guard let candidate = ModelFile.pathBeside(path, ending: ".cfg"),
      let file = try? InputFile(path: candidate),
      let content = try? FileContent(of: file), (try? isConfig(content, of: file)) == true
    else { return nil }
    return ArchitectureFile(file, content)
  }

  func summary(
    of source: ModelSource, _ wishes: InspectionWishes
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    guard wishes.configs.isEmpty else {
      throw ModelFileError(
        .usage, file: source.model.path, "is a cfg itself: --cfg is for weights",
        remedy: "leave it out")
    }
    return (
      try DarknetInspector(source.dialect, wishes).summary(
        config: try ConfigText(of: source.model.file)), nil
    )
  }

  func contents(
    of source: ModelSource, beside other: ModelFile?
  ) throws(ModelFileError) -> ModelContents {
    ModelContents(
      try Network(
        try ConfigText(of: source.model.file), dialect: source.dialect,
        otherwise: source.otherwise))
  }

  func computable(
    of source: ModelSource, allowsPartial: Bool
  ) throws(ModelFileError) -> ComputableModel {
    throw ModelFileError(
      .damaged, file: source.model.path, "a cfg holds no numbers to compute with",
      expected: "a .weights file",
      remedy: "name the .weights first, and this file with --cfg")
  }

  func conversion(
    of source: ModelSource, to target: OutputFormat, _ options: ConversionOptions
  ) throws(ModelFileError) -> any ModelConversion {
    guard case .darknetConfig = target else {
      throw ModelFileError(
        .damaged, file: source.model.path, "a cfg holds no numbers to convert",
        expected: "a .weights file",
        remedy: "name the weights first: nnfmt convert MODEL.weights "
          + "\(options.output.escapedForTerminal) --cfg \(source.model.path.escapedForTerminal)")
    }
    return try ConfigToConfig(
      try ConfigText(of: source.model.file), dialect: source.dialect)
  }

  func darknetModel(of side: ComparisonSide) throws(ModelFileError) -> ComparedModel {
    guard !side.other.format.hasNumbers else {
      throw ModelFileError(
        .damaged, file: side.file.path, "a cfg holds no numbers to compare",
        expected: "a .weights or .h5 file",
        remedy: "name the cfg with --cfg")
    }
    return ComparedModel(
      try Network(
        try ConfigText(of: side.file.file), dialect: side.dialect,
        otherwise: try ConfigText(of: side.other.file).statedDialect() ?? .standard))
  }
}

extension DarknetInspector {
  init(_ dialect: Dialect?, _ wishes: InspectionWishes) {
    self.init(
      dialect: dialect, computesDigests: wishes.digests, computesStatistics: wishes.statistics)
  }
}
