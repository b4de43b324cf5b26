import Darknet
import FileSupport
import HDF5
import Keras
import ModelGraph

extension ModelContents {
  /// A Keras checkpoint, or any other HDF5 file.
  ///
  /// - Parameters:
  ///   - checkpoint: the file.
  ///   - architecture: the model that it is of, where another file tells it: by that its weights are named. The
  ///     options are those of the file itself.
  /// - Throws: `ModelFileError` if it is damaged.
  package init(
    _ checkpoint: KerasCheckpoint, architecture: KerasArchitecture?
  ) throws(ModelFileError) {
    self.init(
      path: checkpoint.path, format: checkpoint.container.rawValue, bytes: checkpoint.size)
    warnings = checkpoint.warnings
    if let configuration = checkpoint.configuration, checkpoint.container != .plain {
      take(configuration, version: checkpoint.kerasVersion)
      if checkpoint.container == .archive { vocabulary = vocabulary.map { "\($0) archive" } }
    }
    do throws(ModelFileError) {
      let facts = try KerasFacts(checkpoint)
      metadata += facts.entries
      tensors = try DatasetTensors(
        checkpoint, configuration: architecture?.configuration ?? checkpoint.configuration
      ).tensors()
    } catch {
      throw error.inFile(checkpoint.path)
    }
  }

  /// What the header and the dialect of a network tell that the file was made of, by the names that they have of a
  /// `.weights` file.
  package mutating func takeEmbedded(_ header: WeightsHeader) {
    note(header)
    tensors.removeAll { $0.role == .other && $0.array == "/darknet/header" }
    metadata = metadata.map { entry in
      entry.key == "/darknet@dialect"
        ? LayerSettings.Entry(key: "dialect", value: entry.value) : entry
    }
  }

  /// What stands in an archive beside the model.
  ///
  /// - Throws: `ModelFileError` if it is damaged.
  package mutating func takeMembers(of archive: InputFile) throws(ModelFileError) {
    metadata += try KerasFacts.members(of: archive)
  }

  /// The layers of a Keras model as its configuration has them, and what it says of the model as a whole.
  private mutating func take(_ configuration: JSONValue, version: String?) {
    let generation = KerasGeneration(version: version, configuration: configuration)
    vocabulary = "keras-\(generation.rawValue)"
    let content = configuration["config"] ?? .null
    // Sequential models of old have nothing but their list.
    let listed = content["layers"]?.elements ?? content.elements ?? []
    layers = listed.enumerated().map { position, layer in
      let name = layer["config"]?["name"]?.text ?? layer["name"]?.text ?? "\(position)"
      return Layer(
        name: name, kind: layer["class_name"]?.text ?? "", options: FlatOptions(of: layer).entries)
    }
    var whole = configuration.object ?? JSONObject()
    whole["compile_config"] = nil
    if var rest = content.object {
      rest["layers"] = nil
      whole["config"] = .object(rest)
    } else {
      whole["config"] = nil
    }
    layers.insert(
      Layer(name: "(model)", kind: "model", options: FlatOptions(of: .object(whole)).entries),
      at: 0)
  }
}

/// A piece of JSON as options: the keys that lead to each value, joined by dots. Of a Keras layer the key `config`
/// is left out, since nearly all of its options stand there.
struct FlatOptions {
  private(set) var entries: [LayerSettings.Entry] = []
  private var seen: Set<LinkName> = []

  init(of value: JSONValue) { add(value, "") }

  /// The same, with keys that begin with a prefix.
  init(of value: JSONValue, under prefix: String) { add(value, prefix) }

  private mutating func add(_ value: JSONValue, _ key: String) {
    if let members = value.object {
      for (name, member) in members {
        let isOuter = key.isEmpty && name == "config"
        add(member, isOuter ? "" : key.isEmpty ? name : "\(key).\(name)")
      }
    } else if let elements = value.elements, elements.contains(where: { $0.object != nil }) {
      for (position, element) in elements.enumerated() {
        add(element, "\(key).\(Self.name(of: element) ?? "\(position)")")
      }
    } else {
      // A layer's name stands twice in a functional model.
      guard seen.insert(LinkName(key)).inserted else { return }
      entries.append(LayerSettings.Entry(key: key, value: Self.text(value)))
    }
  }

  /// What a layer in a list is called, so that one more in front of it does not change all keys.
  private static func name(of element: JSONValue) -> String? {
    element["class_name"] == nil ? nil : element["config"]?["name"]?.text
  }

  private static func text(_ value: JSONValue) -> String {
    value.text ?? String(decoding: JSONWriter().bytes(of: value), as: UTF8.self)
  }
}
