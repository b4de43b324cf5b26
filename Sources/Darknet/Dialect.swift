import ModelGraph

/// Which darknet a file is read as. Where the forks do different things with the same bytes, the
/// difference is a property here (or a set of dialects beside an option or a layer), and nowhere else.
public enum Dialect: String, Sendable, CaseIterable {
  /// AlexeyAB/darknet.
  case alexeyab
  /// pjreddie/darknet.
  case pjreddie
  /// hank-ai/darknet.
  case hankAI = "hank-ai"

  /// Whether its outputs were recorded and compared. What is known of the other forks comes from reading
  /// their source.
  public var isVerified: Bool { self != .hankAI }

  /// What batch normalization divides by (`batchnorm_layer.c`, `blas.c: normalize_cpu`).
  public var batchNormalizationDivisor: BatchNormalization.Divisor {
    switch self {
    case .alexeyab, .hankAI: .rootOfSum(epsilon: 1e-5)
    case .pjreddie: .sumWithRoot(epsilon: 1e-6)
    }
  }

  /// The ε of batch normalization.
  public var batchNormalizationEpsilon: Double {
    switch batchNormalizationDivisor {
    case .rootOfSum(let epsilon), .sumWithRoot(let epsilon): epsilon
    }
  }

  /// Whether ε stands behind the root, so that variances are worked out anew for formats that have it inside.
  public var changesVariances: Bool { self == .pjreddie }

  /// The header of the weights files that it writes (`parser.c: save_weights_upto`).
  public var headerGeneration: HeaderGeneration { self == .pjreddie ? .second : .third }

  /// Whether a version number of 1000 or more means a header of 16 bytes (`parser.c: load_weights_upto`).
  var limitsLongHeaderVersions: Bool { self == .pjreddie }

  /// Whether the 32-bit count of images in a header of 16 bytes is read as a signed number.
  var readsShortSeenSigned: Bool { self == .pjreddie }

  /// Whether the detector keeps the proportions of every picture (`detector.c: test_detector`).
  var alwaysLetterboxes: Bool { self == .pjreddie }

  /// Whether a shortcut may join layers of different height and width (`shortcut_layer.c`).
  var joinsUnequalShortcuts: Bool { self == .pjreddie }

  /// Whether `[region]` puts out planes (`region_layer.c`); the others flatten them cell by cell.
  var keepsRegionPlanar: Bool { self == .pjreddie }

  /// Whether an `xnor` convolution has the groups of its cfg (`parser.c: parse_convolutional`); the others make
  /// it without, whatever the cfg says.
  var keepsGroupsOfXnor: Bool { self == .pjreddie }

  /// Whether a `[batchnorm]` section stores biases.
  var storesBatchNormBiases: Bool { self != .pjreddie }

  /// What a `[rnn]` or `[lstm]` of so many outputs puts out: AlexeyAB's is an image of one pixel,
  /// pjreddie's has no extents.
  func recurrentOutput(_ count: Int) -> LayerShape {
    self == .pjreddie
      ? LayerShape(channels: 0, height: 0, width: 0, count: count) : LayerShape(vector: count)
  }

  /// Whether a `[crnn]` takes the numbers of an image as those of one with height and width changed over
  /// (`parser.c: parse_crnn` hands them on in the wrong order).
  var swapsExtentsOfCRNN: Bool { self == .pjreddie }

  /// The gates of a `[gru]` in file order (`parser.c: save_weights_upto`).
  var gruLayout: GateLayout {
    let state = GateLayout.Half(prefix: self == .pjreddie ? "w" : "state_", seesState: true)
    let input = GateLayout.Half(prefix: self == .pjreddie ? "u" : "input_", seesState: false)
    return GateLayout(
      halves: self == .pjreddie ? [state, input] : [input, state], gates: ["z", "r", "h"])
  }

  /// The gates of an `[lstm]` in file order.
  var lstmLayout: GateLayout {
    GateLayout(
      halves: [
        GateLayout.Half(prefix: "w", seesState: true),
        GateLayout.Half(prefix: "u", seesState: false),
      ],
      gates: self == .pjreddie ? ["i", "f", "o", "g"] : ["f", "i", "g", "o"])
  }

  /// Whether a carriage return at the end of a line is part of its text (`utils.c: strip` of pjreddie's darknet
  /// removes blanks, tabs and line feeds alone).
  var keepsCarriageReturns: Bool { self == .pjreddie }

  /// Whether a comment may follow a value on its line, and blanks inside a value are kept.
  var hasInlineComments: Bool { self == .hankAI }

  /// Whether a key that is given twice is an error; if not, the first one counts.
  var refusesDuplicateKeys: Bool { self == .hankAI }

  /// How batch normalization trains behind convolutions and on its own. AlexeyAB's CPU code never adds to
  /// the gradient of β there, so that it stays as it is.
  var normalizationRule: NormalizationRule {
    self == .pjreddie
      ? .pjreddie
      : NormalizationRule(
        retention: 0.9, deltaDivisor: .sumWithRoot(epsilon: 1e-5), learnsBiases: false)
  }

  /// Whether `stopbackward` keeps the layers up to it as they are; pjreddie's decays them.
  var freezesInFrontOfStop: Bool { self != .pjreddie }

  /// Whether a checkpoint's count of images is that of its whole steps (`parser.c: save_weights_upto`).
  var countsWholeSteps: Bool { self != .pjreddie }

  /// Whether a convolution of one cell reads the memory as it is, whatever its strides
  /// (`convolutional_layer.c: forward_convolutional_layer`): AlexeyAB's does if the horizontal one is 1.
  ///
  /// - Parameter strides: the vertical and the horizontal one.
  func passesOverStrides(_ strides: [Int]) -> Bool { self == .pjreddie || strides[1] == 1 }

  /// Whether `relu6` puts out zeros on the CPU (`activations.c`).
  var failsAtRelu6: Bool { self == .alexeyab }

  /// Whether `[cost]` knows `L1` and `wgan` (`cost_layer.c: get_cost_type`).
  var knowsCostsOfGANs: Bool { self == .pjreddie }

  /// Whether `[yolo]` compares as `yolo_layer.c` did at first, without the options that came later: boxes of every
  /// class count, a truth has no track, and the last truth of a box is the one that it learns.
  var comparesYoloOriginally: Bool { self == .pjreddie }

  /// Whether `[region]` compares as the last version of `region_layer.c` does: 30 truths without tracks, no derivative
  /// of the logistic function, small boxes counting more.
  var comparesRegionsRevised: Bool { self == .pjreddie }

  /// The other dialects.
  public var others: [Dialect] { Dialect.allCases.filter { $0 != self } }
}

extension Set<Dialect> {
  /// Every fork.
  static let all = Set(Dialect.allCases)
  /// AlexeyAB's and what came of it.
  static let alexeyAndLater: Set<Dialect> = [.alexeyab, .hankAI]
  /// pjreddie's alone.
  static let pjreddieOnly: Set<Dialect> = [.pjreddie]
  /// Those that hank-ai has removed.
  static let beforeHankAI: Set<Dialect> = [.alexeyab, .pjreddie]
}
