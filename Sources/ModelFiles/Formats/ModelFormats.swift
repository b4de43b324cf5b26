import FileSupport
import ModelGraph
import SafeTensors

/// All formats: the one list that every command asks.
package enum ModelFormats {
  /// The formats of named tensors. A further one is a target of its own and an element here.
  static let tensors: [any TensorFormat] = [SafeTensorsFormat()]

  /// The formats that are read, in the order in which they are asked whether a file is theirs. A weights file has no
  /// signature: it is what nothing else is.
  private static let all: [any ModelFormat] =
    [DarknetConfigFormat()] + tensors.map { NamedTensorFormat($0) }
    + [KerasFormat.hdf5, KerasFormat.archive, DarknetWeightsFormat()]

  /// The format of a file by its content.
  ///
  /// - Throws: `ModelFileError`: `unreadable`; `damaged` for what holds no model.
  static func format(of file: InputFile) throws(ModelFileError) -> any ModelFormat {
    let content = try FileContent(of: file)
    for format in all where try format.recognizes(file, content) { return format }
    let titles = all.reversed().map(\.title).filter { !$0.hasPrefix("darknet") }
    throw content.refusal(
      file, "is no model file that nnfmt knows",
      expected: "darknet .weights or .cfg, " + titles.dropLast().joined(separator: ", ") + ", or "
        + (titles.last ?? ""))
  }

  /// The endings of files that hold numbers, for help texts.
  package static let modelEndings = all.reversed().filter { $0.hasNumbers }.flatMap(\.shownEndings)
    .joined(separator: ", ")

  /// What each format that is read is called, and how names of its files end.
  package static var described: [(title: String, endings: [String])] {
    all.reversed().map { ($0.title, $0.endings) }
  }

  /// A warning if a file's name speaks of another format than the file is of.
  package static func warnings(of file: ModelFile) -> [ModelWarning] {
    let name = file.path.lowercased()
    guard let named = all.first(where: { $0.endings.contains(where: name.hasSuffix) }),
      named.nameInWarnings != file.format.nameInWarnings
    else { return [] }
    return [
      ModelWarning(
        file: file.path,
        "the name speaks of \(named.nameInWarnings), but the file holds \(file.format.content)")
    ]
  }
}
