import Conversion
import Darknet
import FileSupport
import Inference
import ModelGraph

/// Compares two models: parameter by parameter, and layer by layer through a forward pass.
///
/// Parameters must be equal to the bit, since a conversion that nnfmt made copies them; an array whose
/// numbers a conversion had to round may differ by that rounding (`roundingOfAdjusted`).
public struct Comparison {
  /// What a number may differ by, relative to itself, where one of the files holds it in another form:
  /// rounded once on the way there and once on the way back, 2⁻²⁴ each, doubled by the square.
  static let roundingOfAdjusted = 0x1p-22

  private let reference: ComparedModel
  private let candidate: ComparedModel
  private let engine: any Engine

  /// A comparison.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the two are not of the same network.
  public init(
    _ reference: ComparedModel, _ candidate: ComparedModel, engine: any Engine
  ) throws(ModelFileError) {
    let a = reference.network.layers
    let b = candidate.network.layers
    let parting = zip(a, b).first { $0.type != $1.type || $0.output != $1.output }
    guard parting == nil, a.count == b.count else {
      let (expected, found) =
        parting.map {
          (
            "layer \($0.index) [\($0.type)] \($0.output.shape)",
            "[\($1.type)] \($1.output.shape)"
          )
        } ?? ("\(a.count) layers", "\(b.count)")
      throw ModelFileError(
        .damaged, file: candidate.path, "is of another network than \(reference.path)",
        expected: expected, found: found, remedy: "compare models of the same architecture")
    }
    try Self.checkMemory(of: reference)
    self.reference = reference
    self.candidate = candidate
    self.engine = engine
  }

  /// The values of every layer of one side are kept until the other's are there.
  private static func checkMemory(of side: ComparedModel) throws(ModelFileError) {
    let graph = side.model.graph
    let nodes = Set(side.model.layers.map(\.node)).union(graph.inputs)
    let kept = nodes.reduce(0) { $0.clampedSum(graph.nodes[$1].shape.elementCount) }
    // Beside them stand those that the engine works with.
    let bytes = kept.clampedSum(Plan(graph, wanting: nodes).peakElements)
      .clampedProduct(MemoryLayout<Float>.size)
      .clampedProduct(max(side.network.options.timeSteps, 1))
    guard bytes <= SystemMemory.budget else {
      throw ModelFileError(
        .damaged, file: side.path, "the values of all layers take more memory than there is",
        expected: "at most \(SystemMemory.budget) bytes", found: "\(bytes)",
        remedy: "compare the files by their hashes: nnfmt inspect --hash")
    }
  }

  /// The model that is right, which an input must fit.
  public var referenceModel: RunnableModel { reference.model }

  /// Compares.
  ///
  /// - Parameter inputs: an input for the forward pass, in the reference's layout.
  /// - Throws: `ModelFileError` of either file, or if the inputs don't fit.
  public func report(inputs: [Tensor]) throws(ModelFileError) -> ComparisonReport {
    var report = ComparisonReport(reference: reference.path, candidate: candidate.path)
    report.warnings = reference.model.warnings
    report.warnings += candidate.model.warnings.filter { !report.warnings.contains($0) }
    try compareParameters(&report)
    try compareValues(inputs, &report)
    return report
  }

  /// An input out of nothing but a seed: numbers from 0 to 1, as an image has them. A network that
  /// takes sequences gets one.
  public func inputs(seed: UInt64) -> [Tensor] {
    var random = SplitMix(state: seed)
    let model = reference.model
    let samples = max(reference.network.options.timeSteps, 1)
    return model.graph.inputs.map { node in
      let shape = Shape([samples] + model.graph.nodes[node].shape.extents)
      let values = (0..<shape.elementCount).map { _ in Float(random.next() >> 40) * 0x1p-24 }
      return Tensor(shape: shape, values: values)
    }
  }

  private func compareParameters(_ report: inout ComparisonReport) throws(ModelFileError) {
    let stream = TensorStream()
    for entry in WeightsPlan(reference.network).entries {
      let name = reference.network.name(of: entry)
      let a = try reference.values(of: entry, with: stream)
      let b = try candidate.values(of: entry, with: stream)
      guard let a, let b else {
        guard a != nil || b != nil else { continue }
        report.parametersCompared += 1
        report.differingParameters.append(
          .init(
            name: name, differing: entry.array.count, count: entry.array.count,
            maximumAbsolute: .infinity))
        continue
      }
      report.parametersCompared += 1
      let isRounded = reference.isRounded(entry) || candidate.isRounded(entry)
      let rounding = isRounded ? Self.roundingOfAdjusted : 0
      if let differing = Self.difference(name, a, b, rounding: rounding) {
        report.differingParameters.append(differing)
      }
    }
  }

  /// How two arrays differ; `nil` if they don't.
  private static func difference(
    _ name: String, _ a: [Float], _ b: [Float], rounding: Double
  ) -> ComparisonReport.Parameter? {
    var count = 0
    var largest = 0.0
    for (x, y) in zip(a, b) where x.bitPattern != y.bitPattern {
      let gap = abs(Double(x) - Double(y))
      // Without a rounding every bit counts, the sign of a zero among them.
      if rounding > 0, gap <= rounding * abs(Double(x)) { continue }
      count += 1
      largest = gap.isNaN ? .infinity : max(largest, gap)
    }
    return count == 0
      ? nil : .init(name: name, differing: count, count: a.count, maximumAbsolute: largest)
  }

  private func compareValues(
    _ inputs: [Tensor], _ report: inout ComparisonReport
  ) throws(ModelFileError) {
    var expected: [Int: Tensor] = [:]
    let model = reference.model
    let kept = Set(model.layers.map(\.node))
    var magnitudes = Magnitudes(model.graph)
    try engine.run(
      model.graph, inputs: inputs, wanting: Set(model.graph.nodes.map(\.id))
    ) { (node, tensor) throws(ModelFileError) in
      try magnitudes.note(node, tensor)
      if kept.contains(node.id) { expected[node.id] = tensor }
    }
    let tolerances = Tolerance.byNode(of: model, magnitudes)
    let referenceNodes = Dictionary(
      zip(candidate.model.layers.map(\.node), model.layers.map(\.node)),
      uniquingKeysWith: { first, _ in first })
    var found: [Int: (gap: Double, scale: Double)] = [:]
    try engine.run(
      candidate.model.graph, inputs: inputs, wanting: Set(referenceNodes.keys)
    ) { node, tensor in
      guard let id = referenceNodes[node.id], let other = expected.removeValue(forKey: id) else {
        return
      }
      found[id] = Self.gap(other.values, tensor.values)
    }
    for layer in model.layers {
      guard let (gap, scale) = found[layer.node] else { continue }
      let tolerance = tolerances[layer.node] ?? 0
      report.layers.append(
        .init(
          name: layer.name, maximumAbsolute: gap, maximumRelative: gap / scale,
          tolerance: tolerance, matches: gap / scale <= tolerance))
    }
  }

  /// The largest difference of two values, and `1 + max |reference|`. A number that is none, or infinite,
  /// on one side only is infinitely far from the other's.
  private static func gap(_ reference: [Float], _ candidate: [Float]) -> (Double, Double) {
    var gap = 0.0
    for (a, b) in zip(reference, candidate) where a.bitPattern != b.bitPattern {
      if a.isNaN && b.isNaN { continue }
      let difference = abs(Double(a) - Double(b))
      gap = difference.isNaN ? .infinity : max(gap, difference)
    }
    return (gap, Magnitudes.scale(of: reference))
  }
}

/// Sebastiano Vigna's SplitMix64: the same numbers on every machine.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
