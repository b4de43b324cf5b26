import ArgumentParser
import Darknet
import FileSupport
import HDF5
import Inspection
import ModelGraph
import SafeTensors

/// The formats of named tensors. A further one is a target of its own and a line here.
enum TensorFormats {
  static let all: [any TensorFormat] = [SafeTensorsFormat()]
}

/// The formats that nnfmt writes.
enum OutputFormat: CaseIterable, ExpressibleByArgument {
  /// `.weights`, with a cfg beside it where that is not given.
  case darknet
  /// A whole Keras model in the legacy layout.
  case kerasH5
  /// A cfg alone, in its canonical form.
  case darknetConfig
  /// Named tensors.
  case tensors(any TensorFormat)

  static var allCases: [OutputFormat] {
    [.darknet, .kerasH5, .darknetConfig] + TensorFormats.all.map { .tensors($0) }
  }

  /// The name by which `--to` asks for it.
  var name: String {
    switch self {
    case .darknet: "darknet"
    case .kerasH5: "keras-h5"
    case .darknetConfig: "darknet-cfg"
    case .tensors(let format): format.name
    }
  }

  /// Whether it is a cfg, which has no numbers.
  var isConfig: Bool { if case .darknetConfig = self { true } else { false } }

  /// The endings of names that ask for it.
  private var endings: [String] {
    switch self {
    case .darknet: [".weights"]
    case .kerasH5: [".h5", ".hdf5"]
    case .darknetConfig: [".cfg"]
    case .tensors(let format): format.endings
    }
  }

  static var allValueStrings: [String] { allCases.map(\.name) }

  var defaultValueDescription: String { name }

  init?(argument: String) {
    guard let found = Self.allCases.first(where: { $0.name == argument }) else { return nil }
    self = found
  }

  /// Endings of Keras's containers that can't be written yet, though they end like others.
  private static let unwritten = [".weights.h5", ".keras"]

  /// The format that a name asks for.
  ///
  /// - Throws: `ModelFileError`: `unsupported` for a container that can't be written yet, `usage`
  ///   where the name says nothing.
  init(forName path: String) throws(ModelFileError) {
    let name = path.lowercased()
    if let ending = Self.unwritten.first(where: name.hasSuffix) {
      throw ModelFileError(
        .unsupported, file: path, "'\(ending)' files can't be written",
        remedy: "name it .h5, which Keras 2 and 3 both load")
    }
    guard let found = Self.allCases.first(where: { $0.endings.contains(where: name.hasSuffix) })
    else {
      let endings = Self.allCases.flatMap(\.endings)
      throw ModelFileError(
        .usage, file: path, "the name does not tell the output's format",
        expected: "a name that ends in \(endings.dropLast().joined(separator: ", ")) or "
          + (endings.last ?? ""),
        remedy: "or say it with --to \(Self.allCases.map(\.name).joined(separator: "|"))")
    }
    self = found
  }
}

/// The formats that nnfmt reads, told from a file's content.
enum InputFormat {
  case darknetWeights
  case darknetConfig
  case hdf5
  /// A `.keras` archive, or the index of weights in several files.
  case keras
  /// Named tensors.
  case tensors(any TensorFormat)

  /// - Throws: ``ModelFileError``: `unreadable`; `damaged` for what holds no model.
  init(of file: InputFile) throws(ModelFileError) {
    let path = file.path
    let content = try FileContent(of: file)
    if Self.isNamedConfig(path), try Self.mayBeConfig(content, of: file) {
      self = .darknetConfig
      return
    }
    for format in TensorFormats.all
    where try format.recognizes(file) || Self.isDamaged(content, path, format) {
      self = .tensors(format)
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
        expected: "darknet .weights or .cfg, HDF5, .keras, or "
          + TensorFormats.all.map(\.title).joined(separator: ", "))
    }
  }

  /// The endings of files that hold numbers, for help texts.
  static let modelEndings =
    ([".weights", ".h5", ".keras", ".weights.h5"] + TensorFormats.all.flatMap(\.endings))
    .joined(separator: ", ")

  /// Whether a file has no content of its own by which it could be told, and the name of a format that is then read.
  private static func isDamaged(
    _ content: FileContent, _ path: String, _ format: any TensorFormat
  ) -> Bool {
    switch content {
    case .binary, .empty, .mangled: isNamed(path, format)
    default: false
    }
  }

  private static func isNamed(_ path: String, _ format: any TensorFormat) -> Bool {
    let name = path.lowercased()
    return format.endings.contains(where: name.hasSuffix)
  }

  /// Whether it is one of Keras's containers.
  var isKeras: Bool {
    switch self {
    case .hdf5, .keras: true
    case .darknetWeights, .darknetConfig, .tensors: false
    }
  }

  /// Whether it is a file of darknet weights.
  var isDarknetWeights: Bool { if case .darknetWeights = self { true } else { false } }

  /// Whether it is a cfg.
  var isDarknetConfig: Bool { if case .darknetConfig = self { true } else { false } }

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
        isDarknetWeights ? nil : "darknet weights"
      } else if Self.isNamedConfig(path) {
        isDarknetConfig ? nil : "a darknet cfg"
      } else if Self.isNamedKeras(path) {
        isKeras ? nil : "Keras"
      } else if let format = TensorFormats.all.first(where: { Self.isNamed(path, $0) }) {
        if case .tensors = self { nil } else { format.title }
      } else { nil }
    let holds =
      switch self {
      case .darknetWeights: "binary data without a signature, taken for darknet weights"
      case .darknetConfig: "a darknet cfg"
      case .hdf5: "HDF5"
      case .keras: "a .keras archive"
      case .tensors(let format): format.title
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
