import FileSupport

/// Something about two models that is not the same, beside numbers: an input, a layer, an option.
public struct ModelDifference: Sendable, Equatable {
  /// What it is a part of.
  public enum Kind: String, Sendable {
    /// The inputs and outputs: how many, in which order, of which shapes.
    case interface
    /// The layers that there are, and the shapes of their parameters.
    case architecture
    /// What a layer computes, and of what.
    case configuration
  }

  /// What it is a part of.
  public let kind: Kind
  /// The layer of the reference, or `input 0`, `output 0`; of a layer that only the candidate has, its own.
  public let layer: String
  /// What differs, by the name that the format gives it where it has one.
  public let option: String
  /// What the reference has.
  public let reference: String
  /// What the candidate has.
  public let candidate: String

  init(_ kind: Kind, layer: String, option: String, first: String, second: String) {
    self.kind = kind
    self.layer = layer
    self.option = option
    reference = first
    candidate = second
  }

  /// The document's form of it.
  var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "layer": .string(layer), "option": .string(option),
      "reference": .string(reference), "candidate": .string(candidate),
    ]
  }
}
