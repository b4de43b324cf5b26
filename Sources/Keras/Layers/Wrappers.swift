import FileSupport
import ModelGraph

extension KerasLayers {
  /// A layer that is applied to each step of a sequence for itself.
  struct TimeDistributed: ReadOnlyLayerClass, UnroundedInputLayer {
    static let className = "TimeDistributed"
    /// A mask may be passed behind the sequence.
    static let callParameters = ["inputs", "training", "mask"]
    private var wrapped = InnerLayer()
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [.layer("layer", \.wrapped)]

    /// The layer.
    var inner: any KerasLayerClass { wrapped.layer }

    /// What the layer takes.
    var takesWholeNumbers: Bool {
      (inner as? any UnroundedInputLayer)?.takesWholeNumbers ?? false
    }

    /// Those of the layer.
    var ownsVariables: Bool { false }

    /// The layer's shape behind the steps.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let image = try inner.outputShape(of: [try step(of: inputs)])
      return KerasShape([inputs[0].extents[0]] + image.extents)
    }

    /// The layer's variables.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      try inner.variables(for: [try step(of: inputs)]).map {
        $0.inside(["layer"], isTrainable: wrapped.trains)
      }
    }

    private func step(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      let input = try inputs.main()
      guard input.rank >= 1 else {
        throw ModelFileError(.damaged, "takes a sequence", found: "\(input)")
      }
      return KerasShape(Array(input.extents.dropFirst()))
    }
  }

  /// A recurrent layer and another one that runs along the sequence from its end.
  struct Bidirectional: ReadOnlyLayerClass {
    static let className = "Bidirectional"
    static let callParameters = RNN.callParameters
    static let inputParameterCount = RNN.inputParameterCount
    /// What Keras 3's layout calls the two layers.
    static let owners = (forward: "forward_layer", backward: "backward_layer")
    /// How the two outputs are put together: `concat`, `sum`, `mul`, `ave`; `nil` leaves them apart.
    private var mergeMode: String? = "concat"
    /// The layer that runs from the beginning.
    private var forward = InnerLayer()
    /// The layer that runs from the end; the other one run the other way if the file has no configuration of its own
    /// for it.
    private var ownBackward: InnerLayer?
    private var backward: InnerLayer { ownBackward ?? forward }
    var configuration = JSONObject()

    static let keys: [KerasKey<Self>] = [
      .layer("layer", \.forward),
      .other(\.ownBackward, of: "backward_layer") { configuration throws(ModelFileError) in
        configuration.isSet("backward_layer")
          ? try configuration.innerLayer("backward_layer") : nil
      },
      KerasKey("merge_mode", \.mergeMode, .unwritten, json: { .string($0 ?? "") }) {
        (configuration, _) throws(ModelFileError) in
        guard configuration.value("merge_mode") != .null else { return nil }
        let mode = try configuration.text("merge_mode", default: "concat")
        guard ["concat", "sum", "mul", "ave"].contains(mode) else {
          throw configuration.wrong("merge_mode", expected: "concat, sum, mul or ave")
        }
        return mode
      },
    ]

    /// The layer's shape; the last extents add up for `concat`.
    func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try outputShapes(of: inputs).main()
    }

    /// The outputs, and the states of both layers if they are asked for.
    func outputShapes(of inputs: [KerasShape]) throws(ModelFileError) -> [KerasShape] {
      let first = try forward.layer.outputShapes(of: inputs)
      let second = try backward.layer.outputShapes(of: inputs)
      let (one, other) = (try first.main(), try second.main())
      let states = first.dropFirst() + second.dropFirst()
      switch mergeMode {
      case nil: return [one, other] + states
      case "concat":
        let width = one.extents.last.flatMap { one in
          other.extents.last.flatMap { other in one.flatMap { one in other.map { one + $0 } } }
        }
        return [KerasShape(one.extents.dropLast() + [width])] + states
      default: return [one] + states
      }
    }

    /// Those of the layers.
    var ownsVariables: Bool { false }

    /// The variables of both layers.
    func variables(
      for inputs: [KerasShape]
    ) throws(ModelFileError) -> [KerasVariableForm] {
      let one = try forward.layer.variables(for: inputs)
      let other = try backward.layer.variables(for: inputs)
      return one.map {
        $0.inside([Self.owners.forward], prefix: "forward", isTrainable: forward.trains)
      }
        + other.map {
          $0.inside([Self.owners.backward], prefix: "backward", isTrainable: backward.trains)
        }
    }
  }
}

extension KerasLayers.TimeDistributed {
  /// Whether a mask of samples changes what the layer inside computes.
  private var takesMask: Bool {
    // Of the global poolings, which are one class here, only this one asks for a mask.
    if inner.className.hasPrefix("Global") { return inner.className == "GlobalAveragePooling1D" }
    if inner is KerasLayers.BatchNormalization { return false }
    return type(of: inner).callParameters.contains("mask")
      || inner is KerasLayers.GroupNormalization
  }

