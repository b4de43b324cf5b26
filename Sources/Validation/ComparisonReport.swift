import FileSupport

/// What came of comparing two models: the document of `nnfmt validate --json`.
public struct ComparisonReport: Sendable {
  /// A layer's values on both sides.
  public struct Layer: Sendable {
    /// Its name.
    public let name: String
    /// The largest difference of two values.
    public let maximumAbsolute: Double
    /// The same, relative to `1 + max |reference|`.
    public let maximumRelative: Double
    /// What the relative difference may be.
    public let tolerance: Double
    /// Whether it is.
    public let matches: Bool
  }

  /// A parameter whose numbers differ.
  public struct Parameter: Sendable {
    /// The layer that has it.
    public let layer: String
    /// Its name, which begins with the layer's.
    public let name: String
    /// How many of its numbers differ by more than they may.
    public let differing: Int
    /// How many it has.
    public let count: Int
    /// The largest difference; infinite if one side is no number.
    public let maximumAbsolute: Double
  }

  /// The first file.
  public let reference: String
  /// The second file.
  public let candidate: String
  /// How many parameters were compared.
  public var parametersCompared = 0
  /// Those that differ.
  public var differingParameters: [Parameter] = []
  /// The layers in order.
  public var layers: [Layer] = []
  /// What the user should know.
  public var warnings: [ModelWarning] = []

  /// Whether the two are the same model.
  public var matches: Bool { differingParameters.isEmpty && layers.allSatisfy(\.matches) }

  /// The first layer that departs, by its values or else by its parameters.
  public var firstDifference: String? {
    let byValue = layers.first { !$0.matches }?.name
    return differingParameters.first?.layer ?? byValue
  }

  /// The document.
  public var json: JSONValue {
    [
      "match": .bool(matches), "reference": .string(reference), "candidate": .string(candidate),
      "first_difference": firstDifference.map(JSONValue.string) ?? .null,
      "parameters": [
        "compared": JSONValue(parametersCompared),
        "differing": JSONValue(differingParameters.count),
      ],
      "differing_parameters": .array(
        differingParameters.map {
          [
            "name": .string($0.name), "differing": JSONValue($0.differing),
            "count": JSONValue($0.count), "max_abs": .number($0.maximumAbsolute),
          ]
        }),
      "layers": .array(
        layers.map {
          [
            "name": .string($0.name), "max_abs": .number($0.maximumAbsolute),
            "max_rel": .number($0.maximumRelative), "tolerance": .number($0.tolerance),
            "match": .bool($0.matches),
          ]
        }),
      "warnings": .array(warnings.map { .string($0.description) }),
    ]
  }
}
