import FileSupport

/// The optimizers, losses, metrics and schedules that tf_keras and Keras 3 both have, by class. Under one name both
/// compute the same; `Tests/Interop/test_training_state.py` trains with each in both.
enum TrainingNames {
  /// Optimizers.
  static let optimizers: [String: TrainingClass] = [
    "SGD": optimizer(["momentum": .fraction, "nesterov": .truth]),
    "Adam": optimizer(adaptive + [("amsgrad", .truth)], ["adaptive_epsilon": false]),
    "AdamW": optimizer(
      adaptive + [("amsgrad", .truth), ("weight_decay", .amount)], required: ["weight_decay"]),
    "RMSprop": optimizer([
      "rho": .fraction, "momentum": .fraction, "epsilon": .amount, "centered": .truth,
    ]),
    "Adagrad": optimizer(["initial_accumulator_value": .amount, "epsilon": .amount]),
    "Adadelta": optimizer(["rho": .fraction, "epsilon": .amount]),
    "Adamax": optimizer(adaptive),
    "Nadam": optimizer(adaptive),
    "Ftrl": optimizer([
      "learning_rate_power": .negative, "initial_accumulator_value": .amount,
      "l1_regularization_strength": .amount, "l2_regularization_strength": .amount,
      "l2_shrinkage_regularization_strength": .amount, "beta": .amount,
    ]),
    "Lion": optimizer(["beta_1": .fraction, "beta_2": .fraction]),
  ]

  /// What the rate of learning may follow.
  static let schedules: [String: TrainingClass] = [
    "CosineDecay": schedule([
      "initial_learning_rate": .amount, "decay_steps": .count(1), "alpha": .number,
      "warmup_target": .optionalAmount, "warmup_steps": .count(0),
    ]),
    "CosineDecayRestarts": schedule([
      "initial_learning_rate": .amount, "first_decay_steps": .count(1), "t_mul": .amount,
      "m_mul": .amount, "alpha": .number,
    ]),
    "ExponentialDecay": schedule(decay),
    "InverseTimeDecay": schedule(decay),
    "PiecewiseConstantDecay": schedule(["boundaries": .numbers, "values": .numbers]),
    "PolynomialDecay": schedule([
      "initial_learning_rate": .amount, "decay_steps": .count(1), "end_learning_rate": .amount,
      "power": .number, "cycle": .truth,
    ]),
  ]

  /// Losses.
  static let losses: [String: TrainingClass] = [
    "BinaryCrossentropy": loss(crossentropy), "CategoricalCrossentropy": loss(crossentropy),
    "BinaryFocalCrossentropy": loss(
      crossentropy + [("alpha", .number), ("gamma", .number), ("apply_class_balancing", .truth)]),
    "CategoricalFocalCrossentropy": loss(crossentropy + [("alpha", .number), ("gamma", .number)]),
    "SparseCategoricalCrossentropy": loss(
      [("from_logits", .truth), ("ignore_class", .optionalWhole)], ["axis": -1]),
    "CategoricalHinge": loss(), "CosineSimilarity": loss([("axis", .whole)]), "Hinge": loss(),
    "Huber": loss([("delta", .number)]), "KLDivergence": loss(), "LogCosh": loss(),
    "MeanAbsoluteError": loss(), "MeanAbsolutePercentageError": loss(), "MeanSquaredError": loss(),
    "MeanSquaredLogarithmicError": loss(), "Poisson": loss(), "SquaredHinge": loss(),
  ]

  /// Metrics.
  static let metrics: [String: TrainingClass] = [
    "Accuracy": metric(), "CategoricalAccuracy": metric(), "SparseCategoricalAccuracy": metric(),
    "BinaryAccuracy": metric(["threshold": .fraction]),
    "TopKCategoricalAccuracy": metric(["k": .count(1)]),
    "SparseTopKCategoricalAccuracy": metric(["k": .count(1)], ["from_sorted_ids": false]),
    "BinaryCrossentropy": metric(["from_logits": .truth, "label_smoothing": .number]),
    "CategoricalCrossentropy": metric([
      "from_logits": .truth, "label_smoothing": .number, "axis": .whole,
    ]),
    "SparseCategoricalCrossentropy": metric([
      "from_logits": .truth, "ignore_class": .optionalWhole, "axis": .whole,
    ]),
    "CategoricalHinge": metric(), "CosineSimilarity": metric(["axis": .whole]), "Hinge": metric(),
    "KLDivergence": metric(), "LogCoshError": metric(), "MeanAbsoluteError": metric(),
    "MeanAbsolutePercentageError": metric(), "MeanSquaredError": metric(),
    "MeanSquaredLogarithmicError": metric(), "Poisson": metric(), "RootMeanSquaredError": metric(),
    "SquaredHinge": metric(), "TruePositives": metric(counting), "TrueNegatives": metric(counting),
    "FalsePositives": metric(counting), "FalseNegatives": metric(counting),
    "Precision": metric(retrieval), "Recall": metric(retrieval),
    "AUC": metric(
      [
        "num_thresholds": .count(2), "curve": .word(["ROC", "PR"]),
        "summation_method": .word(["interpolation", "minoring", "majoring"]), "multi_label": .truth,
        "num_labels": .optionalCount(1), "from_logits": .truth, "thresholds": .thresholds,
      ], ["label_weights": .null]),
  ]

