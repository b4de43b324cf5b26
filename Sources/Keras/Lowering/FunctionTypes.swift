import FileSupport
import ModelGraph

/// In which type a function computes and what type its result is of, by the rules of both Kerases for functions that
/// are called outside any layer: they take values as they are, and cast nothing to a layer's type.
///
/// Source: `keras/src/backend/tensorflow/numpy.py`, `tensorflow/python/ops/math_ops.py`.
extension TensorFunction {
  /// The type in which the function computes.
  func elementType(in call: LayerCall) -> ElementType {
    guard case .function(let function) = kind else { return call.promotion() }
    switch function {
    case .add, .subtract, .multiply, .trueDivide, .divide, .power, .maximum, .minimum, .floorDivide:
      return call.promotion(withConstants: true)
    case .mod:
      // Keras makes a tensor of the number first, which then is no longer of any type.
      return call.promotion(withConstants: true, areTensors: !isTensorFlow)
    case .selection: return call.promotion(skipping: 1, withConstants: true)
    default: return call.promotion()
    }
  }
}

extension TensorFunction.Function {
  /// The type of the result; `nil` if the function itself says it.
  ///
  /// - Parameter type: in which it computes.
  func resultType(of type: ElementType) -> ElementType? {
    switch self {
    case .cast, .convertToTensor: nil
    case .mean: type.isFloating ? type : nil
    case .equal, .notEqual, .greater, .greaterEqual, .less, .lessEqual, .logicalAnd, .logicalOr,
      .logicalNot, .any, .all:
      .bool
    case .sum, .prod: type == .bool ? .int32 : type
    case .add, .subtract, .multiply, .power, .maximum, .minimum, .negative, .absolute, .abs,
      .square, .clip, .round, .max, .min, .amax, .amin, .reshape, .transpose, .expandDims, .squeeze,
      .concatenate, .stack, .matmul, .dot, .getItem, .relu, .relu6, .onesLike, .zerosLike,
      .selection,
      .pad, .split, .swapaxes, .flip, .repeat, .floorDivide, .mod, .unstack, .stopGradient, .copy,
      .identity:
      type
    case .trueDivide, .divide, .average, .softmax, .leakyRelu, .gelu,
      .sigmoid, .tanh, .exp, .elu, .selu, .silu, .softplus, .softsign, .hardSigmoid, .logSigmoid,
      .hardSilu, .hardTanh, .celu, .mish, .logSoftmax, .glu, .sparsemax, .hardShrink, .softShrink,
      .squareplus, .threshold, .sparsePlus, .sparseSigmoid, .reciprocal, .var, .std, .logsumexp,
      .tanhShrink:
      type.isFloating ? type : .float32
    }
  }

  /// Refuses sums and products of numbers that are so small that they don't fit into their type: Keras's turn over
  /// there. Of truths it has none.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported`.
  func requireRoom(in type: ElementType) throws(ModelFileError) {
    switch self {
    case .add, .subtract, .multiply, .power, .negative, .absolute, .abs, .square, .matmul:
      guard !type.overflowsSoon else { throw Self.misfit(type) }
    case .sum, .prod: guard type == .bool || !type.overflowsSoon else { throw Self.misfit(type) }
    default: break
    }
  }

  private static func misfit(_ type: ElementType) -> ModelFileError {
    ModelFileError(
      .unsupported, "the function's result may not fit into the type of its values",
      expected: "floats, or whole numbers of 32 bits or more", found: type.rawValue)
  }
}

extension ElementFunction.Function {
  /// The type of the result.
  func resultType(of type: ElementType) -> ElementType {
    switch self {
    case .isnan, .isfinite, .isinf: .bool
    case .sign: type
    default: type.isFloating ? type : .float32
    }
  }
}

extension LayerCall {
  /// The type of what is made of the values that the call is made with.
  ///
  /// - Parameters:
  ///   - count: how many arguments from the first on don't count.
  ///   - withConstants: whether numbers count. They take on the type of the values beside them where that has room.
  ///   - areTensors: whether numbers are made tensors before, whose type counts as a value's.
  func promotion(
    skipping count: Int = 0, withConstants: Bool = false, areTensors: Bool = false
  ) -> ElementType {
    let leaves = arguments.dropFirst(count).flatMap(\.leaves)
    var types: [ElementType] = []
    var numbers: [ElementType] = []
    for leaf in leaves {
      switch leaf {
      case .tensor(let reference):
        if let value = try? value(of: reference) { types.append(value.type) }
      case .constant(.integer): numbers.append(.int32)
      case .constant(.number): numbers.append(.float32)
      case .constant(let value):
        if let type = value["config"]?["dtype"]?.text.flatMap(ElementType.init), withConstants {
          types.append(type)
        }
      case .list, .dictionary: break
      }
    }
    guard withConstants else { return .promotion(of: types) }
    if areTensors || types.isEmpty { return .promotion(of: types + numbers) }
    let type = ElementType.promotion(of: types)
    // A whole number fits to whole numbers and a fraction to fractions, of however many bits.
    let unfit = numbers.filter {
      type == .bool || ($0.isFloating && !type.isFloating)
    }
    return .promotion(of: unfit + [type])
  }
}
