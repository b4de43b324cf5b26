import FileSupport

/// What differs between two files: the document of `nnfmt diff --json`.
package struct DifferenceReport: Sendable {
  /// Something that has another value in each file.
  package struct Entry: Sendable {
    /// The layer, of an option.
    package let layer: String?
    /// The option or the fact.
    package let key: String
    /// What the first file has; `nil` for nothing.
    package let first: String?
    /// What the second file has.
    package let second: String?

    /// A difference.
    package init(layer: String?, key: String, first: String?, second: String?) {
      self.layer = layer
      self.key = key
      self.first = first
      self.second = second
    }
  }

  /// Tensors whose bytes lie otherwise in each file.
  package struct Storage: Sendable {
    /// The names.
    package internal(set) var tensors: [String]
    /// How they lie in the first file.
    package let first: String
    /// How they lie in the second.
    package let second: String
  }

  /// A file.
  package struct Side: Sendable {
    /// The path, or what it is called.
    package let path: String
    /// Its format.
    package let format: String
    /// Its size.
    package let bytes: UInt64
  }

  /// The first file.
  package let first: Side
  /// The second file.
  package let second: Side
  /// All tensors: in the order of the first file, then those that only the second has.
  package internal(set) var tensors: [TensorDifference] = []
  /// Options of layers that differ.
  package var options: [Entry] = []
  /// Options that are written otherwise and mean the same.
  package var equivalent: [Entry] = []
  /// What else the files say of themselves, and not the same.
  package internal(set) var metadata: [Entry] = []
  /// How tensors lie in the files, where that differs.
  package internal(set) var storage: [Storage] = []
  /// What only one of the formats can hold, and what could not be compared.
  package var notCompared: [String] = []
  /// What the user should know.
  package var warnings: [ModelWarning] = []

  init(_ a: ModelContents, _ b: ModelContents) {
    first = Side(path: a.path, format: a.format, bytes: a.bytes)
    second = Side(path: b.path, format: b.format, bytes: b.bytes)
    warnings = a.warnings
    for warning in b.warnings where !warnings.contains(warning) { warnings.append(warning) }
  }

  /// Whether nothing differs that both files can hold.
  package var matches: Bool {
    options.isEmpty && metadata.isEmpty && storage.isEmpty
      && tensors.allSatisfy { $0.state == .equal || $0.state == .unread }
  }

  /// How many tensors there are of a state.
  package func count(_ state: TensorDifference.State) -> Int {
    tensors.count { $0.state == state }
  }
}
