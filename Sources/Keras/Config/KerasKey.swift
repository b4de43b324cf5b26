import FileSupport
import ModelGraph

/// A key of a layer's configuration as `nnfmt layers` tells of it.
public struct KerasKeyDescription: Sendable {
  /// The key.
  public let name: String
  /// What holds if the key is missing, as in JSON; empty where it must be there, or nothing holds.
  public let defaultText: String
  /// The generations of Keras whose constructors take the key.
  public internal(set) var generations: Set<KerasGeneration> = []

  /// - Parameter fallback: the default; `null` for none.
  init(_ name: String, _ fallback: JSONValue) {
    self.name = name
    let text = fallback.text ?? String(decoding: JSONWriter().bytes(of: fallback), as: UTF8.self)
    defaultText = fallback == .null ? "" : text
  }
}

/// A layer class that says its keys once: each is read into a property and written from it.
protocol KeyedLayerClass: KerasLayerClass {
  /// A layer with Keras's defaults; of keys without one the value does not matter.
  init()

  /// The keys, in the order in which they are read and written.
  static var keys: [KerasKey<Self>] { get }
}

extension KeyedLayerClass {
  /// Reads the keys.
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    self = try Self.read(configuration)
  }

  /// Reads the keys, for a class that has more to do than that.
  static func read(_ configuration: KerasConfiguration) throws(ModelFileError) -> Self {
    var layer = Self()
    for key in keys { try key.read(configuration, &layer) }
    return layer
  }

  /// The keys without a default, and those that differ from it.
  var configuration: JSONObject {
    var members = JSONObject()
    for key in Self.keys { key.write(self, &members) }
    return members
  }

  /// The keys for `nnfmt layers`.
  static var keyDescriptions: [KerasKeyDescription] { keys.compactMap(\.description) }
}

/// A key of a layer class's configuration, with the property that has its value.
struct KerasKey<Layer: KeyedLayerClass>: Sendable {
  /// A property of the layer.
  typealias Property<Value> = WritableKeyPath<Layer, Value> & Sendable

