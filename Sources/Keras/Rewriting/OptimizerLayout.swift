import ModelGraph

/// What the variables of an optimizer are, in the order in which a Keras makes them: how often it has run, in Keras 3 the
/// rate of learning, and then numbers for each variable of the model that is trained.
///
/// Source: `build` of the classes in `tf_keras/src/optimizers` and `keras/src/optimizers`, and `base_optimizer.py`.
struct OptimizerLayout: Equatable {
  /// What a variable is for.
  enum Use: Hashable {
    /// How many steps were made.
    case iterations
    /// The rate of learning.
    case rate
    /// Numbers of this kind for one of the model's variables.
    case slot(String, of: Int)
    /// What Nadam multiplies up, which tf_keras does not keep.
    case product
  }

  /// A variable.
  struct Entry: Equatable {
    let use: Use
    let shape: Shape
  }

  let entries: [Entry]

  private init(
    _ groups: [[String]], hasRate: Bool, hasProduct: Bool = false, for trained: [Shape]
  ) {
    var entries = [Entry(use: .iterations, shape: Shape([]))]
    if hasRate { entries.append(Entry(use: .rate, shape: Shape([]))) }
    for group in groups {
      for (position, shape) in trained.enumerated() {
        entries += group.map { Entry(use: .slot($0, of: position), shape: shape) }
      }
    }
    if hasProduct { entries.append(Entry(use: .product, shape: Shape([]))) }
    self.entries = entries
  }

  /// The variables of an optimizer.
  ///
  /// - Parameters:
  ///   - optimizer: the optimizer.
  ///   - generation: in which Keras.
  ///   - trained: the shapes of the model's variables that are trained, in order.
  init(_ optimizer: OptimizerSettings, in generation: LoadingGeneration, for trained: [Shape]) {
    let isThird = generation == .third
    var groups = optimizer.keepsAverages ? [["average"]] : []
    groups += Self.groups(of: optimizer, isThird: isThird)
    self.init(
      groups, hasRate: isThird && !optimizer.hasSchedule,
      hasProduct: isThird && optimizer.className == "Nadam", for: trained)
  }

  /// What the numbers of a variable are; those in one list lie together, variable by variable.
  private static func groups(of optimizer: OptimizerSettings, isThird: Bool) -> [[String]] {
    switch optimizer.className {
    case "SGD": isThird && optimizer.isWithoutMomentum ? [] : [["momentum"]]
    case "Adam", "AdamW":
      [["momentum", "velocity"]] + (optimizer.isTrue("amsgrad") ? [["velocity_hat"]] : [])
    case "RMSprop":
      [["velocity"]] + (optimizer.isTrue("momentum") ? [["momentum"]] : [])
        + (optimizer.isTrue("centered") ? [["average_gradient"]] : [])
    case "Adagrad": [["accumulator"]]
    case "Adadelta": [["accumulated_grad", "accumulated_delta_var"]]
    case "Adamax": [["momentum", "norm"]]
    case "Nadam": [["momentum", "velocity"]]
    case "Ftrl": [["accumulator", "linear"]]
    default: [["momentum"]]
    }
  }

  /// What the variables of an optimizer may be of which nothing is known: those of any of the classes.
  static func possible(in generation: LoadingGeneration, for trained: [Shape]) -> [OptimizerLayout]
  {
    let groups: [[[String]]] = [
      [], [["a"]], [["a", "b"]], [["a", "b"], ["c"]], [["a"], ["b"]], [["a"], ["b"], ["c"]],
    ]
    guard generation == .third else {
      return groups.dropFirst().map { OptimizerLayout($0, hasRate: false, for: trained) }
    }
    return [true, false].flatMap { hasRate in
      groups.map { OptimizerLayout($0, hasRate: hasRate, for: trained) }
        + [
          OptimizerLayout([["a", "b"]], hasRate: hasRate, hasProduct: true, for: trained)
        ]
    }
  }
}

extension OptimizerLayout.Use {
  /// The name that a variable gets in an `.h5`, which no Keras goes by.
  var name: String {
    switch self {
    case .iterations: "iteration"
    case .rate: "learning_rate"
    case .slot(let kind, let position): "\(kind)/\(position)"
    case .product: "product"
    }
  }
}
