import FileSupport

extension Network {
  /// What the other forks would make of the cfg: a warning for each that does not know a layer type or an
  /// activation in it, or would pass over an option that says more than how to train.
  public var portability: [ModelWarning] {
    dialect.others.compactMap { other in
      let known = LayerTypes.typesUsed(by: self).filter { $0.type.dialects.contains(other) }
      let unknown = config.sections.dropFirst().map(\.name).filter { name in
        LayerTypes.named(name).map { !$0.dialects.contains(other) } ?? false
      }
      var phrases: [String] = []
      if !unknown.isEmpty {
        phrases.append("does not know \(Self.list(unknown.map { "[\($0)]" }))")
      }
      let activations = config.sections.flatMap(\.entries).filter { $0.key == "activation" }
        .compactMap { ActivationName(rawValue: $0.value) }
        .filter { $0.dialects.contains(dialect) && !$0.dialects.contains(other) }
      if !activations.isEmpty {
        phrases.append("takes relu for \(Self.list(activations.map(\.rawValue)))")
      }
      let ignored = known.flatMap { type, section in
        type.options.filter { option in
          // Without a default it only steers training.
          !option.defaultText.isEmpty && option.dialects.contains(dialect)
            && !type.options.contains { $0.key == option.key && $0.dialects.contains(other) }
            && section.entries.contains { $0.key == option.key }
        }
        .map { "\($0.key) of [\(section.name)]" }
      }
      if !ignored.isEmpty { phrases.append("passes over \(Self.list(ignored))") }
      guard !phrases.isEmpty else { return nil }
      return ModelWarning(
        file: config.path, "\(other.rawValue)'s darknet \(phrases.joined(separator: "; it "))")
    }
  }

  /// Each name once, in order.
  private static func list(_ names: [String]) -> String {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }.joined(separator: ", ")
  }
}

extension LayerTypes {
  /// The type of each section of a network.
  fileprivate static func typesUsed(
    by network: Network
  ) -> [(type: any ReadableLayer.Type, section: ConfigSection)] {
    network.config.sections.dropFirst().compactMap { section in
      named(section.name).map { ($0, section) }
    }
  }
}