  /// The layer on all steps at once, as if they were further samples.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let inputs = try context.compute(in: wrapped.policy, of: inner, on: [try call.input()])
    guard let input = inputs.first else { return [] }
    let steps = context.shape(input).extents.first ?? 0
    let mask = try call.tensor("mask")?.node ?? input.mask
    var step = KerasValue(try context.add(FoldIntoBatch(), on: [input.node]))
    if let mask, context.shape(KerasValue(mask)).rank > 1 || inner is NestedModel {
      step.mask = try context.add(FoldIntoBatch(), on: [mask])
    } else if mask != nil, takesMask {
      throw ModelFileError(
        .unsupported, at: [.option("mask")],
        "a mask of steps reaches the layer inside as one of samples, which Keras lines up with the last axis of the values",
        expected: "no mask, or one with the axes of the values")
    }
    var results: [KerasValue] = []
    for value in try inner.lower(LayerCall([step]), at: &context) {
      let node = try context.add(UnfoldFromBatch(count: steps), on: [value.node])
      let own = context.generation == .third ? nil : value.mask
      let unfolded = try own.map { (own) throws(ModelFileError) in
        try context.add(UnfoldFromBatch(count: steps), on: [own])
      }
      // Keras 2 goes by the mask that the layer makes, and else by the steps that count at all
      // (`time_distributed.py: compute_mask`).
      let kept =
        context.generation == .third
        ? mask
        : try mask.map { (mask) throws(ModelFileError) in
          try context.steps(ofMask: mask)
        }
      results.append(KerasValue(node, mask: unfolded ?? kept))
    }
    return results
  }
}

extension KerasLayers.Bidirectional {
  init(_ configuration: KerasConfiguration) throws(ModelFileError) {
    self = try Self.read(configuration)
    let ahead = try forward.sequenceLayer().run
    let back = try ownBackward?.sequenceLayer().run ?? ahead.reversed
    for (option, isRight) in [
      ("return_sequences", ahead.returnsSequences == back.returnsSequences),
      ("return_state", ahead.returnsState == back.returnsState),
      ("go_backwards", ahead.goesBackwards != back.goesBackwards),
    ] where !isRight {
      throw ModelFileError(
        .damaged, at: [.option("backward_layer")],
        "its '\(option)' does not go with that of the layer ahead, so that Keras refuses the model",
        expected: option == "go_backwards" ? "the other direction" : "the same")
    }
  }

  /// Both layers; what the second one puts out for each step is turned around.
  func lower(
    _ call: LayerCall, at context: inout LoweringContext
  ) throws(ModelFileError) -> [KerasValue] {
    let ahead = try forward.sequenceLayer()
    let back = try ownBackward?.sequenceLayer() ?? ahead.reversed
    let inputs = try context.compute(in: forward.policy, of: ahead, on: call.inputs)
    try context.requireSameType(backward.policy, of: back)
    guard let input = inputs.first else { return [] }
    let states = Array(inputs.dropFirst())
    guard states.count % 2 == 0 else {
      throw ModelFileError(
        .damaged, "takes the states of both layers", expected: "an even number",
        found: "\(states.count)")
    }
    let half = states.count / 2
    // Where all steps are put out, those that don't count are 0 whatever the layers say.
    let one = try ahead.zeroingSteps.lower(
      call.with([input] + states.prefix(half)), at: &context)
    let other = try back.zeroingSteps.lower(
      call.with([input] + states.suffix(half)), at: &context)
    guard let first = one.first, var second = other.first else { return [] }
    let mask = first.mask
    if ahead.run.returnsSequences { second = try context.reversed(second) }
    let rest = Array(one.dropFirst() + other.dropFirst())
    let merged: KerasValue
    switch mergeMode {
    case nil: return [first, KerasValue(second.node, mask: mask)] + rest
    case "concat":
      let axis = context.shape(first).rank - 1
      merged = KerasValue(
        try context.add(Concatenation(axis: axis), on: [first.node, second.node]))
    case "sum": merged = try context.combine(.sum, [first, second])
    case "ave": merged = try context.combine(.mean, [first, second])
    default: merged = try context.combine(.product, [first, second])
    }
    return [KerasValue(merged.node, mask: mask)] + rest
  }
}

extension InnerLayer {
  fileprivate func sequenceLayer() throws(ModelFileError) -> any SequenceLayer {
    guard let layer = layer as? any SequenceLayer else {
      throw ModelFileError(
        .unsupported, at: [.option("layer")],
        "a Bidirectional around '\(layer.className)' is not supported")
    }
    return layer
  }
}

extension LoweringContext {
  /// A mask of the steps in which anything counts.
  fileprivate mutating func steps(ofMask mask: Int) throws(ModelFileError) -> Int {
    let rank = shape(KerasValue(mask)).rank
    guard rank > 1 else { return mask }
    return try add(Reduce(.maximum, axes: Array(1..<rank), keepsAxes: false), on: [mask])
  }

  /// A value with its first axis the other way round.
  mutating func reversed(_ value: KerasValue) throws(ModelFileError) -> KerasValue {
    let extents = shape(value).extents
    let axes = extents.enumerated().map { axis, extent in
      Slice.Axis(start: axis == 0 ? extent - 1 : 0, count: extent, step: axis == 0 ? -1 : 1)
    }
    return try applyWithoutMask(Slice(axes: axes), to: value)
  }
}
