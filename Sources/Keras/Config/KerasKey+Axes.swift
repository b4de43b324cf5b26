import FileSupport
import ModelGraph

/// Keys of axes: which, how many, and a number for each.
extension KerasKey {
  /// Axes as Keras counts them: a number, or a list of several.
  ///
  /// - Parameter allowsNone: whether `null` stands for no axis rather than for the default.
  static func axes(
    _ property: Property<[Int]>, _ presence: KerasKeyPresence = .optional,
    allowsNone: Bool = false
  ) -> KerasKey {
    KerasKey(
      "axis", property, presence,
      json: { $0.count == 1 ? JSONValue($0[0]) : JSONValue($0) }
    ) { (configuration, fallback) throws(ModelFileError) in
      allowsNone && configuration.value("axis") == .null
        ? [] : try configuration.axes(default: fallback ?? [-1])
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
      descriptions: [KerasKeyDescription(name, fallback.map { JSONValue($0) } ?? .null)],
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
      descriptions: [KerasKeyDescription(name, .string(otherName))],
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
      descriptions: [KerasKeyDescription(name, JSONValue(fallback))],
      read: { (configuration, layer) throws(ModelFileError) in
        let rank = try SpatialClass.rank(of: configuration.className)
        layer[keyPath: property] = try configuration.margins(
          name, count: rank, default: rank == 2 ? ofImages ?? fallback : fallback)
      },
      write: { layer, members in members[name] = JSONValue(margins: layer[keyPath: property]) })
  }
}
