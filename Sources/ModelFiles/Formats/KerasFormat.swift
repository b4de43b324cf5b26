import Conversion
import Darknet
import FileSupport
import HDF5
import Inspection
import Keras
import ModelGraph
import Validation

/// Keras's files: HDF5, and archives with the index of weights in several files.
enum KerasFormat: ModelFormat {
  case hdf5
  case archive

  var vocabulary: ModelVocabulary? { .keras }
  var title: String { self == .hdf5 ? "HDF5" : ".keras" }
  var nameInWarnings: String { "Keras" }
  var content: String { self == .hdf5 ? "HDF5" : "a .keras archive" }
  var endings: [String] { self == .hdf5 ? [".h5", ".hdf5"] : [".keras"] }
  var shownEndings: [String] { self == .hdf5 ? [".h5", ".weights.h5"] : [".keras"] }

  func recognizes(_ file: InputFile, _ content: FileContent) throws(ModelFileError) -> Bool {
    switch (self, content) {
    case (.hdf5, .hdf5): return true
    case (.archive, .zip): return !DarknetWeightsFormat().isNamed(file.path)
    case (.archive, .json): return file.path.lowercased().hasSuffix(".weights.json")
    // A later part of a file that was spread over several looks like one that lost its first bytes.
    case (.hdf5, .mangled): try HDF5File.checkIsNoPart(file.path)
    case (.hdf5, .binary):
      try HDF5File.checkIsNoPart(file.path)
      if Self.hdf5.isNamed(file.path) || Self.archive.isNamed(file.path) {
        try Self.refuse(file, content)
      }
    default: break
    }
    return false
  }

  /// Refuses binary data that are called a Keras file, unless they are surely another.
  private static func refuse(
    _ file: InputFile, _ content: FileContent
  ) throws(ModelFileError) {
    guard try !DarknetWeightsFormat.isSurely(file) else { return }
    let error = ModelFileError(
      .damaged, file: file.path, at: [.byte(0)], "is no HDF5 file, as its name says it is",
      expected: "the signature \\x89HDF\\r\\n\\x1a\\n",
      found: "\(content.name), \(file.size) bytes",
      remedy: "the file is damaged, or another with the wrong name; fetch it again")
    throw error.explained(by: file)
  }

  func summary(
    of source: ModelSource, _ wishes: InspectionWishes
  ) throws(ModelFileError) -> (Summary, failure: ModelFileError?) {
    try NamedTensorFormat.requireOne(of: wishes.configs, source)
    let checkpoint = try source.model.checkpoint()
    var inspector = KerasInspector(
      locksFile: wishes.locksFile, computesDigests: wishes.digests,
      computesStatistics: wishes.statistics)
    inspector.inputSizes = wishes.inputSizes
    inspector.listsAttributes = wishes.attributes
    inspector.listsSubmodels = wishes.submodels
    var (summary, failure) = try inspector.summary(
      of: checkpoint,
      config: try source.config.map { (file) throws(ModelFileError) in
        try file.kerasArchitecture(locked: wishes.locksFile)
      })
    complete(&summary, from: checkpoint, dialect: source.dialect)
    return (summary, failure)
  }

  /// How a picture is fed and what heads stand behind the outputs, as the darknet network says that a Keras file was
  /// made of: only `Conversion` knows what a file carries.
  private func complete(
    _ summary: inout Summary, from checkpoint: KerasCheckpoint, dialect: Dialect?
  ) {
    guard summary.picture != nil else { return }
    do {
      let carried = try KerasToDarknet.embeddedNetwork(checkpoint, dialect: dialect)
      guard let carried else { return }
      if let picture = carried.picture { summary.picture?.complete(from: picture) }
      summary.carriedHeads = Summary.CarriedHead.all(of: carried)
    } catch {
      summary.warnings.append(
        ModelWarning(
          file: error.file ?? checkpoint.path, at: error.places,
          "the darknet network that the file carries can't be read: \(error.problem)"))
    }
  }

  func contents(
    of source: ModelSource, beside other: ModelFile?
  ) throws(ModelFileError) -> ModelContents {
    let checkpoint = try source.model.checkpoint()
    var contents = try ModelContents(
      checkpoint, architecture: try source.kerasArchitecture(beside: other))
    if let header = try KerasToDarknet.embeddedHeader(checkpoint) {
      contents.takeEmbedded(header)
    }
    if self == .archive, try FileContent(of: source.model.file) == .zip {
      try contents.takeMembers(of: source.model.file)
    }
    return contents
  }

  func computable(
    of source: ModelSource, allowsPartial: Bool
  ) throws(ModelFileError) -> ComputableModel {
    if let config = source.config, try !config.mayBeKeras() {
      return .graph(try RunnableModel(try source.checkpoint()))
    }
    return .keras(try source.model.kerasNetwork(config: source.config))
  }

  func conversion(
    of source: ModelSource, to target: OutputFormat, _ options: ConversionOptions
  ) throws(ModelFileError) -> any ModelConversion {
    switch target {
    case .darknetConfig: throw notAConfig(source)
    case .darknet: return try Self.network(of: source, options)
    case .tensors(let format):
      if let config = source.config, try !config.mayBeKeras() {
        throw ModelFileError(
          .usage, file: config.path,
          "a Keras file's tensors are its own variables, and not those of a darknet network",
          remedy: "leave --cfg out, or convert to .weights first and then that")
      }
      return try ModelToTensors(
        try source.model.kerasNetwork(config: source.config), as: format)
    case .keras(let container):
      if let config = source.config, try !config.mayBeKeras() {
        if DarknetWeightsFormat().isNamed(source.model.path) {
          throw ModelFileError(
            .damaged, file: source.model.path, "is no darknet weights file",
            expected: "a header and floats", found: "\(content) of Keras's",
            remedy:
              "it may be a Keras model already: leave --cfg out, or convert it to a .weights file")
        }
        throw ModelFileError(
          .usage, file: config.path,
          "a Keras model is written with its own layers, and not with those of a darknet network",
          remedy: "leave --cfg out, or convert to .weights first and then that")
      }
      return try KerasToKeras(
        try source.model.kerasNetwork(config: source.config),
        from: try source.model.checkpoint(), as: options.kerasTarget(container),
        names: try options.nameLines(
          for: try source.model.embeddedNetwork(dialect: source.dialect)))
    }
  }

  func darknetModel(of side: ComparisonSide) throws(ModelFileError) -> ComparedModel {
    try side.kerasAsNetworkModel()
  }

  /// A Keras model on its way to darknet: as the network that it carries or that is named, or else as one that is made of
  /// its layers.
  static func network(
    of source: ModelSource, _ options: ConversionOptions
  ) throws(ModelFileError) -> any DarknetConversion {
    let conversion = try source.toDarknet(header: options.header, limit: options.limit)
    try options.checkLimit(in: conversion.network)
    return conversion
  }
}
