import ArgumentParser
import Darknet
import FileSupport
import HDF5
import Inspection

/// The formats that nnfmt writes.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  /// `.weights`, with a cfg beside it where that is not given.
  case darknet
  /// A whole Keras model in the legacy layout.
  case kerasH5 = "keras-h5"
  /// A cfg alone, in its canonical form.
  case darknetConfig = "darknet-cfg"

  /// The format that a name asks for.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for a container that can't be written yet, `usage`
  ///   where the name says nothing.
  init(forName path: String) throws(ModelFileError) {
    let endings: [(ending: String, format: OutputFormat?)] = [
      (".weights.h5", nil), (".keras", nil), (".weights", .darknet), (".h5", .kerasH5),
      (".hdf5", .kerasH5), (".cfg", .darknetConfig),
    ]
    let name = path.lowercased()
    switch endings.first(where: { name.hasSuffix($0.ending) }) {
    case (_, let format?)?: self = format
    case (let ending, nil)?:
      throw ModelFileError(
        .unsupported, file: path, "'\(ending)' files can't be written",
        remedy: "name it .h5, which Keras 2 and 3 both load")
    case nil:
      throw ModelFileError(
        .usage, file: path, "the name does not tell the output's format",
        expected: "a name that ends in .weights, .h5, .hdf5 or .cfg",
        remedy: "or say it with --to \(Self.allCases.map(\.rawValue).joined(separator: "|"))")
    }
  }
}

/// The formats that nnfmt reads, told from a file's content.
enum InputFormat {
  case darknetWeights
  case darknetConfig
  case hdf5
  /// A `.keras` archive, or the index of weights in several files.
  case keras

  /// - Throws: ``ModelFileError``: `unreadable`; `damaged` for what holds no model.
  init(of file: InputFile) throws(ModelFileError) {
    let path = file.path
    let content = try FileContent(of: file)
    if Self.isNamedConfig(path), try Self.mayBeConfig(content, of: file) {
      self = .darknetConfig
      return
    }
    switch content {
    // A later part of a file that was spread over several looks like one that lost its first bytes.
    case .binary, .mangled: try HDF5File.checkIsNoPart(path)
    default: break
    }
    if content == .binary, Self.isNamedKeras(path), try !Self.isSurelyWeights(file) {
      let error = ModelFileError(
        .damaged, file: path, at: [.byte(0)], "is no HDF5 file, as its name says it is",
        expected: "the signature \\x89HDF\\r\\n\\x1a\\n",
        found: "\(content.name), \(file.size) bytes",
        remedy: "the file is damaged, or another with the wrong name; fetch it again")
      throw error.explained(by: file)
    }
    switch content {
    // A weights file has no signature. An empty one is told with its cfg, as one that is cut short.
    case .binary, .empty: self = .darknetWeights
    case .darknetConfig: self = .darknetConfig
    case .hdf5: self = .hdf5
    case .zip where !Self.isNamedWeights(path): self = .keras
    case .json where path.lowercased().hasSuffix(".weights.json"): self = .keras
    case .zip, .packed, .html, .serverMessage, .gitLFSPointer, .appleDouble, .json, .keyValueText,
      .text, .classicNetCDF, .picture, .pickle, .mangled:
      throw content.refusal(
        file, "is no model file that nnfmt knows",
        expected: "darknet .weights or .cfg, HDF5, or .keras")
    }
  }

  /// Whether a name speaks of darknet weights.
  static func isNamedWeights(_ path: String) -> Bool { path.lowercased().hasSuffix(".weights") }

  /// Whether a file without a signature has the version and the numbers of darknet weights, so that its name may say
  /// something else.
  private static func isSurelyWeights(_ file: InputFile) throws(ModelFileError) -> Bool {
    let weights = try LooseWeights(of: file, dialect: .standard)
    let header = weights.header
    guard header.hasPlausibleVersion, header.major > 0 || header.minor > 0, weights.oddBytes == 0,
      try WeightsDamage.shown(by: weights.file, header: header) == nil
    else { return false }
    return try Plausibility(isThorough: false)
      .doubt(of: weights.file, from: header.byteCount, numbers: weights.floatCount) == nil
  }

  private static func isNamedKeras(_ path: String) -> Bool {
    let name = path.lowercased()
    return [".h5", ".hdf5", ".keras"].contains { name.hasSuffix($0) }
  }

  private static func isNamedConfig(_ path: String) -> Bool { path.lowercased().hasSuffix(".cfg") }

  /// Whether a file that is called a cfg shall be read as one: a damaged or odd one is then told what
  /// is wrong with it as a cfg.
  private static func mayBeConfig(
    _ content: FileContent, of file: InputFile
  ) throws(ModelFileError) -> Bool {
    switch content {
    case .keyValueText, .text, .empty: true
    default: try isConfig(content, of: file)
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

  /// A warning if a file's name speaks of another format.
  func warnings(forName path: String) -> [ModelWarning] {
    let says: String? =
      if Self.isNamedWeights(path) {
        self == .darknetWeights ? nil : "darknet weights"
      } else if Self.isNamedConfig(path) {
        self == .darknetConfig ? nil : "a darknet cfg"
      } else if Self.isNamedKeras(path) {
        self == .hdf5 || self == .keras ? nil : "Keras"
      } else { nil }
    let holds =
      switch self {
      case .darknetWeights: "binary data without a signature, taken for darknet weights"
      case .darknetConfig: "a darknet cfg"
      case .hdf5: "HDF5"
      case .keras: "a .keras archive"
      }
    return says.map {
      [ModelWarning(file: path, "the name speaks of \($0), but the file holds \(holds)")]
    } ?? []
  }
}

extension Dialect: ExpressibleByArgument {}

extension Dialect {
  /// By which a file is read if `--dialect` names none, as help says it.
  static let whereUnnamed = "what the cfg states, else \(standard.rawValue)"
}

/// The cfg that belongs to a file if none is named: the one beside it with the same stem.
func configBeside(_ path: String) -> String? {
  guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return nil }
  let candidate = path[..<dot] + ".cfg"
  guard let file = try? InputFile(path: String(candidate)),
    let content = try? FileContent(of: file),
    (try? InputFormat.isConfig(content, of: file)) == true
  else { return nil }
  return String(candidate)
}
