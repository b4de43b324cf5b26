import FileSupport
import Keras
import ModelGraph

/// The formats that nnfmt writes.
package enum OutputFormat: CaseIterable {
  /// `.weights`, with a cfg beside it where that is not given.
  case darknet
  /// A Keras model, or its weights, in one of Keras's containers.
  case keras(KerasContainer)
  /// A cfg alone, in its canonical form.
  case darknetConfig
  /// Named tensors.
  case tensors(any TensorFormat)

  package static var allCases: [OutputFormat] {
    // Longer endings come first.
    [
      .darknet, .keras(.version3Weights), .keras(.fullModel), .keras(.archive), .keras(.weights),
      .darknetConfig,
    ] + ModelFormats.tensors.map { .tensors($0) }
  }

  /// The name by which `--to` asks for it.
  package var name: String {
    switch self {
    case .darknet: "darknet"
    case .keras(let container): container.rawValue
    case .darknetConfig: "darknet-cfg"
    case .tensors(let format): format.name
    }
  }

  /// Whether it is a cfg, which has no numbers.
  package var isConfig: Bool { if case .darknetConfig = self { true } else { false } }

  /// The endings of names that ask for it.
  package var endings: [String] {
    switch self {
    case .darknet: [".weights"]
    case .keras(.version3Weights): [".weights.h5"]
    case .keras(.fullModel): [".h5", ".hdf5"]
    case .keras(.archive): [".keras"]
    case .keras(.weights), .keras(.plain): []
    case .darknetConfig: [".cfg"]
    case .tensors(let format): format.endings
    }
  }

  /// The options of `convert` that mean something for it alone, or for some.
  package var options: Set<String> {
    switch self {
    case .darknet: ["--header", "--upto", "--cfg"]
    case .keras: ["--compress", "--keras", "--cfg", "--names"]
    case .darknetConfig: []
    case .tensors: ["--cfg"]
    }
  }

  /// The format that a name asks for.
  ///
  /// - Throws: `ModelFileError` of kind `usage` where the name says nothing.
  package init(forName path: String) throws(ModelFileError) {
    let name = path.lowercased()
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
