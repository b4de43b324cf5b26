import FileSupport
import ModelGraph

extension Network {
  /// All that the cfg says about training, over the graph that it is lowered to.
  ///
  /// - Parameters:
  ///   - layout: where the arrays lie in the weights file.
  ///   - source: the bytes of an array; none at all for a network that begins anew.
  /// - Throws: `ModelFileError`: as ``lowered(layout:source:order:)``; `damaged` for a policy without its keys or
  ///   a batch of nothing; `unsupported` naming the option for what nnfmt can't train with.
  public func trainingPlan(
    layout: WeightsLayout,
    source: @escaping (WeightsPlan.Entry) -> (any TensorSource)? = { _ in nil }
  ) throws(ModelFileError) -> TrainingPlan {
    let (graph, values) = try lowered(layout: layout, source: source)
    let net = OptionReader(section: 0, of: config, dialect: dialect)
    try net.refuseInTraining(NetworkOptions.options)
    let options = try trainingOptions(net)
    var readers: [OptionReader] = []
    for placed in layers {
      let reader = OptionReader(section: placed.index + 1, of: config, dialect: dialect)
      try reader.refuseInTraining(type(of: placed.layer).options + CommonOptions.options)
      readers.append(reader)
    }
    let stop = readers.lastIndex { $0[LayerTraining.stopBackward] != 0 } ?? -1
    var trained: [TrainedLayer] = []
    var losses: [Loss] = []
    for (placed, reader) in zip(layers, readers) {
      let isFrozen = dialect.freezesInFrontOfStop && placed.index <= stop
      trained.append(
        TrainedLayer(
          reference: placed.reference, node: values[placed.index],
          rateFactor: reader[LayerTraining.learningRate],
          stopsBackward: placed.index == stop,
          isForwardOnly: reader[LayerTraining.onlyForward] != 0,
          isUpdated: !isFrozen && reader[LayerTraining.dontUpdate] == 0))
      if let layer = placed.layer as? any ComparingLayer,
        let function = try layer.loss(reader)
      {
        losses.append(
          Loss(function, node: values[placed.index], layer: placed.reference))
      }
    }
    return TrainingPlan(graph: graph, layers: trained, losses: losses, options: options)
  }

  private func trainingOptions(_ net: OptionReader) throws(ModelFileError) -> TrainingOptions {
    let subdivisions = options.subdivisions
    let timeSteps = max(options.timeSteps, 1)
    let miniBatch = subdivisions > 0 ? options.batch / subdivisions * timeSteps : 0
    guard miniBatch > 0 else {
      throw net.error(
        .damaged, NetworkOptions.subdivisions.key, "leaves no sample for a mini-batch",
        expected: "at most the batch, \(options.batch)", found: "\(subdivisions)")
    }
    return TrainingOptions(
      miniBatch: miniBatch, subdivisions: subdivisions, timeSteps: timeSteps,
      schedule: try LearningRateSchedule(net), momentum: net[NetworkTraining.momentum],
      decay: net[NetworkTraining.decay], adam: AdamOptions(net),
      normalization: dialect.normalizationRule, denseNormalization: .pjreddie,
      roundsSeenToSteps: dialect.countsWholeSteps,
      imageExtents: (options.input.height, options.input.width))
  }
}

extension NormalizationRule {
  /// pjreddie's, which fully connected layers of every fork follow here.
  static let pjreddie = NormalizationRule(
    retention: 0.99, deltaDivisor: .rootOfSum(epsilon: 1e-5))
}

/// The training options that every section may have.
enum LayerTraining {
  static let stopBackward = Option("stopbackward", 0)
  static let onlyForward = Option("onlyforward", 0)
  static let learningRate = Option("learning_rate", 1.0)
  static let dontUpdate = Option("dont_update", 0, in: .alexeyAndLater)

  /// Every one of them.
  static let options: [OptionDescription] = [
    stopBackward.description, onlyForward.description, learningRate.description,
    dontUpdate.description,
  ]
}

extension OptionReader {
  /// Refuses those of the options that training refuses and that are set to anything but 0.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` naming the first.
  func refuseInTraining(_ options: [OptionDescription]) throws(ModelFileError) {
    for option in options
    where option.isRefusedInTraining && self[Option(option.key, 0.0, in: option.dialects)] != 0 {
      throw error(
        .unsupported, option.key, "training with this option is not supported",
        remedy: "remove it from the cfg, if you can do without")
    }
  }
}
