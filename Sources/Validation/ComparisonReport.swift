import FileSupport

/// What came of comparing two models: the document of `nnfmt validate --json`.
public struct ComparisonReport: Sendable {
  /// A layer's values on both sides, each computed from what the reference has before the layer.
  public struct Layer: Sendable {
    /// What becomes of the differences of all layers up to this one.
    public struct Propagated: Sendable {
      /// The largest difference of two values, each model having computed all of its own.
      public let maximumAbsolute: Double
      /// The same, relative to `1 + max |reference|`.
      public let maximumRelative: Double
      /// What the relative difference may be; only of outputs.
      public let tolerance: Double?
    }

    /// Its name.
    public let name: String
    /// The largest difference of two values.
    public let maximumAbsolute: Double
    /// The same, relative to `1 + max |reference|`.
    public let maximumRelative: Double
    /// What the relative difference may be.
    public let tolerance: Double
    /// What the models' own values differ by here; `nil` where nothing else was compared.
    public var propagated: Propagated?
    /// Whether the layer is the same; of an output, also whether rounding explains what is propagated.
    public let matches: Bool

    /// What decides: the layer's own difference beside its tolerance, or, of an output that departs only by what is
    /// propagated, that beside its own.
    public var departure: (absolute: Double, relative: Double, allowed: Double) {
      guard maximumRelative <= tolerance, let propagated, let allowed = propagated.tolerance else {
        return (maximumAbsolute, maximumRelative, tolerance)
      }
      return (propagated.maximumAbsolute, propagated.maximumRelative, allowed)
    }
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

  /// An input or an output on both sides, the first by the names and in the layout of its file.
  public struct Port: Sendable {
    /// The name.
    public let name: String
    /// The shape without the batch axis, open extents being `nil`; `nil` if it is not known.
    public let shape: [Int?]?
    /// The name that the candidate has.
    public let candidateName: String
    /// The shape that the candidate has.
    public let candidateShape: [Int?]?
    /// Whether both are the same; for an output, its values too.
    public var matches: Bool
    /// An output's values on both sides, where they were computed.
    public var values: Layer?
  }

  /// The first file.
  public let reference: String
  /// The second file.
  public let candidate: String
  /// How many parameters were compared.
  public var parametersCompared = 0
  /// How many of these are numbers of two types, or were rounded by a conversion, so that they were not compared bit by
  /// bit.
  public var parametersRounded = 0
  /// Those that differ.
  public var differingParameters: [Parameter] = []
  /// What differs in the interface, the layers or their options.
  public var differences: [ModelDifference] = []
  /// The first layer whose parameters or options differ.
  public var departingLayer: String?
  /// What makes that layer depart, if a trial has found it.
  public var cause: LikelyCause?
  /// Options that differ and change nothing of what is computed.
  public var equivalent: [ModelDifference] = []
  /// How many pairs of operations were compared with their options.
  public var operationsCompared = 0
  /// The inputs, in order; where one side has more, as many as both have.
  public var inputs: [Port] = []
  /// The outputs likewise.
  public var outputs: [Port] = []
  /// What was not compared, and what that leaves open.
  public var notProved: [String] = []
  /// Whether there are parameters on both sides.
  public var comparesParameters = true
  /// Whether the options of all layers were compared.
  public var comparesConfiguration = true
  /// What both sides do not share.
  public private(set) var independent: SharedReadings?
  /// Whether both models were run.
  public var comparesValues = true
  /// The layers in order.
  public var layers: [Layer] = []
  /// What the user should know.
  public var warnings: [ModelWarning] = []

  /// Whether the two are the same model.
  public var matches: Bool {
    differences.isEmpty && differingParameters.isEmpty && layers.allSatisfy(\.matches)
      && (inputs + outputs).allSatisfy(\.matches)
  }

  /// The first layer that departs: by its parameters, by what else is not the same, or by its values.
  public var firstDifference: String? {
    // What the models put out differs because of a layer, where one is known.
    departingLayer ?? differences.first?.layer
      ?? layers.first { !$0.matches }?.name
      ?? outputs.firstIndex { !$0.matches }.map { "output \($0)" }
  }

  /// The same with what both sides share.
  func adding(_ shared: SharedReadings) -> ComparisonReport {
    var copy = self
    copy.independent = shared
    if let text = shared.text { copy.notProved.append(text) }
    return copy
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
      "operations": [
        "compared": JSONValue(operationsCompared),
        "differing": JSONValue(differences.count { $0.kind == .configuration }),
      ],
      "differences": .array(differences.map(\.json)),
      "equivalent": .array(equivalent.map(\.json)),
      "inputs": .array(inputs.map(\.json)),
      "outputs": .array(outputs.map(\.json)),
      "layers": .array(layers.map { .object($0.members) }),
      "cause": cause?.json ?? .null,
      "evidence": [
        "architecture": .bool(comparesConfiguration),
        "parameters": .bool(comparesParameters), "forward": .bool(comparesValues),
        "not_proved": .array(notProved.map(JSONValue.string)),
        "independent": independent.map(\.json) ?? .null,
      ],
      "warnings": .array(warnings.map { .string($0.description) }),
    ]
  }
}

extension SharedReadings {
  /// The document's form of what is independent.
  fileprivate var json: JSONValue {
    [
      "bytes": .bool(comparesBytes), "parameters": .bool(isIndependentInParameters),
      "graph": .bool(isIndependentInGraph), "numbers": .bool(isIndependentInNumbers),
    ]
  }
}

extension ComparisonReport.Layer {
  /// The document's form of it.
  fileprivate var members: JSONObject {
    var members: JSONObject = [
      "name": .string(name), "max_abs": .number(maximumAbsolute),
      "max_rel": .number(maximumRelative), "tolerance": .number(tolerance),
    ]
    if let propagated { members["propagated"] = .object(propagated.members) }
    members["match"] = .bool(matches)
    return members
  }
}

extension ComparisonReport.Layer.Propagated {
  /// The document's form of it.
  fileprivate var members: JSONObject {
    var members: JSONObject = [
      "max_abs": .number(maximumAbsolute), "max_rel": .number(maximumRelative),
    ]
    if let tolerance { members["tolerance"] = .number(tolerance) }
    return members
  }
}

extension ComparisonReport.Port {
  /// The document's form of it.
  fileprivate var json: JSONValue {
    var members: JSONObject = [
      "name": .string(name), "shape": Self.json(shape), "candidate_name": .string(candidateName),
      "candidate_shape": Self.json(candidateShape),
    ]
    for key in ["max_abs", "max_rel", "tolerance", "propagated"] {
      if let value = values?.members[key] { members[key] = value }
    }
    members["match"] = .bool(matches)
    return .object(members)
  }

  private static func json(_ shape: [Int?]?) -> JSONValue {
    guard let shape else { return .null }
    return .array(shape.map { $0.map { JSONValue($0) } ?? .null })
  }
}
