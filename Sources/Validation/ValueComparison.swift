import FileSupport
import Inference
import ModelGraph

/// Runs two models on the same input and holds the values of their layers against each other.
///
/// Each model is run once. The tolerances come from the one that is run first, the yardstick: the darknet
/// network if there is one, since its operations are those whose rounding is known best.
struct ValueComparison {
  private typealias Pair = (
    name: String, reference: ComparedModel.Value, candidate: ComparedModel.Value
  )

  private let reference: ComparedModel
  private let candidate: ComparedModel
  /// Layers first, then outputs.
  private let pairs: [Pair]
  private let layerCount: Int
  private let roundoff: UnitRoundoff
  /// Whether the candidate is run first.
  private let startsWithCandidate: Bool

  init(_ reference: ComparedModel, _ candidate: ComparedModel, _ pairing: ModelPairing) {
    self.reference = reference
    self.candidate = candidate
    let layers: [Pair] = pairing.layers.compactMap { a, b in
      guard let x = a.value, let y = b.value else { return nil }
      return (a.name, x, y)
    }
    // What a head makes has no counterpart in Keras's layers.
    let hasHeads = (reference.keras == nil) == (candidate.keras == nil)
    let outputs: [Pair] = zip(reference.outputs, candidate.outputs).map { a, b in
      hasHeads ? (a.name, a.value, b.value) : (a.name, a.tensor, b.tensor)
    }
    // Outputs depend on all layers, also on those that are missing.
    pairs = layers + (pairing.firstMissing == nil ? outputs : [])
    layerCount = layers.count
    startsWithCandidate =
      reference.graph.layout == .channelsLast && candidate.graph.layout == .channelsFirst
    roundoff = UnitRoundoff(reference, candidate, pairing, ofCandidate: startsWithCandidate)
  }

  private var yardstick: ComparedModel { startsWithCandidate ? candidate : reference }
  private var other: ComparedModel { startsWithCandidate ? reference : candidate }

  private func yardstickValue(_ pair: Pair) -> ComparedModel.Value {
    startsWithCandidate ? pair.candidate : pair.reference
  }

  private func otherValue(_ pair: Pair) -> ComparedModel.Value {
    startsWithCandidate ? pair.reference : pair.candidate
  }

  /// The values of every layer of one side are kept until the other's are there.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they take more memory than there is.
  func checkMemory() throws(ModelFileError) {
    let graph = yardstick.graph
    let nodes = Set(pairs.map { yardstickValue($0).node }).union(graph.inputs.map(\.node))
    let kept = nodes.reduce(0) { $0.clampedSum(graph.nodes[$1].shape.elementCount) }
    // Beside them stand those that the engine works with.
    let bytes = kept.clampedSum(Plan(graph, wanting: nodes).peakElements)
      .clampedProduct(MemoryLayout<Float>.size)
      .clampedProduct(yardstick.samples)
    guard bytes <= SystemMemory.budget else {
      throw ModelFileError(
        .damaged, file: yardstick.path, "the values of all layers take more memory than there is",
        expected: "at most \(SystemMemory.budget) bytes", found: "\(bytes)",
        remedy: "compare the files by their hashes: nnfmt inspect --hash")
    }
  }

  /// The layers and the outputs that both have, in the reference's order.
  ///
  /// - Parameter inputs: in the reference's layout.
  /// - Throws: `ModelFileError` of either file, or if the inputs don't fit.
  func values(
    inputs: [Tensor], engine: any Engine
  ) throws(ModelFileError) -> (
    layers: [ComparisonReport.Layer], outputs: [ComparisonReport.Layer]
  ) {
    var fitted: [Tensor] = []
    guard inputs.count == reference.inputs.count else {
      throw ModelFileError(
        .usage, "the model takes another number of inputs",
        expected: "\(reference.inputs.count)", found: "\(inputs.count)")
    }
    for (tensor, input) in zip(inputs, reference.inputs) {
      fitted.append(try tensor.input(for: input.shape))
    }
    var expected: [Int: [Float]] = [:]
    var magnitudes = Magnitudes(yardstick.graph)
    let positions = Dictionary(
      grouping: pairs.indices, by: { yardstickValue(pairs[$0]).node })
    try run(yardstick, fitted, wanting: Set(yardstick.graph.nodes.map(\.id)), engine) {
      (node, tensor) throws(ModelFileError) in
      try magnitudes.note(node, tensor)
      for position in positions[node.id] ?? [] {
        expected[position] = yardstick.values(of: tensor, by: yardstickValue(pairs[position]).view)
      }
    }
    let tolerances = Tolerance.byNode(of: yardstick.graph, magnitudes, roundoff)
    let otherPositions = Dictionary(
      grouping: pairs.indices, by: { otherValue(pairs[$0]).node })
    var found: [Int: ComparisonReport.Layer] = [:]
    try run(other, fitted, wanting: Set(otherPositions.keys), engine) { node, tensor in
      for position in otherPositions[node.id] ?? [] {
        guard let values = expected.removeValue(forKey: position) else { continue }
        let pair = pairs[position]
        let walked = other.values(of: tensor, by: otherValue(pair).view)
        found[position] = ComparisonReport.Layer(
          pair.name,
          ValueGap(values, walked, reference: startsWithCandidate ? walked : values),
          tolerance: tolerances[yardstickValue(pair).node] ?? 0)
      }
    }
    return (
      (0..<layerCount).compactMap { found[$0] },
      (layerCount..<pairs.count).compactMap { found[$0] }
    )
  }