  /// The losses that are meant by a function's name, which both Kerases make an object of.
  static let lossFunctions = functions.merging([
    "binary_crossentropy": "BinaryCrossentropy", "bce": "BinaryCrossentropy",
    "BCE": "BinaryCrossentropy", "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "binary_focal_crossentropy": "BinaryFocalCrossentropy",
    "categorical_focal_crossentropy": "CategoricalFocalCrossentropy",
    "cosine_similarity": "CosineSimilarity", "huber": "Huber", "huber_loss": "Huber",
    "log_cosh": "LogCosh", "logcosh": "LogCosh",
  ]) { first, _ in first }

  /// The metrics that are meant by a function's name.
  static let metricFunctions = functions.merging([
    "binary_accuracy": "BinaryAccuracy", "categorical_accuracy": "CategoricalAccuracy",
    "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
    "top_k_categorical_accuracy": "TopKCategoricalAccuracy",
    "sparse_top_k_categorical_accuracy": "SparseTopKCategoricalAccuracy",
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "log_cosh": "LogCoshError", "logcosh": "LogCoshError",
  ]) { first, _ in first }

  /// Metrics that each Keras chooses by the shape of the output.
  static let chosenMetrics: Set<String> = ["accuracy", "acc", "crossentropy", "ce"]

  /// How losses of the samples are put together, in both; `auto` of tf_keras is the first.
  static let reductions: Set<String> = ["sum_over_batch_size", "sum", "none"]

  private static let functions: [String: String] = [
    "mean_squared_error": "MeanSquaredError", "mse": "MeanSquaredError", "MSE": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError", "mae": "MeanAbsoluteError",
    "MAE": "MeanAbsoluteError", "mean_absolute_percentage_error": "MeanAbsolutePercentageError",
    "mape": "MeanAbsolutePercentageError", "MAPE": "MeanAbsolutePercentageError",
    "mean_squared_logarithmic_error": "MeanSquaredLogarithmicError",
    "msle": "MeanSquaredLogarithmicError", "MSLE": "MeanSquaredLogarithmicError",
    "kl_divergence": "KLDivergence", "kullback_leibler_divergence": "KLDivergence",
    "kld": "KLDivergence", "KLD": "KLDivergence", "poisson": "Poisson", "hinge": "Hinge",
    "squared_hinge": "SquaredHinge", "categorical_hinge": "CategoricalHinge",
  ]

  private typealias Keys = [(String, TrainingValue)]

  private static let adaptive: Keys = [
    ("beta_1", .fraction), ("beta_2", .fraction), ("epsilon", .amount),
  ]
  private static let crossentropy: Keys = [
    ("from_logits", .truth), ("label_smoothing", .fraction), ("axis", .whole),
  ]
  private static let decay: KeyValuePairs<String, TrainingValue> = [
    "initial_learning_rate": .amount, "decay_steps": .count(1), "decay_rate": .amount,
    "staircase": .truth,
  ]
  private static let counting: KeyValuePairs<String, TrainingValue> = ["thresholds": .thresholds]
  private static let retrieval: KeyValuePairs<String, TrainingValue> = [
    "thresholds": .thresholds, "top_k": .optionalCount(1), "class_id": .optionalCount(0),
  ]

  private static func optimizer(_ own: KeyValuePairs<String, TrainingValue>) -> TrainingClass {
    optimizer(own.map { ($0.key, $0.value) })
  }

  private static func optimizer(
    _ own: Keys, _ meaningless: [String: JSONValue] = [:], required: Set<String> = []
  ) -> TrainingClass {
    let common: [String: TrainingValue] = [
      "weight_decay": .optionalAmount, "clipnorm": .optionalAmount, "clipvalue": .optionalAmount,
      "global_clipnorm": .optionalAmount, "use_ema": .truth, "ema_momentum": .fraction,
      "ema_overwrite_frequency": .optionalCount(1),
    ]
    return TrainingClass(
      keys: common.merging(own) { _, own in own }, required: required,
      meaningless: meaningless.merging([
        "is_legacy_optimizer": false, "loss_scale_factor": .null,
        "gradient_accumulation_steps": .null,
      ]) { first, _ in first })
  }

  private static func schedule(_ keys: KeyValuePairs<String, TrainingValue>) -> TrainingClass {
    let keys = Dictionary(keys.map { ($0.key, $0.value) }) { first, _ in first }
    return TrainingClass(
      keys: keys,
      required: Set(keys.keys).intersection([
        "initial_learning_rate", "decay_steps", "first_decay_steps", "decay_rate", "boundaries",
        "values",
      ]))
  }

  private static func loss(
    _ own: Keys = [], _ meaningless: [String: JSONValue] = [:]
  ) -> TrainingClass {
    TrainingClass(
      keys: Dictionary(own + [("reduction", .word(reductions))]) { first, _ in first },
      meaningless: meaningless)
  }

  private static func metric(
    _ own: KeyValuePairs<String, TrainingValue> = [:], _ meaningless: [String: JSONValue] = [:]
  ) -> TrainingClass {
    TrainingClass(
      keys: Dictionary(own.map { ($0.key, $0.value) }) { first, _ in first },
      meaningless: meaningless)
  }
}
