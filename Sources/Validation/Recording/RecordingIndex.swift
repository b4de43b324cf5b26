import FileSupport

/// The list of what a recording holds: `index.json` beside its arrays (`spec/recordings.md`).
struct RecordingIndex {
  /// An array of the recording.
  struct Entry: Equatable {
    /// The name of the input, or of the layer.
    let name: String
    /// The file in the folder.
    let file: String
  }

  /// Whose names the layers have, where both a darknet network and the Keras model that it became have some.
  enum Vocabulary: String {
    case darknet
    case keras
  }

  static let fileName = "index.json"
  private static let title = "nnfmt recording"
  private static let version = 1

  let vocabulary: Vocabulary
  var inputs: [Entry] = []
  /// The layers by the names of the model that was run.
  var layers: [Entry] = []
  /// The outputs in order; their files are those of layers, mostly.
  var outputs: [Entry] = []

  /// The document.
  var json: JSONValue {
    [
      "format": .string(Self.title), "version": JSONValue(Self.version),
      "vocabulary": .string(vocabulary.rawValue),
      "inputs": Self.json(inputs), "layers": Self.json(layers), "outputs": Self.json(outputs),
    ]
  }

  init(_ vocabulary: Vocabulary) {
    self.vocabulary = vocabulary
  }

  /// Reads the document.
  ///
  /// - Throws: `ModelFileError` of kind `damaged`.
  init(_ file: InputFile) throws(ModelFileError) {
    let size = Int(clamping: file.size)
    guard size <= 64 << 20 else {
      throw ModelFileError(.damaged, file: file.path, "is too large for the index of a recording")
    }
    let document: JSONValue
    do {
      document = try JSONParser.parse(try file.bytes(at: 0, count: size))
    } catch {
      throw error.inFile(file.path)
    }
    guard document["format"]?.text == Self.title, document["version"]?.int == Self.version else {
      throw ModelFileError(
        .damaged, file: file.path, "is no index of a recording",
        expected: "\"format\": \"\(Self.title)\", \"version\": \(Self.version)",
        remedy: "record again, or remove the file: the arrays are then told by their names")
    }
    guard let vocabulary = document["vocabulary"]?.text.flatMap(Vocabulary.init) else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.option("vocabulary")],
        "the index of a recording does not say whose names its layers have",
        expected: "darknet or keras", remedy: "record again")
    }
    self.vocabulary = vocabulary
    inputs = try Self.entries("inputs", of: document, file.path)
    layers = try Self.entries("layers", of: document, file.path)
    outputs = try Self.entries("outputs", of: document, file.path)
  }

  private static func json(_ entries: [Entry]) -> JSONValue {
    .array(entries.map { ["name": .string($0.name), "file": .string($0.file)] })
  }

  private static func entries(
    _ key: String, of document: JSONValue, _ path: String
  ) throws(ModelFileError) -> [Entry] {
    guard let elements = document[key]?.elements else {
      throw ModelFileError(
        .damaged, file: path, at: [.option(key)], "the index of a recording lacks a list",
        remedy: "record again")
    }
    var entries: [Entry] = []
    for element in elements {
      guard let name = element["name"]?.text, let file = element["file"]?.text,
        !file.isEmpty, file != "..", !file.contains("/"), !file.contains("\0")
      else {
        throw ModelFileError(
          .damaged, file: path, at: [.option(key)],
          "an entry of the index has no name, or no file in the same folder",
          remedy: "record again")
      }
      entries.append(Entry(name: name, file: file))
    }
    return entries
  }
}
