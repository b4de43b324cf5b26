import Conversion
import FileSupport
import Inference
import ModelGraph

/// Holds what a model computes against a recording of what it should.
public struct Expectation {
  /// A value of the model, by what recordings may call it.
  private struct Target {
    let name: String
    let value: ComparedModel.Value
  }

  /// An array of the recording with the value that it is held against.
  private struct Pair {
    let entry: Recording.Entry
    let target: Target
  }

  private let recording: Recording
  private let model: ComparedModel
  private let engine: any Engine
  private var inputs: [Int: Recording.Entry] = [:]
  private var pairs: [Pair] = []
  private var strays: [Recording.Entry] = []

  /// Finds what of the model each array is.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if none is a layer's or an output, or if the names of files that no index
  ///   explains say nothing.
  public init(
    _ recording: Recording, of model: ComparedModel, engine: any Engine
  ) throws(ModelFileError) {
    self.recording = recording
    self.model = model
    self.engine = engine
    let named = Self.targets(of: model, by: recording.vocabulary)
    var isMatched: Set<Int> = []
    for entry in recording.entries {
      var target: Target?
      var isInput = false
      for subject in entry.subjects where target == nil && !isInput {
        switch subject {
        case .named(let name):
          if let place = model.graph.inputs.firstIndex(where: { $0.name == name }) {
            isInput = true
            inputs[place] = inputs[place] ?? entry
          } else {
            target = named[name]
          }
        case .input(let place):
          isInput = model.graph.inputs.indices.contains(place)
          if isInput { inputs[place] = inputs[place] ?? entry }
        case .output(let place):
          target = Self.output(place, of: model, by: recording.vocabulary)
        }
      }
      if let target {
        if isMatched.insert(target.value.node).inserted || !recording.hasIndex {
          pairs.append(Pair(entry: entry, target: target))
        }
      } else if !isInput {
        strays.append(entry)
      }
    }
    if !recording.hasIndex, let stray = strays.first {
      throw ModelFileError(
        .damaged, file: recording.path(of: stray),
        "is called after no input, layer or output of the model",
        expected: "a layer's name or index, input_0, output_0",
        remedy: "`nnfmt inspect` lists the layers; rename the file, or take it away")
    }
    guard !pairs.isEmpty else {
      throw ModelFileError(
        .damaged, file: recording.path,
        "none of the arrays is of a layer or an output of the model",
        found: recording.entries.prefix(4).map(\.file).joined(separator: ", "),
        remedy: "compare with the model that was recorded")
    }
  }

  /// What the model takes, in its own layout.
  public var taken: [(name: String, shape: Shape)] {
    model.graph.inputs.map { ($0.name, model.graph.nodes[$0.node].shape) }
  }

  /// Every value that a name or the name of a file may stand for. A darknet network and the Keras model that it became may
  /// have one name for two values: the recording's vocabulary tells which is meant, and without an index Keras's.
  private static func targets(
    of model: ComparedModel, by vocabulary: RecordingIndex.Vocabulary?
  ) -> [String: Target] {
    var targets: [String: Target] = [:]
    func add(_ name: String, _ stems: [String], _ value: ComparedModel.Value) {
      for key in [name, RunnableModel.fileStem(name)] + stems {
        targets[key] = targets[key] ?? Target(name: name, value: value)
      }
    }
    if vocabulary != .darknet {
      for layer in model.keras?.layers ?? [] {
        if let node = layer.node { add(layer.name, [], .init(node: node, view: nil)) }
      }
    }
    guard vocabulary != .keras, case .darknet = model.architecture else { return targets }
    for (index, layer) in model.layers.enumerated() {
      guard let value = layer.value else { continue }
      add(layer.name, [String(index), RunnableModel.fileStem(index)], value)
    }
    return targets
  }

