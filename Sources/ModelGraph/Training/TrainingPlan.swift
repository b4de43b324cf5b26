/// A graph with all that its description says about training it: what the costs are, which layers
/// learn, how fast.
///
/// Formats make it beside lowering; the target `Training` carries it out.
public struct TrainingPlan: Sendable {
  /// The model. A node that a loss is attached to need not be one of its outputs.
  public let graph: Graph
  /// The user's layers in order.
  public let layers: [TrainedLayer]
  /// The costs, in the order of their layers.
  public let losses: [Loss]
  /// How a step is put together and how large it is.
  public let options: TrainingOptions

  /// A plan.
  public init(
    graph: Graph, layers: [TrainedLayer], losses: [Loss], options: TrainingOptions
  ) {
    self.graph = graph
    self.layers = layers
    self.losses = losses
    self.options = options
  }
}

/// A layer, seen by the one who trains it.
public struct TrainedLayer: Sendable {
  /// Its place in the description.
  public let reference: LayerReference
  /// The node of its output.
  public let node: Int
  /// The factor of the learning rate (`learning_rate` of the section).
  public let rateFactor: Double
  /// Whether the backward pass ends in front of this layer (`stopbackward`).
  public let stopsBackward: Bool
  /// Whether the backward pass leaves this layer out (`onlyforward`).
  public let isForwardOnly: Bool
  /// Whether its parameters are updated.
  public let isUpdated: Bool

  /// A layer.
  public init(
    reference: LayerReference, node: Int, rateFactor: Double = 1, stopsBackward: Bool = false,
    isForwardOnly: Bool = false, isUpdated: Bool = true
  ) {
    self.reference = reference
    self.node = node
    self.rateFactor = rateFactor
    self.stopsBackward = stopsBackward
    self.isForwardOnly = isForwardOnly
    self.isUpdated = isUpdated
  }
}

/// How a network is trained, apart from its layers: darknet's `[net]` section.
public struct TrainingOptions: Sendable {
  /// Samples of one pass through the network, time steps counted (`batch / subdivisions · time_steps`).
  public var miniBatch: Int
  /// Passes of one step.
  public var subdivisions: Int
  /// Samples of one sequence.
  public var timeSteps: Int
  /// The learning rate over time.
  public var schedule: LearningRateSchedule
  /// γ: what is kept of the update buffers from step to step.
  public var momentum: Double
  /// λ: the weight decay.
  public var decay: Double
  /// Set if steps are Adam's.
  public var adam: AdamOptions?
  /// How batch normalization trains behind convolutions and on its own.
  public var normalization: NormalizationRule
  /// How batch normalization trains behind fully connected layers.
  public var denseNormalization: NormalizationRule
  /// Whether recurrent layers take the true derivative through time rather than darknet's.
  public var isExactInTime = false
  /// Whether the count of images that a checkpoint carries is a whole number of steps.
  public var roundsSeenToSteps: Bool
  /// Height and width of the network's input, which anchors are measured by.
  public var imageExtents: (height: Int, width: Int)

  /// Options.
  public init(
    miniBatch: Int, subdivisions: Int = 1, timeSteps: Int = 1, schedule: LearningRateSchedule,
    momentum: Double = 0, decay: Double = 0, adam: AdamOptions? = nil,
    normalization: NormalizationRule = .exact, denseNormalization: NormalizationRule = .exact,
    roundsSeenToSteps: Bool = false, imageExtents: (height: Int, width: Int) = (0, 0)
  ) {
    self.miniBatch = miniBatch
    self.subdivisions = subdivisions
    self.timeSteps = timeSteps
    self.schedule = schedule
    self.momentum = momentum
    self.decay = decay
    self.adam = adam
    self.normalization = normalization
    self.denseNormalization = denseNormalization
    self.roundsSeenToSteps = roundsSeenToSteps
    self.imageExtents = imageExtents
  }

  /// Samples of one step: what darknet divides the gradient by.
  public var stepSamples: Int { miniBatch * subdivisions }
}

/// How batch normalization trains.
public struct NormalizationRule: Sendable {
  /// What is kept of the running statistics at each pass; the rest is the batch's.
  public let retention: Double
  /// What its backward pass divides δ by, which need not be what the forward pass divided by.
  public let deltaDivisor: BatchNormalization.Divisor
  /// Whether β learns.
  public let learnsBiases: Bool
  /// Whether the backward pass is the derivative of the forward pass: the variance over all numbers
  /// rather than one less, and the forward pass's own divisor.
  public let isExact: Bool

  /// A rule.
  public init(
    retention: Double, deltaDivisor: BatchNormalization.Divisor, learnsBiases: Bool = true,
    isExact: Bool = false
  ) {
    self.retention = retention
    self.deltaDivisor = deltaDivisor
    self.learnsBiases = learnsBiases
    self.isExact = isExact
  }

  /// The derivative.
  public static let exact = NormalizationRule(
    retention: 0.99, deltaDivisor: .rootOfSum(epsilon: 1e-5), isExact: true)
}

/// The constants of Adam.
public struct AdamOptions: Sendable {
  /// What is kept of the mean of gradients.
  public let beta1: Double
  /// What is kept of the mean of their squares.
  public let beta2: Double
  /// What keeps the divisor from 0.
  public let epsilon: Double

  /// Constants.
  public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-7) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
  }
}
