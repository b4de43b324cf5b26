import FileSupport

/// Keys of single values.
extension KerasKey {
  /// A flag.
  static func truth(
    _ name: String, _ property: Property<Bool>, _ presence: KerasKeyPresence = .optional
  ) -> KerasKey {
    KerasKey(name, property, presence, json: JSONValue.bool) {
      (configuration, fallback) throws(ModelFileError) in
      try configuration.truth(name, default: fallback ?? false)
    }
  }

  /// A flag of which one value only, false, is supported.
  static func unsupported(_ name: String, _ message: String) -> KerasKey {
    KerasKey(
      descriptions: [KerasKeyDescription(name, false)],
      read: { (configuration, _) throws(ModelFileError) in
        guard try configuration.truth(name, default: false) else { return }
        throw ModelFileError(.unsupported, at: [.option(name)], message)
      })
  }

  /// A text of which one value only is supported.
  static func unsupported(_ name: String, unless text: String, _ message: String) -> KerasKey {
    KerasKey(
      descriptions: [KerasKeyDescription(name, .string(text))],
      read: { (configuration, _) throws(ModelFileError) in
        let found = try configuration.text(name, default: text)
        guard found != text else { return }
        throw ModelFileError(
          .unsupported, at: [.option(name)], message, expected: text,
          found: "'\(found.escapedForTerminal)'")
      })
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
  static func replacing(_ name: String, _ property: Property<Double>) -> KerasKey {
    KerasKey(
      descriptions: [KerasKeyDescription(name, .number(Layer()[keyPath: property]))],
      read: { (configuration, layer) throws(ModelFileError) in
        if let value = try configuration.number(name) { layer[keyPath: property] = value }
      })
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
  static func integer(
    _ name: String, _ property: Property<Int?>, _ presence: KerasKeyPresence = .optional,
    in range: ClosedRange<Int> = 1...KerasConfiguration.largest
  ) -> KerasKey {
    KerasKey(name, property, presence, json: { $0.map { JSONValue($0) } ?? .null }) {
      (configuration, _) throws(ModelFileError) in
      configuration.isSet(name) ? try configuration.integer(name, in: range) : nil
    }
  }

  /// A whole number, 1 or more; without the key that of another property.
  static func integer(
    _ name: String, _ property: Property<Int>, like other: Property<Int>, named otherName: String
  ) -> KerasKey {
    KerasKey(
      descriptions: [KerasKeyDescription(name, .string(otherName))],
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

  /// Whether numbers are stored in 8 bits with a scale, of which several keys tell.
  static func quantized(_ property: Property<Bool>) -> KerasKey {
    other(property) { configuration throws(ModelFileError) in try configuration.isQuantized() }
  }

  /// A layer in this one.
  static func layer(_ name: String, _ property: Property<InnerLayer>) -> KerasKey {
    other(property, of: name) { configuration throws(ModelFileError) in
      try configuration.innerLayer(name)
    }
  }
}
