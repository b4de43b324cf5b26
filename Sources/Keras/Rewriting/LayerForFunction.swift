import FileSupport
import ModelGraph

/// The layer that computes what a function computes which a model calls outside of layers, for those who have no such
/// function: `x + y` is an `Add`, `x * 0.1` a `Rescaling`.
///
/// Whether it really computes the same is not decided here but by ``RewritingProof``, as of all that is rewritten.
struct LayerForFunction {
  /// The layer.
  let layerClass: any KerasLayerClass
  /// The values that it is called with.
  let inputs: [KerasTensorReference]

  /// - Parameters:
  ///   - function: the function.
  ///   - call: its only call.
  ///   - shapes: the shape of a value, `nil` where it is not known; that of what the call gives is asked for by `nil`.
  init?(
    _ function: TensorFunction, _ call: KerasCall, shapes: (KerasTensorReference?) -> KerasShape?
  ) {
    let arguments = Arguments(function, call)
    guard let found = Self.layer(of: function, arguments, shapes), arguments.isUsedUp else {
      return nil
    }
    layerClass = found
    inputs = call.references
  }

  private static func layer(
    of function: TensorFunction, _ arguments: Arguments,
    _ shapes: (KerasTensorReference?) -> KerasShape?
  ) -> (any KerasLayerClass)? {
    guard case .function(let kind) = function.kind else { return nil }
    switch kind {
    case .add, .subtract, .multiply, .maximum, .minimum:
      return combination(kind, arguments.pair(), shapes)
    default: break
    }
    if kind == .concatenate {
      guard arguments.takeValues() else { return nil }
      return KerasLayers.Concatenate(axis: arguments.integer("axis") ?? 0)
    }
    guard let input = arguments.takeValue() else { return nil }
    switch kind {
    case .negative: return KerasLayers.Rescaling(scale: -1)
    case .relu, .sigmoid, .tanh, .elu, .selu, .softplus, .softsign:
      return KerasLayers.Activation(kind.rawValue)
    case .silu: return KerasLayers.Activation("swish")
    case .exp: return KerasLayers.Activation("exponential")
    case .identity, .copy, .stopGradient: return KerasLayers.Activation("linear")
    case .relu6: return KerasLayers.ReLU(maximum: 6)
    case .leakyRelu:
      return KerasLayers.LeakyReLU(
        slope: arguments.number("negative_slope", "alpha") ?? TensorFunction.leakySlope)
    case .softmax: return KerasLayers.Softmax(axes: [arguments.integer("axis") ?? -1])
    case .reshape, .expandDims, .squeeze:
      arguments.ignore("newshape", "shape", "axis")
      return shapes(nil)?.known.map { KerasLayers.Reshape($0.extents) }
    case .transpose:
      guard !arguments.truth("conjugate"), let order = arguments.integers("axes", "perm"),
        order.first == 0
      else { return nil }
      return KerasLayers.Permute(Array(order.dropFirst()))
    case .mean, .max, .amax: return pooling(kind, arguments, rank: shapes(input)?.rank)
    default: return nil
    }
  }

  /// Two values, or one and a number.
  private static func combination(
    _ kind: TensorFunction.Function, _ pair: [KerasArgument],
    _ shapes: (KerasTensorReference?) -> KerasShape?
  ) -> (any KerasLayerClass)? {
    guard pair.count == 2 else { return nil }
    switch (pair[0], pair[1]) {
    case (.tensor(let one), .tensor(let other)):
      // Layers put values of different rank under each other in another way.
      guard let rank = shapes(one)?.rank, rank == shapes(other)?.rank else { return nil }
      switch kind {
      case .add: return KerasLayers.Add()
      case .subtract: return KerasLayers.Subtract()
      case .multiply: return KerasLayers.Multiply()
      case .maximum: return KerasLayers.Maximum()
      case .minimum: return KerasLayers.Minimum()
      default: return nil
      }
    case (.tensor, .constant(let constant)):
      guard let number = constant.double else { return nil }
      switch kind {
      case .add: return KerasLayers.Rescaling(scale: 1, offset: number)
      case .subtract: return KerasLayers.Rescaling(scale: 1, offset: -number)
      case .multiply: return KerasLayers.Rescaling(scale: number)
      case .maximum where number == 0: return KerasLayers.Activation("relu")
      default: return nil
      }
    case (.constant(let constant), .tensor):
      guard let number = constant.double else { return nil }
      switch kind {
      case .add: return KerasLayers.Rescaling(scale: 1, offset: number)
      case .subtract: return KerasLayers.Rescaling(scale: -1, offset: number)
      case .multiply: return KerasLayers.Rescaling(scale: number)
      default: return nil
      }
    default: return nil
    }
  }

