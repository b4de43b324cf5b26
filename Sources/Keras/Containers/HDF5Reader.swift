import FileSupport
import HDF5

/// Tells what an HDF5 file of Keras is, and lists its layers.
struct HDF5Reader {
  private let store: WeightStore
  private let opener: StoreOpener
  private var root: Group { store.file.root }

  init(_ store: WeightStore, _ opener: StoreOpener) {
    self.store = store
    self.opener = opener
  }

  func checkpoint(size: UInt64) throws(ModelFileError) -> KerasCheckpoint {
    var damage: ModelFileError?
    let whole = try opener.tolerating(&damage, or: nil) { () throws(ModelFileError) in
      try wholeCheckpoint(size: size)
    }
    guard let whole else {
      return KerasCheckpoint(.plain, size: size, stores: [store], damage: damage)
    }
    return whole
  }

  private func wholeCheckpoint(size: UInt64) throws(ModelFileError) -> KerasCheckpoint? {
    let statement = try configurationText()
    var stated: JSONValue?
    if let statement { stated = try Self.configuration(statement) }
    let configuration = stated?["config"] == nil ? nil : stated
    let weights = try weightsGroup()
    let container: KerasContainer
    if configuration != nil || (stated == nil && weights != nil) {
      container = .fullModel
    } else if stated == nil, try LegacyNames.isListed(LegacyNames.layers, in: root) {
      container = .weights
    } else if stated == nil, try Version3Layout.isUsed(by: root) {
      container = .version3Weights
    } else {
      container = .plain
    }
    let holder: Group? =
      switch container {
      case .fullModel: weights
      case .weights: root
      case .version3Weights, .archive, .plain: nil
      }
    var layers: [StoredLayer] = []
    var optimizer: [StoredWeight] = []
    var damage: ModelFileError?
    if let holder {
      layers = try opener.tolerating(&damage, or: []) { () throws(ModelFileError) in
        try LegacyLayout(store).layers(in: holder)
      }
      optimizer = try LegacyLayout(store).optimizer(of: root)
    } else if container == .version3Weights {
      let layout = try opener.tolerating(&damage, or: nil) { () throws(ModelFileError) in
        try Version3Layout(store)
      }
      layers = layout?.layers ?? []
      optimizer = layout?.optimizer ?? []
    }
    var checkpoint = KerasCheckpoint(
      container, size: size, stores: [store], layers: layers, optimizer: optimizer,
      configuration: configuration, kerasVersion: try text("keras_version", or: holder),
      backend: try text("backend", or: holder) ?? Self.unnamedBackend(of: layers),
      defect: weights == nil ? nil : Self.defect(stated: stated, container: container),
      damage: damage)
    checkpoint.configurationHasByteOrderMark = statement.map(JSONParser.hasByteOrderMark) ?? false
    checkpoint.weightsNameVersion = try holder?.attribute(named: "keras_version") != nil
    return checkpoint
  }

  /// The backend of Keras 1, of which its files say nothing: Theano's variables are called `conv_W`, TensorFlow's
  /// `conv_W:0`. `nil` for weights with other names.
  private static func unnamedBackend(of layers: [StoredLayer]) -> String? {
    let names = layers.flatMap { $0.weights.map { $0.name.description } }
    return names.contains { $0.hasSuffix("_W") } && !names.contains { $0.contains(":") }
      ? "theano" : nil
  }

  /// A file with weights in the place of a model's, but without a configuration; or with something
  /// else in place of one.
  private static func defect(stated: JSONValue?, container: KerasContainer) -> ModelFileError? {
    if let stated, stated["config"] == nil {
      let text = String(decoding: JSONWriter().bytes(of: stated).prefix(40), as: UTF8.self)
      return ModelFileError(
        .damaged, at: [.path("/"), .option("model_config")], "the configuration is no model's",
        expected: "an object with 'class_name' and 'config'", found: text,
        remedy: "save the model again; its weights alone can be read with --cfg")
    }
    guard stated == nil, container == .fullModel else { return nil }
    return ModelFileError(
      .damaged, at: [.path("/")],
      "the file has weights, but no configuration of the model they belong to",
      expected: "an attribute 'model_config'", found: "none",
      remedy: "name a file that has the configuration with --cfg (.h5, .keras, .json)")
  }

  /// The text of `model_config`.
  private func configurationText() throws(ModelFileError) -> [UInt8]? {
    guard let attribute = try root.attribute(named: "model_config") else { return nil }
    return Array(try attribute.string().utf8)
  }

  private static func configuration(_ text: [UInt8]) throws(ModelFileError) -> JSONValue {
    do throws(ModelFileError) {
      return try JSONParser.parse(text)
    } catch {
      throw error.at(.path("/"), .option("model_config"))
    }
  }

  private func weightsGroup() throws(ModelFileError) -> Group? {
    guard case .hard(.group, _) = try root.target(named: LegacyNames.modelWeights) else {
      return nil
    }
    return try root.group(named: LegacyNames.modelWeights)
  }

  private func text(_ name: LinkName, or other: Group?) throws(ModelFileError) -> String? {
    for group in [root, other] {
      if let attribute = try group?.attribute(named: name) { return try attribute.string() }
    }
    return nil
  }
}
