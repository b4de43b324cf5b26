import FileSupport
import ModelGraph

/// What of a layer's options makes it depart: a single kind of them, with which the candidate's layer has nothing left that
/// differs once it is given the reference's.
struct OptionCauses {
  /// The differences of one layer.
  private let differences: [ModelDifference]

  /// - Parameter layer: the first layer that departs, none of whose numbers differ.
  init(_ differences: [ModelDifference], of layer: String) {
    self.differences = differences.filter { $0.layer == layer }
  }

  /// The cause; `nil` if several kinds of options differ, or something else than options.
  func cause() -> LikelyCause? {
    if let pooling = otherPooling() { return pooling }
    let hasOtherClass = differences.contains { Self.isOfActivations($0) }
    let options = differences.filter {
      $0.kind == .configuration && !Self.meaningless.contains($0.option)
        // What only one of two functions has follows from which it is.
        && !(hasOtherClass && Self.kinds[$0.option] == .slope)
    }
    // Another shape follows from the options, but another type, or other tensors, do not.
    let isOnlyOptions = differences.allSatisfy {
      $0.kind == .configuration || $0.kind == .architecture && $0.option == "shape"
    }
    guard isOnlyOptions, let first = options.first else { return nil }
    let kinds = Set(options.map(Self.kind))
    guard kinds.count == 1, let kind = kinds.first else { return nil }
    let details = options.map { "\($0.option): \($0.reference) → \($0.candidate)" }
    return LikelyCause(kind, layer: first.layer, detail: details.joined(separator: "; "))
  }

  /// Options that stand in a report beside what makes the layer depart, and mean nothing for what it computes.
  private static let meaningless: Set<String> = [
    "implementation", "unroll", "time_major", "dropout", "recurrent_dropout", "momentum",
    "renorm_momentum", "synchronized", "batch_input_shape", "batch_shape",
  ]

  /// A pooling of another type. Options that only one of the types has follow from it.
  private func otherPooling() -> LikelyCause? {
    let rest = differences.filter { $0.kind != .architecture }
    guard let type = differences.first(where: { $0.kind == .architecture }),
      differences.count == rest.count + 1, type.option == "type",
      [type.reference, type.candidate].allSatisfy({ $0.contains("pool") }),
      rest.allSatisfy({ [$0.reference, $0.candidate].contains(OperationOptions.none) })
    else { return nil }
    return LikelyCause(
      .pooling, layer: type.layer, detail: "\(type.reference) → \(type.candidate)")
  }

  /// What an option is, by the names that darknet, Keras and the graph's operations give it.
  private static func kind(of difference: ModelDifference) -> LikelyCause.Kind {
    let names = difference.option.split(separator: ".").map(String.init)
    let (a, b) = (difference.reference, difference.candidate)
    switch names.last ?? "" {
    case "inputs", "layers", "from", "layer": return hasSameParts(a, b) ? .inputOrder : .inputs
    case "function" where isSameFunction(a, b): return .slope
    case "class_name" where isOfActivations(difference): return .activation
    case "operation" where Set([a, b]) == [Repeat.caption, Resizing.caption]: return .interpolation
    case "rule", "class_name", "operation":
      let isPooling = [a, b].allSatisfy { $0.lowercased().contains("pool") }
      return isPooling || names.last == "rule" ? .pooling : .option
    default:
      return names.reversed().lazy.compactMap { kinds[$0] }.first ?? .option
    }
  }

  private static let kinds: [String: LikelyCause.Kind] = [
    "epsilon": .epsilon, "divisor": .epsilon, "eps": .epsilon,
    "pad": .padding, "padding": .padding, "output_padding": .padding,
    "activation": .activation, "recurrent_activation": .activation, "function": .activation,
    "candidateActivation": .activation, "tanh": .activation,
    "alpha": .slope, "negative_slope": .slope, "max_value": .slope, "threshold": .slope,
    "slope": .slope,
    "stride": .stride, "stride_x": .stride, "stride_y": .stride, "strides": .stride,
    "dilation": .dilation, "dilation_rate": .dilation,
    "groups": .groups, "group_id": .groups,
    "interpolation": .interpolation,
    "return_sequences": .sequences, "return_state": .sequences,
    "go_backwards": .direction, "reverse": .direction, "isReversed": .direction,
    "merge_mode": .direction,
    "axis": .axis, "axes": .axis,
    "anchors": .anchors, "mask": .mask,
    "classes": .classes, "tree": .classes, "map": .classes,
  ]

  /// Whether a Keras layer that is an activation is another one.
  private static func isOfActivations(_ difference: ModelDifference) -> Bool {
    difference.option == "class_name"
      && [difference.reference, difference.candidate].allSatisfy(activationClasses.contains)
  }

  private static let activationClasses: Set<String> = [
    "Activation", "ReLU", "LeakyReLU", "ELU", "PReLU", "ThresholdedReLU", "Softmax",
  ]

  /// `leakyRelu(slope: 0.1)` and `leakyRelu(slope: 0.2)`
  private static func isSameFunction(_ a: String, _ b: String) -> Bool {
    a.contains("(") && a.prefix { $0 != "(" } == b.prefix { $0 != "(" }
  }

  private static func hasSameParts(_ a: String, _ b: String) -> Bool {
    let parts = { (text: String) in
      text.split(separator: ",").map { $0.filter { $0 != " " } }.sorted()
    }
    return parts(a) == parts(b)
  }
}
