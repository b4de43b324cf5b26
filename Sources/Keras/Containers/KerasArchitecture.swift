import FileSupport

/// The configuration of a model, out of any file that carries one.
public struct KerasArchitecture: Sendable {
  /// The configuration.
  public let configuration: JSONValue
  /// The file.
  public let path: String
  /// What wrote it, if it says so.
  public let kerasVersion: String?

  private static let maximumBytes: UInt64 = 256 << 20

  /// Reads the configuration of a `.h5` or `.keras` file, or JSON text by `model.to_json()`.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the file carries none.
  public init(path: String, locked: Bool = true) throws(ModelFileError) {
    try self.init(of: try InputFile(path: path), locked: locked)
  }

  /// Reads the configuration of a file that is open already.
  ///
  /// - Throws: as ``init(path:locked:)``.
  public init(of file: InputFile, locked: Bool = true) throws(ModelFileError) {
    do throws(ModelFileError) {
      switch try FileContent(of: file) {
      case .json:
        guard file.size <= Self.maximumBytes else {
          throw ModelFileError(.damaged, "the JSON text is too large to be a configuration")
        }
        let document = try JSONParser.parse(try file.prefix(Int(file.size)))
        guard document["config"] != nil else { throw Self.nothing(.json, file) }
        configuration = document
        kerasVersion = document["keras_version"]?.text
        path = file.path
      case .hdf5, .zip:
        guard let found = Self(of: try KerasCheckpoint(of: file, locked: locked)) else {
          throw Self.nothing(.hdf5, file)
        }
        self = found
      case let other: throw Self.nothing(other, file)
      }
    } catch {
      throw error.inFile(file.path).explained(by: file)
    }
  }

  /// The configuration that a checkpoint has.
  ///
  /// - Returns: `nil` if it has none.
  public init?(of checkpoint: KerasCheckpoint) {
    guard let found = checkpoint.configuration else { return nil }
    configuration = found
    kerasVersion = checkpoint.kerasVersion
    path = checkpoint.path
  }

  /// The architecture of weights alone, if no file with it is named: that of the file beside them.
  ///
  /// - Returns: `nil` for a checkpoint that has its own configuration, or is none of Keras's.
  public static func beside(_ checkpoint: KerasCheckpoint) -> KerasArchitecture? {
    guard checkpoint.configuration == nil, checkpoint.container != .plain else { return nil }
    return beside(checkpoint.path)
  }

  /// The file beside weights that has the same stem and carries a configuration.
  ///
  /// - Parameter weights: the path of the weights.
  public static func beside(_ weights: String) -> KerasArchitecture? {
    let endings = [".weights.h5", ".weights.json"]
    let ending = endings.first(where: weights.hasSuffix)
    guard let dot = weights.lastIndex(of: "."), !weights[dot...].contains("/") else { return nil }
    let stem = ending.map { weights.dropLast($0.count) } ?? weights[..<dot]
    guard let last = stem.utf8.last, last != UInt8(ascii: "/") else { return nil }
    for candidate in [".json", ".keras", ".h5"].map({ "\(stem)\($0)" }) where candidate != weights {
      if let found = try? KerasArchitecture(path: candidate) { return found }
    }
    return nil
  }

  private static func nothing(_ content: FileContent, _ file: InputFile) -> ModelFileError {
    content.refusal(
      file, "the file carries no configuration of a Keras model",
      expected: "a full model (.h5, .keras) or JSON text by model.to_json()",
      remedy: content.isNoModelAtAll ? nil : "name a file that has the model's configuration")
  }
}
