import Darknet
import FileSupport
import ModelGraph
import Training

/// Where a run of training starts.
struct StartingPoint {
  let network: Network
  /// The checkpoint, `nil` for fresh weights.
  let weights: WeightsFile?
  /// What the run before left beside it.
  let state: TrainingState?
  let warnings: [ModelWarning]

  /// - Throws: `ModelFileError` if the checkpoint is not a whole one of this network.
  init(_ path: String?, network: Network) throws(ModelFileError) {
    self.network = network
    guard let path else {
      (weights, state, warnings) = (nil, nil, [])
      return
    }
    let file = try WeightsFile(path: path, network: network)
    try file.requireNumbers()
    weights = file
    var warnings = file.warnings
    state = try Self.state(beside: path, &warnings)
    self.warnings = warnings
  }

  private static func state(
    beside path: String, _ warnings: inout [ModelWarning]
  ) throws(ModelFileError) -> TrainingState? {
    let name = CheckpointFiles.stateName(path)
    guard let file = try? InputFile(path: name) else { return nil }
    let state = try TrainingState(file, checkpoint: try digest(of: path))
    if state == nil {
      warnings.append(
        ModelWarning(
          file: name, "belongs to another checkpoint; the run starts without its momentum"))
    }
    return state
  }

  private static func digest(of path: String) throws(ModelFileError) -> String {
    let file = try InputFile(path: path)
    let digest = try SHA256()
    let size = Int(clamping: file.size)
    for start in stride(from: 0, to: size, by: 1 << 22) {
      let bytes = try file.bytes(at: UInt64(start), count: min(1 << 22, size - start))
      bytes.withUnsafeBytes { digest.update($0) }
    }
    return digest.finish()
  }

  /// Images seen so far.
  var seen: UInt64 { weights?.header.seen ?? 0 }

  /// The network as it is trained.
  func plan() throws(ModelFileError) -> TrainingPlan {
    do {
      guard let weights else {
        return try network.trainingPlan(layout: layout)
      }
      return try network.trainingPlan(layout: weights.layout) { weights.source($0) }
    } catch {
      throw error.inFile(network.config.path)
    }
  }

  /// The layout of checkpoints: darknet's own of the dialect, whatever was read.
  var layout: WeightsLayout {
    WeightsLayout(
      plan: WeightsPlan(network),
      header: WeightsHeader(network.dialect.headerGeneration, seen: 0))
  }
}

/// A checkpoint that is to be written, with the state beside it.
struct CheckpointFiles {
  private let path: String
  private let force: Bool
  private let output: OutputFile

  /// - Throws: `ModelFileError` of kind `cannotCreate`.
  init(_ path: String, force: Bool) throws(ModelFileError) {
    self.path = path
    self.force = force
    output = try OutputFile(path: path, overwrites: force)
  }

  /// `OUT_K.weights`
  static func name(_ output: String, step: Int) -> String {
    let ending = ".weights"
    return output.hasSuffix(ending)
      ? "\(output.dropLast(ending.count))_\(step)\(ending)" : "\(output)_\(step)"
  }

  /// `OUT.weights.state`
  static func stateName(_ path: String) -> String { "\(path).state" }

  /// Writes, without giving the files their names.
  func write(
    _ trainer: Trainer, _ start: StartingPoint
  ) throws(ModelFileError) -> [OutputFile] {
    let header = WeightsHeader(start.network.dialect.headerGeneration, seen: trainer.seen)
    var tensors: [OrderedTensor] = []
    for entry in start.layout.plan.entries {
      let name = start.network.name(of: entry)
      let values = trainer.values(of: name) ?? []
      guard values.count == entry.array.count else {
        throw ModelFileError(.internalFault, "\(name) was not trained")
      }
      tensors.append(
        OrderedTensor(
          source: MemorySource(values), elementType: .float32,
          view: StridedView(contiguous: [values.count])))
    }
    let digest = try SHA256()
    try WeightsWriter(layout: start.layout, header: header.bytes, tensors: tensors)
      .write(to: output, digest: digest)
    try output.seal()
    let state = trainer.state
    guard !state.isEmpty else { return [output] }
    let stateFile = try OutputFile(path: Self.stateName(path), overwrites: force)
    try stateFile.append(state.bytes(checkpoint: digest.finish()))
    try stateFile.seal()
    return [output, stateFile]
  }
}
