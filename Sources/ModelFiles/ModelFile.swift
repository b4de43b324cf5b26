import Conversion
import Darknet
import FileSupport
import Keras
import ModelGraph

/// A model file that the command line names, opened once: its format, and what has been read of it so far.
///
/// One thread uses it.
package final class ModelFile {
  /// The file.
  let file: InputFile
  /// What its content says it is.
  package let format: any ModelFormat
  private let locksFile: Bool
  private let toleratesDamage: Bool
  private let looksBeside: Bool
  private var opened: KerasCheckpoint?
  private var container: TensorContainer?

  /// The cfg beside it with the same stem, looked for once.
  private(set) lazy var configBeside = looksBeside ? DarknetConfigFormat.beside(path) : nil
  /// The architecture of the Keras file beside it with the same stem, read once.
  private(set) lazy var kerasBeside = looksBeside ? KerasArchitecture.beside(path) : nil

  /// The path as the user gave it.
  package var path: String { file.path }

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the path as the user gave it.
  ///   - locksFile: whether HDF5 files are locked against writers.
  ///   - toleratesDamage: whether what can't be listed of a checkpoint is left out and told, for those who only look.
  ///   - looksBeside: whether files beside it may tell its architecture.
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` for what holds no model.
  package init(
    _ path: String, locksFile: Bool = true, toleratesDamage: Bool = false, looksBeside: Bool = true
  ) throws(ModelFileError) {
    self.locksFile = locksFile
    self.toleratesDamage = toleratesDamage
    self.looksBeside = looksBeside
    file = try InputFile(path: path)
    format = try ModelFormats.format(of: file)
  }

  /// The Keras checkpoint that it holds.
  ///
  /// - Throws: `ModelFileError` if it can't be read as one.
  func checkpoint() throws(ModelFileError) -> KerasCheckpoint {
    if let opened { return opened }
    let found = try KerasCheckpoint(
      of: file, locked: locksFile, toleratesDamage: toleratesDamage)
    opened = found
    return found
  }

  /// Whether it is a Keras file that carries the darknet network that it was made of.
  ///
  /// - Throws: `ModelFileError` if it can't be read.
  func embedsNetwork() throws(ModelFileError) -> Bool {
    guard format is KerasFormat else { return false }
    return try KerasToDarknet.embedsNetwork(try checkpoint())
  }

  /// The darknet network that it carries, if it is a Keras file that does.
  ///
  /// - Throws: `ModelFileError` if it can't be read.
  func embeddedNetwork(dialect: Dialect?) throws(ModelFileError) -> Network? {
    guard format is KerasFormat else { return nil }
    return try KerasToDarknet.embeddedNetwork(try checkpoint(), dialect: dialect)
  }

  /// The names of its classes that it carries.
  ///
  /// - Throws: `ModelFileError` if it can't be read, or they are no text.
  func carriedNames() throws(ModelFileError) -> ClassNames? {
    guard format is KerasFormat else { return nil }
    return try KerasToDarknet.embeddedNames(try checkpoint()).map {
      (text) throws(ModelFileError) in try ClassNames(text: text, path: path)
    }
  }

  /// What a file beside one is called, with the same stem; `nil` for a name without an ending.
  static func pathBeside(_ path: String, ending: String) -> String? {
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
    return path[..<dot] + ending
  }

  /// The named tensors that it holds; `nil` for a file of another format.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for what breaks the format's rules.
  func tensors() throws(ModelFileError) -> TensorContainer? {
    guard let named = format as? NamedTensorFormat else { return nil }
    if let container { return container }
    let found = try named.format.open(file)
    container = found
    return found
  }

  /// The Keras model that it holds the weights of.
  ///
  /// - Parameter config: a file that carries the architecture, in place of the checkpoint's own.
  /// - Throws: `ModelFileError`: `usage` if nothing tells the architecture.
  func kerasNetwork(config: ArchitectureFile?) throws(ModelFileError) -> KerasNetwork {
    let architecture = try config.map { (file) throws(ModelFileError) in
      try file.kerasArchitecture(locked: locksFile)
    }
    guard let tensors = try tensors() else {
      return try KerasNetwork(try checkpoint(), architecture: architecture)
    }
    guard let architecture = architecture ?? kerasBeside else {
      throw ModelFileError.withoutArchitecture(path)
    }
    return try KerasNetwork(tensors, architecture: architecture)
  }
}

extension ModelFileError {
  /// The error about weights that don't say what they are of.
  static func withoutArchitecture(_ path: String) -> ModelFileError {
    ModelFileError(
      .usage, file: path, "the file holds tensors, but not the model that they belong to",
      remedy: "name a darknet cfg or a file with a Keras model (.h5, .keras, .json) with --cfg")
  }
}

/// A file that `--cfg` names, opened once and not before it is needed.
///
/// One thread uses it.
package final class ArchitectureFile {
  /// The path as the user gave it.
  let path: String
  private var opened: (file: InputFile, content: FileContent)?
  private var text: ConfigText?
  private var architecture: KerasArchitecture?

  /// A file that may be opened.
  package init(_ path: String) { self.path = path }

  /// A file that was opened.
  init(_ file: InputFile, _ content: FileContent) {
    path = file.path
    opened = (file, content)
  }

  private func open() throws(ModelFileError) -> (file: InputFile, content: FileContent) {
    if let opened { return opened }
    let file = try InputFile(path: path)
    let found = (file, try FileContent(of: file))
    opened = found
    return found
  }

  /// The cfg that it is.
  ///
  /// - Throws: `ModelFileError` saying what it is, if it is none.
  func configText() throws(ModelFileError) -> ConfigText {
    if let text { return text }
    let found = try ConfigText(of: try open().file)
    text = found
    return found
  }

  /// Whether it is a Keras model or its JSON, going by its content.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for what describes no network.
  func mayBeKeras() throws(ModelFileError) -> Bool {
    let (file, content) = try open()
    guard !content.isNoModelAtAll || content == .empty else {
      throw content.refusal(
        file, "describes no network", expected: "a darknet cfg, or a file with a Keras model")
    }
    return switch content {
    case .hdf5, .zip, .json: true
    default: false
    }
  }

  /// The configuration of the Keras model that it carries.
  ///
  /// - Throws: `ModelFileError` if it carries none.
  func kerasArchitecture(locked: Bool) throws(ModelFileError) -> KerasArchitecture {
    if let architecture { return architecture }
    let found = try KerasArchitecture(of: try open().file, locked: locked)
    architecture = found
    return found
  }
}
