import ModelGraph

/// Of what runs along a sequence.
extension OperationChange {
  private static func cell(
    _ kind: RecurrentCell.Kind = .gated(resetsAfter: false),
    _ activation: ActivationFunction = .tanh,
    gate: ActivationFunction = .logistic
  ) -> RecurrentCell {
    let rows = kind.gates * 2
    return RecurrentCell(
      kind: kind, kernel: parameter([rows, 5]), stateKernel: parameter([rows, 2]),
      biases: parameter([rows]), activation: activation, gateActivation: gate)
  }

  static func recurrence(
    _ kind: RecurrentCell.Kind = .gated(resetsAfter: false),
    _ activation: ActivationFunction = .tanh,
    gate: ActivationFunction = .logistic, backwards: Bool = false, sequences: Bool = false,
    mask: Bool = false, zeroes: Bool = false
  ) -> Recurrence {
    Recurrence(
      cells: [cell(kind, activation, gate: gate)], goesBackwards: backwards,
      returnsSequences: sequences, hasMask: mask, zeroesMasked: zeroes)
  }

  private static func unit(_ activation: ActivationFunction, _ kernel: Shape = [5, 5]) -> DenseUnit
  {
    DenseUnit(
      product: FullyConnected(weights: parameter(kernel), biases: parameter([5])),
      normalization: nil, activation: activation)
  }

  private static func plain(
    _ activation: ActivationFunction = .tanh, keepsState: Bool = false, steps: Int = 2
  ) -> SimpleRecurrence<FullyConnected> {
    SimpleRecurrence(
      input: unit(.tanh), recurrence: unit(activation), output: unit(.tanh), keepsState: keepsState,
      timeSteps: steps)
  }

  private static let sequence: [Shape] = [[6, 5]]
  static let masked: [Shape] = [[6, 5], [6]]

  static let ofSequences: [OperationChange] = [
    OperationChange(
      "cells.0.kind", recurrence(), recurrence(.gated(resetsAfter: true)), sequence),
    OperationChange(
      "cells.0.activation", recurrence(), recurrence(.gated(resetsAfter: false), .mish), sequence),
    OperationChange(
      "cells.0.gateActivation", recurrence(), recurrence(gate: .hardTanh), sequence),
    OperationChange("goesBackwards", recurrence(), recurrence(backwards: true), sequence),
    OperationChange("returnsSequences", recurrence(), recurrence(sequences: true), sequence),
    OperationChange(
      "zeroesMasked", recurrence(sequences: true, mask: true),
      recurrence(sequences: true, mask: true, zeroes: true), masked),
    OperationChange("recurrence.activation", plain(), plain(.mish), [[5]]),
    OperationChange("keepsState", plain(), plain(keepsState: true), [[5]]),
    OperationChange("timeSteps", plain(), plain(steps: 3), [[5]]),
  ]
}

/// Of darknet's heads, whose values tell little of what they make of them.
extension OperationChange {
  private static func yolo(
    anchors: [Double] = [1, 2, 3, 4], mask: [Int] = [0], classes: Int = 2, scale: Double = 1,
    new: Bool = false
  ) -> YoloHead {
    YoloHead(
      anchors: anchors, mask: mask, classes: classes, scaleXY: scale, usesNewCoordinates: new)
  }

  private static func region(
    anchors: [Double] = [1, 2], softmax: Bool = true, groups: [Int]? = nil, planar: Bool = false,
    background: Bool = false
  ) -> RegionHead {
    RegionHead(
      anchors: anchors, boxes: 1, coordinates: 4, classes: 2, usesSoftmax: softmax,
      isPlanar: planar, hasBackground: background, classGroups: groups.map { .success($0) })
  }

  private static let seven: [Shape] = [[7, 3, 3]]

  static let ofHeads: [OperationChange] = [
    OperationChange("anchors", yolo(), yolo(anchors: [1, 2, 3, 5]), seven),
    OperationChange("mask", yolo(), yolo(mask: [1]), seven),
    OperationChange("scaleXY", yolo(), yolo(scale: 1.05), seven),
    OperationChange("usesNewCoordinates", yolo(), yolo(new: true), seven),
    OperationChange(
      "scaleXY", GaussianYoloHead(anchors: [1, 2], mask: [0], classes: 2, scaleXY: 1),
      GaussianYoloHead(anchors: [1, 2], mask: [0], classes: 2, scaleXY: 1.1), [[11, 3, 3]]),
    OperationChange("anchors", region(), region(anchors: [1, 3]), seven),
    OperationChange("usesSoftmax", region(), region(softmax: false), seven),
    OperationChange("classGroups", region(groups: [2]), region(groups: [1, 1]), seven),
    OperationChange("isPlanar", region(), region(planar: true), seven),
    OperationChange("hasBackground", region(), region(background: true), seven),
    OperationChange(
      "usesSoftmax", GridHead(side: 1, boxes: 1, coordinates: 4, classes: 2, usesSoftmax: true),
      GridHead(side: 1, boxes: 1, coordinates: 4, classes: 2, usesSoftmax: false), [[7]]),
  ]

  static let all = ofWindows + ofFunctions + ofArrangement + ofSequences + ofHeads

  /// What differs and, for values of these shapes, changes nothing.
  static let withoutMeaning: [OperationChange] = [
    OperationChange(
      "dilation", convolution(window(1), [8, 4, 1, 1]),
      convolution(window(1, dilation: 2), [8, 4, 1, 1]), image),
    OperationChange(
      "strides", convolution(window(9), [8, 4, 9, 9]),
      convolution(window(9, stride: 2), [8, 4, 9, 9]),
      image),
    OperationChange(
      "pooling", Pooling(.maximum, window: window(1)), Pooling(.average, window: window(1)), image),
    OperationChange(
      "kind", Pooling(.maximum, window: window(1, stride: 2)),
      Pooling(.average, window: window(1, stride: 2)), image),
    OperationChange(
      "padding", Pooling(.maximum, window: window(2, stride: 3)),
      Pooling(.maximum, window: window(2, stride: 3, after: 1)), image),
    OperationChange(
      "activation", Activation(.linear), Activation(.leakyRelu(slope: 1)), image),
    OperationChange(
      "activation", Activation(.relu(maximum: 6)),
      Activation(.thresholdedRelu(threshold: 0, slope: 0, maximum: 6)), image),
    OperationChange("axis", Concatenation(), Concatenation(axis: 0), images),
    OperationChange(
      "axes", Reduce(.mean, axes: [1, 2]), Reduce(.mean, axes: [2, 1]), image),
    OperationChange("rate", Dropout(probability: 0.1), Dropout(probability: 0.2), image),
    OperationChange(
      "step", Slice(axes: [.init(start: 1, count: 1)]),
      Slice(axes: [.init(start: 1, count: 1, step: 2)]), [[4]]),
    OperationChange(
      "gates", recurrence(.simple), recurrence(.simple, gate: .hardTanh), sequence),
    OperationChange(
      "zeroes", recurrence(sequences: true), recurrence(sequences: true, zeroes: true), sequence),
    OperationChange("dims", Transposition(order: [1, 0]), Reshaping(to: [4, 1]), [[1, 4]]),
  ]
}