  /// One number of each channel, which stands last.
  private static func pooling(
    _ kind: TensorFunction.Function, _ arguments: Arguments, rank: Int?
  ) -> (any KerasLayerClass)? {
    guard let rank, (2...4).contains(rank), let axes = arguments.integers("axis"),
      axes.map({ $0 < 0 ? $0 + rank + 1 : $0 }).sorted() == Array(1..<rank)
    else { return nil }
    let keeps = arguments.truth("keepdims")
    let axesName = "\(rank - 1)D"
    return kind == .mean
      ? KerasLayers.GlobalAveragePooling2D(
        className: "GlobalAveragePooling\(axesName)", keepsAxes: keeps)
      : KerasLayers.GlobalMaxPooling2D(className: "GlobalMaxPooling\(axesName)", keepsAxes: keeps)
  }
}

/// What a function was given, each argument taken once; those of Keras 3 stand in the configuration or the call.
private final class Arguments {
  private var positional: [KerasArgument]
  private var named: [String: KerasArgument] = [:]

  init(_ function: TensorFunction, _ call: KerasCall) {
    positional = call.arguments
    // In Keras 2's way the first argument of a call stands in a list, too.
    if call.isListed, case .list(let elements)? = positional.first, elements.count == 1 {
      positional[0] = elements[0]
    }
    for (name, value) in call.named { named[name] = value }
    guard !function.isTensorFlow else { return }
    for (key, value) in function.configuration { named[key] = .constant(value) }
  }

  /// Whether nothing is left that could mean something.
  var isUsedUp: Bool {
    positional.isEmpty
      && named.allSatisfy { ["name", "dtype", "trainable"].contains($0.key) || $0.value.isNull }
  }

  private func take(_ names: [String]) -> KerasArgument? {
    for name in names {
      if let value = named.removeValue(forKey: name), !value.isNull { return value }
    }
    return nil
  }

  /// The two operands.
  func pair() -> [KerasArgument] {
    defer { positional = [] }
    let others = [take(["x1", "x", "a"]), take(["x2", "y", "b"])].compactMap(\.self)
    return positional + others
  }

  /// The only value of the model.
  func takeValue() -> KerasTensorReference? {
    if let first = positional.first {
      // What else was passed by its place is asked for by name.
      guard case .tensor(let reference) = first, positional.count == 1 else { return nil }
      positional = []
      return reference
    }
    for (name, value) in named {
      guard case .tensor(let reference) = value else { continue }
      named[name] = nil
      return reference
    }
    return nil
  }

  /// Whether the first argument is a list of values, which is taken.
  func takeValues() -> Bool {
    let list = positional.first ?? take(["xs", "values", "arrays"])
    guard case .list(let elements)? = list, positional.count <= 1,
      elements.allSatisfy({ if case .tensor = $0 { true } else { false } })
    else { return false }
    positional = []
    return true
  }

  func integer(_ names: String...) -> Int? { take(names)?.constant?.int }

  func number(_ names: String...) -> Double? { take(names)?.constant?.number }

  func truth(_ names: String...) -> Bool { take(names)?.constant?.pythonTruth ?? false }

  /// Whole numbers, one or several.
  func integers(_ names: String...) -> [Int]? {
    guard let value = take(names)?.constant else { return nil }
    let numbers = (value.elements ?? [value]).map(\.int)
    return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
  }

  /// Takes what the shape of the result tells as well.
  func ignore(_ names: String...) { for name in names { named[name] = nil } }
}