  /// An output. What a detection head makes, Keras does not have: in its place stands what enters the head.
  private static func output(
    _ place: Int, of model: ComparedModel, by vocabulary: RecordingIndex.Vocabulary?
  ) -> Target? {
    guard model.outputs.indices.contains(place) else { return nil }
    let output = model.outputs[place]
    if vocabulary == .keras { return Target(name: output.name, value: output.tensor) }
    if vocabulary == .darknet, model.keras != nil, case .darknet(let network) = model.architecture,
      network.outputs.indices.contains(place), network.outputs[place].isHead
    {
      return nil
    }
    return Target(name: output.name, value: output.value)
  }

  /// Runs the model.
  ///
  /// - Parameters:
  ///   - given: the inputs, if not the recorded ones.
  ///   - onProgress: is told how many of how many values have been compared.
  /// - Throws: `ModelFileError` of the model or of an array; `usage` if there is no input.
  public func report(
    given: [Tensor]? = nil, onProgress: ((_ done: Int, _ total: Int) -> Void)? = nil
  ) throws(ModelFileError) -> ComparisonReport {
    var report = ComparisonReport(reference: recording.path, candidate: model.path)
    report.warnings = model.warnings
    report.comparesParameters = false
    report.comparesConfiguration = false
    report.notProved.append("parameters and options: a recording has values alone")
    if !strays.isEmpty {
      let names = strays.prefix(4).map(\.file.escapedForTerminal).joined(separator: ", ")
      report.warnings.append(
        ModelWarning(
          file: recording.path,
          "\(strays.count.counted("array")) are of layers that the model does not have: \(names)"
            + (strays.count > 4 ? ", …" : "")))
      report.notProved.append(
        "\(strays.count.counted("recorded array")) of layers that the model does not have")
    }
    var magnitudes = Magnitudes(model.graph)
    var gaps: [Int: ValueGap] = [:]
    let positions = Dictionary(grouping: pairs.indices, by: { pairs[$0].target.value.node })
    let inputs: [Tensor]
    if let given { inputs = given } else { inputs = try recordedInputs() }
    do {
      try engine.run(model.graph, inputs: inputs, wanting: Set(model.graph.nodes.map(\.id))) {
        (node, tensor) throws(ModelFileError) in
        try magnitudes.note(node, tensor)
        for position in positions[node.id] ?? [] {
          gaps[position] = try gap(pairs[position], tensor)
          onProgress?(gaps.count, pairs.count)
        }
      }
    } catch {
      throw error.inFile(model.path)
    }
    let tolerances = Tolerance.byNode(of: model.graph, magnitudes, UnitRoundoff(model.graph))
    for (position, pair) in pairs.enumerated() {
      guard let gap = gaps[position] else { continue }
      let tolerance =
        (tolerances[pair.target.value.node] ?? 0) + (try rounding(of: pair.entry))
      report.layers.append(ComparisonReport.Layer(pair.target.name, gap, tolerance: tolerance))
    }
    return report
  }

  private func recordedInputs() throws(ModelFileError) -> [Tensor] {
    var tensors: [Tensor] = []
    for (place, port) in taken.enumerated() {
      guard let entry = inputs[place] else {
        throw recording.missingInput(place, port.name)
      }
      tensors.append(
        try SavedArray.tensor(
          try recording.array(entry), recording.path(of: entry), like: port.shape))
    }
    return tensors
  }

  /// What an array stored in fewer bits than float32 may be off by.
  private func rounding(of entry: Recording.Entry) throws(ModelFileError) -> Double {
    let type = try recording.array(entry).numberType
    return type.kind == .float && type.byteCount == 2 ? ElementType.float16.epsilon : 0
  }

  private func gap(_ pair: Pair, _ tensor: Tensor) throws(ModelFileError) -> ValueGap {
    let view = pair.target.value.view
    let sample = view.map { Shape($0.extents) } ?? tensor.sample
    let path = recording.path(of: pair.entry)
    let recorded = try SavedArray.tensor(
      try recording.array(pair.entry), path, like: sample)
    guard recorded.batch == tensor.batch else {
      throw ModelFileError(
        .damaged, file: path, "has another number of samples than the input",
        expected: "\(tensor.batch)", found: "\(recorded.batch)")
    }
    let values = tensor.walked(by: view)
    return ValueGap(recorded.values, values)
  }
}
