import Inference

/// What of two models was read or computed by one and the same code: an error there is on both sides, and no comparison
/// shows it.
public struct SharedReadings: Sendable {
  /// What read a model.
  struct Readers {
    /// Which bytes are which parameter's.
    let parameters: String
    /// What is computed.
    let graph: String
    /// The file that describes what is computed: another one for weights alone.
    let description: String

    static let darknetWeights = "the reader of .weights"
    static let kerasWeights = "the reader of Keras's containers"
    static let tensors = "the readers of named tensors"
    static let cfg = "the reader of cfgs"
    static let modelConfig = "the reader of Keras's model_config"

    /// Those of a Keras model.
    static func keras(describedBy path: String) -> Readers {
      Readers(parameters: kerasWeights, graph: modelConfig, description: path)
    }
  }

  /// Whether all numbers of parameters were compared bit by bit, whatever they mean.
  public let comparesBytes: Bool
  /// Whether two readers found the parameters.
  public let isIndependentInParameters: Bool
  /// Whether two readers found out what is computed.
  public let isIndependentInGraph: Bool
  /// Whether two engines computed the values.
  public let isIndependentInNumbers = false
  /// What both sides share, in words; `nil` if nothing was compared.
  public let text: String?

  /// What they do not share, in words; `nil` if they share everything.
  public var independentText: String? {
    let parts = [
      comparesBytes ? "bytes" : nil, isIndependentInParameters ? "parameters" : nil,
      isIndependentInGraph ? "graph" : nil, isIndependentInNumbers ? "numbers" : nil,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// - Parameters:
  ///   - reference: what read the one.
  ///   - candidate: what read the other.
  ///   - report: what was compared.
  ///   - engine: what computed both.
  init(
    _ reference: Readers, _ candidate: Readers, _ report: ComparisonReport, engine: any Engine
  ) {
    let comparesParameters = report.parametersCompared > 0
    comparesBytes = comparesParameters && report.parametersRounded == 0
    isIndependentInParameters =
      comparesParameters && reference.parameters != candidate.parameters
    isIndependentInGraph = reference.graph != candidate.graph
    var shared: [String] = []
    if comparesParameters, !isIndependentInParameters {
      shared.append("\(reference.parameters) (parameters)")
    }
    if report.operationsCompared > 0, !isIndependentInGraph {
      shared.append("\(reference.graph) (graph)")
    }
    if report.comparesValues { shared.append("the engine \(type(of: engine).name) (numbers)") }
    text =
      shared.isEmpty
      ? nil : "what both sides share: " + shared.joined(separator: ", ")
  }
}