  private func run(
    _ model: ComparedModel, _ inputs: [Tensor], wanting wanted: Set<Int>, _ engine: any Engine,
    onValue: (Node, Tensor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    do {
      try engine.run(
        model.graph,
        inputs: zip(inputs, model.inputs).map { tensor, input in
          let relaid = model.inSequences(
            tensor.relaid(from: reference.layout, to: model.graph.layout))
          let sample = Shape(Array(relaid.shape.extents.dropFirst()))
          // A vector that darknet has as an image of one cell.
          guard input.shape.rank == 1, sample.rank == 3,
            Shape(sample.extents.suffix(1)) == input.shape
          else { return relaid }
          return relaid.reshaped(to: input.shape)
        },
        wanting: wanted, onValue: onValue)
    } catch {
      throw error.inFile(model.path)
    }
  }
}

extension ComparedModel {
  /// Samples, of which each is a step of a sequence, all first steps first, as the samples that the graph has: sequences,
  /// where it takes such.
  fileprivate func inSequences(_ tensor: Tensor) -> Tensor {
    guard steps > 1, tensor.batch % steps == 0 else { return tensor }
    let count = tensor.batch / steps
    let view = StridedView(contiguous: [steps, count, tensor.sampleCount]).permuted([1, 0, 2])
    return Tensor(
      shape: Shape([count, steps] + tensor.sample.extents), values: tensor.values.gathered(by: view)
    )
  }

  /// The numbers of a value of the graph, each sample walked by a view, step by step where a sample is a sequence.
  fileprivate func values(of tensor: Tensor, by view: StridedView?) -> [Float] {
    let values = tensor.walked(by: view)
    guard steps > 1, tensor.batch > 1, tensor.sampleCount % steps == 0 else { return values }
    return values.gathered(
      by: StridedView(contiguous: [tensor.batch, steps, tensor.sampleCount / steps])
        .permuted([1, 0, 2]))
  }
}

extension [Float] {
  /// The numbers in the order of a walk over all of them.
  func gathered(by view: StridedView) -> [Float] {
    if view.isContiguous { return self }
    let gather = Gather(view: view, elementSize: MemoryLayout<Float>.size)
    return [Float](unsafeUninitializedCapacity: count) { target, written in
      withUnsafeBytes { gather.copy(from: $0, to: UnsafeMutableRawBufferPointer(target)) }
      written = count
    }
  }
}

extension Tensor {
  /// The numbers of all samples, each walked by a view; `nil` and views that don't fit leave them.
  func walked(by view: StridedView?) -> [Float] {
    guard let view, view.elementCount == sampleCount, !view.isContiguous else { return values }
    let bytes = sampleCount * MemoryLayout<Float>.stride
    let gather = Gather(view: view, elementSize: MemoryLayout<Float>.size)
    return [Float](unsafeUninitializedCapacity: values.count) { target, count in
      let target = UnsafeMutableRawBufferPointer(target)
      values.withUnsafeBytes { source in
        for sample in 0..<batch {
          let range = sample * bytes..<(sample + 1) * bytes
          gather.copy(
            from: UnsafeRawBufferPointer(rebasing: source[range]),
            to: UnsafeMutableRawBufferPointer(rebasing: target[range]))
        }
      }
      count = values.count
    }
  }

  /// The same images in another layout.
  fileprivate func relaid(from layout: ImageLayout, to target: ImageLayout) -> Tensor {
    guard layout != target, sample.rank == 3 else { return self }
    let order = target == .channelsFirst ? [2, 0, 1] : [1, 2, 0]
    let view = StridedView(contiguous: sample).permuted(order)
    return Tensor(shape: Shape([batch] + view.extents), values: walked(by: view))
  }
}
