import FileSupport
import Inference
import ModelGraph

/// Compares two models by three proofs: parameter by parameter, option by option of what they compute, and
/// layer by layer through a forward pass.
///
/// Parameters must be equal to the bit, since a conversion that nnfmt made copies them; an array whose
/// numbers a conversion had to round may differ by that rounding (`roundingOfAdjusted`), and numbers of
/// two types are compared as the less precise one.
public struct Comparison {
  /// What a number may differ by, relative to itself, where one of the files holds it in another form:
  /// rounded once on the way there and once on the way back, 2⁻²⁴ each, doubled by the square.
  static let roundingOfAdjusted = 0x1p-22

  let reference: ComparedModel
  private let candidate: ComparedModel
  private let pairing: ModelPairing
  private let interface: InterfaceComparison
  /// `nil` if there is nothing to compute, or the models don't take the same.
  private let values: ValueComparison?
  private let engine: any Engine

  /// A comparison.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the values of all layers take more memory than there is.
  public init(
    _ reference: ComparedModel, _ candidate: ComparedModel, engine: any Engine
  ) throws(ModelFileError) {
    pairing = try ModelPairing(reference, candidate)
    interface = InterfaceComparison(reference, candidate)
    self.reference = reference
    self.candidate = candidate
    self.engine = engine
    let computes = [reference, candidate].allSatisfy { $0.content == .model }
    values =
      interface.takesSameInputs && computes
      ? ValueComparison(reference, candidate, pairing) : nil
    try values?.checkMemory()
  }

  /// Whether there is something to compute: cfgs alone have no numbers, and tensors alone no model.
  public var computes: Bool { reference.content == .model && candidate.content == .model }

  /// What the model that is right takes, which an input must fit.
  public var inputs: [ComparedModel.Input] { reference.inputs }

  /// Compares.
  ///
  /// - Parameters:
  ///   - inputs: an input for the forward pass, in the reference's layout.
  ///   - seed: what made-up values inside of the models depend on.
  ///   - onProgress: is told how many of how many values of the layers have been compared.
  /// - Throws: `ModelFileError` of either file, or if the inputs don't fit; why parameters can't be compared, if
  ///   nothing else differs.
  public func report(
    inputs: [Tensor], seed: UInt64 = 1, onProgress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(ModelFileError) -> ComparisonReport {
    let report = try compared(inputs, seed, onProgress)
    if let refusal, report.matches { throw refusal }
    return report.adding(
      SharedReadings(reference.readers, candidate.readers, report, engine: engine))
  }

  /// Why parameters can't be compared, if they can't.
  private var refusal: ModelFileError? { reference.refusal ?? candidate.refusal }

  private func compared(
    _ inputs: [Tensor], _ seed: UInt64, _ onProgress: ((Int, Int) -> Void)?
  ) throws(ModelFileError) -> ComparisonReport {
    var report = ComparisonReport(reference: reference.path, candidate: candidate.path)
    for warning in reference.warnings + candidate.warnings + pairing.warnings
    where !report.warnings.contains(warning) {
      report.warnings.append(warning)
    }
    let parameters = try ParameterComparison(pairing.layers).outcome()
    report.parametersCompared = parameters.compared
    report.parametersRounded = parameters.rounded
    report.differingParameters = parameters.differing
    compareDescriptions(&report)
    report.departingLayer = departingLayer(of: report)
    if let layer = report.departingLayer {
      report.cause = try cause(of: layer, in: report, departing: parameters.departing)
    }
    report.inputs = interface.inputs
    report.outputs = interface.outputs
    if let refusal {
      report.comparesParameters = false
      report.notProved.append("parameters: \(refusal.problem)")
    }
    guard computes else {
      report.comparesValues = false
      if reference.content == .description {
        report.comparesParameters = false
        report.notProved.append("parameters and values: a cfg has no numbers")
      } else {
        report.notProved.append("values: tensors alone are no model; name it with --cfg")
      }
      return report
    }
    guard let values else {
      report.comparesValues = false
      report.notProved.append("values: the models take different inputs")
      return report
    }
    let outcome = try values.values(
      inputs: inputs, seed: seed, engine: engine, onProgress: onProgress)
    report.layers = outcome.layers
    report.notProved += outcome.notProved
    for (position, output) in outcome.outputs.enumerated() {
      report.outputs[position].values = output
      report.outputs[position].matches = report.outputs[position].matches && output.matches
    }
    return report
  }

  /// Inputs and outputs, layers and their options: what is the same whatever the input is.
  private func compareDescriptions(_ report: inout ComparisonReport) {
    let proof = ConfigurationProof(reference, candidate, pairing)
    report.differences =
      interface.differences + pairing.differences
      + proof.outcome.differences.filter { !pairing.differences.contains($0) }
    report.equivalent = interface.renamed + proof.outcome.equivalent
    report.operationsCompared = proof.outcome.compared
    report.comparesConfiguration = proof.isWhole
    report.notProved = proof.outcome.unknown
    let (one, other) = (reference.readers, candidate.readers)
    if one.graph == other.graph, one.description == other.description {
      report.comparesConfiguration = false
      report.notProved.append("the architecture: \(one.description) describes both")
    }
    if let missing = pairing.firstMissing {
      report.notProved.append(
        "\(missing) and all behind it: one of the files has no numbers for it")
    }
  }

  /// The first layer whose parameters or options differ.
  private func departingLayer(of report: ComparisonReport) -> String? {
    let found =
      report.differingParameters.map(\.layer)
      + report.differences.filter { $0.kind != .interface }.map(\.layer)
    let names = Set(found)
    // Those of a model within a model are none of the layers here.
    return reference.layers.first { names.contains($0.name) }?.name ?? found.first
  }

  /// What makes a layer depart, if that is found.
  ///
  /// - Parameter departing: the positions of the parameters that differ.
  private func cause(
    of layer: String, in report: ComparisonReport, departing: [Int]
  ) throws(ModelFileError) -> LikelyCause? {
    let hasOptions = report.differences.contains { $0.kind != .interface && $0.layer == layer }
    if report.differingParameters.contains(where: { $0.layer == layer }) {
      let cause = try ParameterCauses(ModelNumbers(pairing.layers, departing: departing)).cause()
      guard hasOptions else { return cause }
      // What explains the numbers would leave the options, but for a variance that goes with the epsilon.
      let options = OptionCauses(report.differences, of: layer).cause()
      return cause?.kind == .epsilon && options?.kind == .epsilon ? options : nil
    }
    if let misfit = pairing.misfits.first(where: { $0.0.name == layer }) {
      return try MissingTensor.cause(misfit, report.differences)
    }
    return OptionCauses(report.differences, of: layer).cause()
  }
}
