import Darknet
import FileSupport
import Keras
import ModelGraph

/// The options of a layer as text, by the names that its format gives them.
package enum LayerSettings {
  /// An option.
  package struct Entry: Sendable {
    package let key: String
    package let value: String

    /// An option.
    package init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// What stands in a section, and what holds for its other options.
  package static func entries(of placed: PlacedLayer, in network: Network) -> [Entry] {
    var entries = entries(of: network.config.sections[placed.index + 1])
    var seen = Set(entries.map(\.key))
    for option in type(of: placed.layer).options
    where !option.defaultText.isEmpty && seen.insert(option.key).inserted {
      entries.append(Entry(key: option.key, value: plain(option.defaultText)))
    }
    return entries
  }

  /// What stands in a section; of a key that stands there twice the first counts.
  package static func entries(of section: ConfigSection) -> [Entry] {
    var seen: Set<String> = []
    return section.entries.filter { seen.insert($0.key).inserted }
      .map { Entry(key: $0.key, value: plain($0.value)) }
  }

  /// What a layer reads of its configuration. That of a model inside tells too much: its operations say
  /// it better.
  package static func entries(of layer: any KerasLayerClass) -> [Entry] {
    guard !(layer is NestedModel) else { return [] }
    var entries: [Entry] = [Entry(key: "class_name", value: layer.className)]
    flatten(.object(layer.configuration), "", &entries)
    return entries
  }

  /// Names, and what only training uses.
  private static func isPassedOver(_ key: String) -> Bool {
    let keys = [
      "name", "module", "registered_name", "build_config", "trainable", "dtype", "shared_object_id",
      "seed",
    ]
    return keys.contains(key)
      || ["_initializer", "_regularizer", "_constraint"].contains { key.hasSuffix($0) }
  }

  private static func flatten(_ value: JSONValue, _ key: String, _ entries: inout [Entry]) {
    if let members = value.object {
      for (name, member) in members where !isPassedOver(name) {
        flatten(member, key.isEmpty ? name : "\(key).\(name)", &entries)
      }
    } else if let elements = value.elements, elements.contains(where: { $0.object != nil }) {
      for (position, element) in elements.enumerated() {
        flatten(element, "\(key).\(position)", &entries)
      }
    } else if value != .null, value != .bool(false) {
      // Those are what keys stand for that another version of Keras does not write.
      entries.append(Entry(key: key, value: text(value)))
    }
  }

  private static func text(_ value: JSONValue) -> String {
    if case .number(let number) = value { return "\(Float(number))" }
    if let text = value.text { return text == "silu" ? "swish" : text }
    if let elements = value.elements { return "[\(elements.map(text).joined(separator: ", "))]" }
    return String(decoding: JSONWriter().bytes(of: value), as: UTF8.self)
  }

  /// The list `1, 2.0` as `1,2`.
  private static func plain(_ text: String) -> String {
    text.filter { $0 != " " && $0 != "[" && $0 != "]" }
      .split(separator: ",", omittingEmptySubsequences: false)
      .map { part in Double(part).map { "\(Float($0))" } ?? String(part) }
      .map { $0.hasSuffix(".0") ? String($0.dropLast(2)) : $0 }
      .joined(separator: ",")
  }
}