  /// What `nnfmt layers` tells; `nil` for a property that has no key of its own.
  let description: KerasKeyDescription?
  /// Reads the value into a layer.
  let read: @Sendable (KerasConfiguration, inout Layer) throws(ModelFileError) -> Void
  /// Writes the value of a layer, unless Keras does without.
  let write: @Sendable (Layer, inout JSONObject) -> Void
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
  ///   - json: the value as it is written; `null` is not.
  ///   - read: reads the value; gets the default, or `nil` if there is none.
  init<Value: Sendable>(
    _ name: String, _ property: Property<Value>, _ presence: KerasKeyPresence,
    json: @escaping @Sendable (Value) -> JSONValue,
    read: @escaping @Sendable (KerasConfiguration, Value?) throws(ModelFileError) -> Value
  ) {
    let initial = Layer()[keyPath: property]
    let fallback = presence == .required ? .null : json(initial)
    self.init(
      description: KerasKeyDescription(name, fallback),
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

  /// A property that no key of its own has; it is not written.
  static func other<Value: Sendable>(
    _ property: Property<Value>,
    read: @escaping @Sendable (KerasConfiguration) throws(ModelFileError) -> Value
  ) -> KerasKey {
    KerasKey(
      description: nil,
      read: { (configuration, layer) throws(ModelFileError) in
        layer[keyPath: property] = try read(configuration)
      },
      write: { _, _ in })
  }

  /// The name of the class, for a type that has several.
  static func className(_ property: Property<String>) -> KerasKey {
    other(property) { configuration in configuration.className }
  }

  /// The whole configuration, for a class that keeps it as it is.
  static func asItStands(_ property: Property<JSONObject>) -> KerasKey {
    other(property) { configuration in configuration.members }
  }

  /// A flag.
  static func truth(
    _ name: String, _ property: Property<Bool>, _ presence: KerasKeyPresence = .optional
  ) -> KerasKey {
    KerasKey(name, property, presence, json: JSONValue.bool) {
      (configuration, fallback) throws(ModelFileError) in
      try configuration.truth(name, default: fallback ?? false)
    }
  }

  /// A number.
  static func number(
    _ name: String, _ property: Property<Double>, _ presence: KerasKeyPresence = .optional
  ) -> KerasKey {
    KerasKey(name, property, presence, json: JSONValue.number) {
      (configuration, fallback) throws(ModelFileError) in
      try configuration.number(name) ?? fallback ?? 0
    }
  }

  /// A number that may be missing.
  static func number(_ name: String, _ property: Property<Double?>) -> KerasKey {
    KerasKey(name, property, .optional, json: { $0.map(JSONValue.number) ?? .null }) {
      (configuration, _) throws(ModelFileError) in try configuration.number(name)
    }
  }

  /// Another key for a number that an earlier key has read; where both are there, this one counts. It is not written.
  static func replacing(
    _ name: String, _ property: Property<Double>
  ) -> KerasKey {
    KerasKey(
      description: KerasKeyDescription(name, .number(Layer()[keyPath: property])),
      read: { (configuration, layer) throws(ModelFileError) in
        if let value = try configuration.number(name) { layer[keyPath: property] = value }
      },
      write: { _, _ in })
  }

  /// Axes as Keras counts them: a number, or a list of several.
  static func axes(
    _ property: Property<[Int]>, _ presence: KerasKeyPresence = .optional
  ) -> KerasKey {
    KerasKey(
      "axis", property, presence,
      json: { $0.count == 1 ? JSONValue($0[0]) : JSONValue($0) }
    ) { (configuration, fallback) throws(ModelFileError) in
      try configuration.axes(default: fallback ?? [-1])
    }
  }

  /// A whole number.
  static func integer(
    _ name: String, _ property: Property<Int>, _ presence: KerasKeyPresence = .optional,
    in range: ClosedRange<Int> = 1...KerasConfiguration.largest
  ) -> KerasKey {
    KerasKey(name, property, presence, json: { JSONValue($0) }) {
      (configuration, fallback) throws(ModelFileError) in
      try configuration.integer(name, default: fallback, in: range)
    }
  }

  /// A whole number, 1 or more, that may be missing.
  static func integer(_ name: String, _ property: Property<Int?>) -> KerasKey {
    KerasKey(name, property, .optional, json: { $0.map { JSONValue($0) } ?? .null }) {
      (configuration, _) throws(ModelFileError) in
      configuration.isSet(name) ? try configuration.integer(name) : nil
    }
  }

  /// A whole number, 1 or more; without the key that of another property.
  static func integer(
    _ name: String, _ property: Property<Int>, like other: Property<Int>, named otherName: String
  ) -> KerasKey {
    KerasKey(
      description: KerasKeyDescription(name, .string(otherName)),
      read: { (configuration, layer) throws(ModelFileError) in
        layer[keyPath: property] = try configuration.integer(
          name, default: layer[keyPath: other])
      },
      write: { layer, members in members[name] = JSONValue(layer[keyPath: property]) })
  }

  /// Whole numbers, as a list or one alone, that may be missing.
  static func integers(
    _ name: String, _ property: Property<[Int]?>, in range: ClosedRange<Int>
  ) -> KerasKey {
    KerasKey(name, property, .optional, json: { $0.map { JSONValue($0) } ?? .null }) {
      (configuration, _) throws(ModelFileError) in
      try configuration.optionalIntegers(name, in: range)
    }
  }

  /// A text.
  static func text(_ name: String, _ property: Property<String>) -> KerasKey {
    KerasKey(name, property, .optional, json: JSONValue.string) {
      (configuration, fallback) throws(ModelFileError) in
      try configuration.text(name, default: fallback ?? "")
    }
  }

  /// A function that is applied to a result.
  static func activation(
    _ property: Property<KerasActivation>, _ presence: KerasKeyPresence = .optional,
    named name: String = "activation"
  ) -> KerasKey {
    KerasKey(name, property, presence, json: \.json) {
      (configuration, fallback) throws(ModelFileError) in
      try configuration.activation(name, default: fallback?.name ?? "linear")
    }
  }

  /// Where the channels stand.
  static func layout(_ property: Property<ImageLayout>) -> KerasKey {
    KerasKey("data_format", property, .optional, json: { .string($0.kerasName) }) {
      (configuration, _) throws(ModelFileError) in try configuration.layout()
    }
  }

  /// What happens at the border of an image.
  ///
  /// - Parameter allowsCausal: whether a layer for sequences knows `causal`.
  static func padding(
    _ property: Property<WindowPadding>, allowsCausal: Bool = false
  ) -> KerasKey {
    KerasKey("padding", property, .optional, json: { .string($0.rawValue) }) {
      (configuration, _) throws(ModelFileError) in
      let rank = try SpatialClass.rank(of: configuration.className)
      return try configuration.padding(allowsCausal: allowsCausal && rank == 1)
    }
  }

  /// A number for each spatial axis, of which the class's name tells how many there are.
  ///
  /// - Parameter fallback: the default for all axes; `nil` if there is none.
  static func perAxis(
    _ name: String, _ property: Property<[Int]>, _ fallback: Int?,
    _ presence: KerasKeyPresence = .optional
  ) -> KerasKey {
    KerasKey(
      description: KerasKeyDescription(name, fallback.map { JSONValue($0) } ?? .null),
      read: { (configuration, layer) throws(ModelFileError) in
        let rank = try SpatialClass.rank(of: configuration.className)
        layer[keyPath: property] = try configuration.integers(
          name, count: rank, default: fallback.map { [Int](repeating: $0, count: rank) })
      },
      write: { layer, members in
        let value = layer[keyPath: property]
        if presence != .optional || !value.allSatisfy({ $0 == fallback }) {
          members[name] = JSONValue(value)
        }
      })
  }

  /// A number, 0 or more, for each spatial axis, or none at all.
  static func perAxis(_ name: String, _ property: Property<[Int]?>) -> KerasKey {
    KerasKey(name, property, .optional, json: { $0.map { JSONValue($0) } ?? .null }) {
      (configuration, _) throws(ModelFileError) in
      configuration.isSet(name)
        ? try configuration.integers(
          name, count: try SpatialClass.rank(of: configuration.className),
          in: 0...KerasConfiguration.largest) : nil
    }
  }

  /// A number for each spatial axis; without the key those of another property.
  static func perAxis(
    _ name: String, _ property: Property<[Int]>, like other: Property<[Int]>,
    named otherName: String
  ) -> KerasKey {
    KerasKey(
      description: KerasKeyDescription(name, .string(otherName)),
      read: { (configuration, layer) throws(ModelFileError) in
        layer[keyPath: property] = try configuration.integers(
          name, count: try SpatialClass.rank(of: configuration.className),
          default: layer[keyPath: other])
      },
      write: { layer, members in members[name] = JSONValue(layer[keyPath: property]) })
  }

  /// Cells before and after each spatial axis.
  ///
  /// - Parameters:
  ///   - fallback: the default on all sides.
  ///   - ofImages: that of images, where it is another.
  static func margins(
    _ name: String, _ property: Property<[Padding]>, _ fallback: Int, ofImages: Int? = nil
  ) -> KerasKey {
    KerasKey(
      description: KerasKeyDescription(name, JSONValue(fallback)),
      read: { (configuration, layer) throws(ModelFileError) in
        let rank = try SpatialClass.rank(of: configuration.className)
        layer[keyPath: property] = try configuration.margins(
          name, count: rank, default: rank == 2 ? ofImages ?? fallback : fallback)
      },
      write: { layer, members in members[name] = JSONValue(margins: layer[keyPath: property]) })
  }
}
