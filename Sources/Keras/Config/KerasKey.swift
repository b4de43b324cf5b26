import FileSupport

/// A key of a layer's configuration as `nnfmt layers` tells of it.
public struct KerasKeyDescription: Sendable {
  /// The key.
  public let name: String
  /// What holds if the key is missing, as in JSON; empty where it must be there, or nothing holds.
  public let defaultText: String
  /// The generations of Keras whose constructors take the key.
  public internal(set) var generations: Set<KerasGeneration> = []

  /// - Parameter fallback: the default; `null` for none.
  init(_ name: String, _ fallback: JSONValue = .null) {
    self.name = name
    let text = fallback.text ?? String(decoding: JSONWriter().bytes(of: fallback), as: UTF8.self)
    defaultText = fallback == .null ? "" : text
  }
}

/// What says its keys once: each is read into a property and written from it.
protocol KeyedConfiguration: Sendable {
  /// One with Keras's defaults; of keys without a default the value does not matter.
  init()

  /// The keys, in the order in which they are read and written.
  static var keys: [KerasKey<Self>] { get }

  /// Reads the keys.
  init(_ configuration: KerasConfiguration) throws(ModelFileError)

  /// The keys without a default, and those that differ from it.
  var configuration: JSONObject { get }

  /// Keeps the whole configuration, if it is wanted.
  mutating func keep(_ members: JSONObject)
}

/// A layer class that says its keys once.
protocol KeyedLayerClass: KerasLayerClass, KeyedConfiguration {}

/// A layer class that no graph is raised to, whose layers keep their configuration as the file has it.
protocol ReadOnlyLayerClass: KeyedLayerClass {
  var configuration: JSONObject { get set }
}

extension ReadOnlyLayerClass {
  mutating func keep(_ members: JSONObject) { configuration = members }
}

extension KeyedConfiguration {
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    self = try Self.read(configuration)
  }

  /// Reads the keys, for a class that has more to do than that.
  static func read(_ configuration: KerasConfiguration) throws(ModelFileError) -> Self {
    var layer = Self()
    for key in keys where key.isOf(configuration.className) {
      try key.read(configuration, &layer)
    }
    layer.keep(configuration.members)
    return layer
  }

  mutating func keep(_ members: JSONObject) {}

  var configuration: JSONObject {
    var members = JSONObject()
    for key in Self.keys { key.write(self, &members) }
    return members
  }

  /// The keys of a class for `nnfmt layers`.
  static func keyDescriptions(of className: String) -> [KerasKeyDescription] {
    keys.filter { $0.isOf(className) }.flatMap(\.descriptions)
  }
}

/// A key of a layer class's configuration, with the property that has its value.
struct KerasKey<Layer: KeyedConfiguration>: Sendable {
  /// A property of the layer.
  typealias Property<Value> = WritableKeyPath<Layer, Value> & Sendable

  /// What `nnfmt layers` tells: of nothing for a property that has no key of its own, of several keys for one that other
  /// versions of Keras call otherwise.
  var descriptions: [KerasKeyDescription] = []
  /// Reads the value into a layer.
  var read: @Sendable (KerasConfiguration, inout Layer) throws(ModelFileError) -> Void = { _, _ in }
  /// Writes the value of a layer, unless Keras does without.
  var write: @Sendable (Layer, inout JSONObject) -> Void = { _, _ in }
  /// Whether it is one of a class, of those that are one type here.
  var isOf: @Sendable (String) -> Bool = { _ in true }
}

/// When a key is written.
enum KerasKeyPresence {
  /// If it has another value than the default, which is the property's in a layer that was just made.
  case optional
  /// Always, though there is a default.
  case written
  /// Always, since there is no default.
  case required
  /// Never: no model that is written needs it.
  case unwritten
}

extension KerasKey {
  /// A key.
  ///
  /// - Parameters:
  ///   - others: what other versions of Keras call it, for which `read` looks too.
  ///   - json: the value as it is written; `null` is not.
  ///   - read: reads the value; gets the default, or `nil` if there is none.
  init<Value: Sendable>(
    _ name: String, or others: [String] = [], _ property: Property<Value>,
    _ presence: KerasKeyPresence, json: @escaping @Sendable (Value) -> JSONValue,
    read: @escaping @Sendable (KerasConfiguration, Value?) throws(ModelFileError) -> Value
  ) {
    let initial = Layer()[keyPath: property]
    let fallback = presence == .required ? .null : json(initial)
    self.init(
      descriptions: ([name] + others).map { KerasKeyDescription($0, fallback) },
      read: { (configuration, layer) throws(ModelFileError) in
        layer[keyPath: property] = try read(
          configuration, presence == .required ? nil : initial)
      },
      write: { layer, members in
        let value = json(layer[keyPath: property])
        if presence != .unwritten, presence != .optional || value != fallback {
          members[name] = value
        }
      })
  }

  /// A property of which keys without a default tell, or none of its own; it is not written.
  static func other<Value: Sendable>(
    _ property: Property<Value>, of names: String...,
    read: @escaping @Sendable (KerasConfiguration) throws(ModelFileError) -> Value
  ) -> KerasKey {
    KerasKey(
      descriptions: names.map { KerasKeyDescription($0) },
      read: { (configuration, layer) throws(ModelFileError) in
        layer[keyPath: property] = try read(configuration)
      })
  }

  /// The name of the class, for a type that has several.
  static func className(_ property: Property<String>) -> KerasKey {
    other(property) { configuration in configuration.className }
  }

  /// The keys of a part of the layer, which stand among its own.
  ///
  /// - Parameter replaced: keys of which the layer tells itself, since they have other defaults in it.
  static func part<Part: KeyedConfiguration>(
    _ property: Property<Part>, but replaced: Set<String> = []
  ) -> KerasKey {
    KerasKey(
      descriptions: Part.keys.flatMap(\.descriptions).filter { !replaced.contains($0.name) },
      read: { (configuration, layer) throws(ModelFileError) in
        layer[keyPath: property] = try Part(configuration)
      },
      write: { layer, members in
        for (key, value) in layer[keyPath: property].configuration { members[key] = value }
      })
  }

  /// Keys that mean nothing for what the layer computes.
  ///
  /// - Parameter isMeant: with which values they mean nothing; with all if not given.
  static func meaningless(
    _ names: String..., if isMeant: @escaping @Sendable (JSONValue) -> Bool = { _ in true }
  ) -> KerasKey {
    KerasKey(read: { configuration, _ in
      for name in names where configuration.members[name].map(isMeant) == true {
        _ = configuration.value(name)
      }
    })
  }

  /// Every key, of a class whose keys all mean nothing for what the layer computes.
  static var allMeaningless: KerasKey {
    KerasKey(read: { configuration, _ in
      for (name, _) in configuration.members { _ = configuration.value(name) }
    })
  }

  /// The key in some only of the classes that are one type here; in the others it is as good as unknown.
  func ofClasses(where isOf: @escaping @Sendable (String) -> Bool) -> KerasKey {
    var key = self
    key.isOf = isOf
    return key
  }
}
