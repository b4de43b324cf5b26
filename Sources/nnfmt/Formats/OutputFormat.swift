import ArgumentParser
import FileSupport
import ModelGraph

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
    [.darknet, .kerasH5, .darknetConfig] + ModelFormats.tensors.map { .tensors($0) }
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

  /// The options of `convert` that mean something for it alone, or for some.
  var options: Set<String> {
    switch self {
    case .darknet: ["--header", "--upto", "--cfg"]
    case .kerasH5: ["--compress", "--keras", "--cfg"]
    case .darknetConfig: []
    case .tensors: ["--cfg"]
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
