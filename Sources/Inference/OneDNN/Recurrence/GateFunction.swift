import COneDNN
import FileSupport
import ModelGraph

/// A function of gates: post-operations of their product where oneDNN has it, else a loop over the rows.
struct GateFunction: Sendable {
  private let function: ActivationFunction
  private let units: Int
  /// oneDNN's functions that are the function if one is applied after the other; `nil` if it has none.
  let chain: [EltwiseFunction]?

  /// A function of rows of `units` numbers.
  init(_ function: ActivationFunction, units: Int) {
    self.function = function
    self.units = units
    chain = function.chain
  }

  /// Whether it changes nothing.
  var isLinear: Bool { chain?.isEmpty ?? false }

  /// What follows the sums of a product.
  var postOperations: [PostOperation] { (chain ?? []).map(PostOperation.function) }

  /// Applies what no post-operation has.
  func finish(_ numbers: UnsafeMutablePointer<Float>, count: Int) {
    guard chain == nil else { return }
    for start in stride(from: 0, to: count, by: units) {
      let row = UnsafeMutableBufferPointer(start: numbers + start, count: units)
      for (index, value) in function.applied(toPixel: row.map(Double.init)).enumerated() {
        row[index] = Float(value)
      }
    }
  }
}

extension ActivationFunction {
  fileprivate var chain: [EltwiseFunction]? {
    switch simplified {
    case .linear: []
    // Keras's hard_sigmoid.
    case .leakyStep(let scale, let offset, slope: 0):
      [
        EltwiseFunction(
          kind: onednn_eltwise_linear, alpha: Float(scale), beta: Float(offset)),
        EltwiseFunction(kind: onednn_eltwise_clip, alpha: 0, beta: 1),
      ]
    default: eltwise.map { [$0] }
    }
  }
}

/// A gate's function by itself, over all numbers of a buffer.
struct BufferFunction: Sendable {
  private let function: GateFunction
  private let primitives: [Primitive]
  private let operand: Operand

  /// - Returns: `nil` where oneDNN has no implementation.
  init?(_ function: GateFunction, on operand: Operand) {
    self.function = function
    self.operand = operand
    var primitives: [Primitive] = []
    for eltwise in function.chain ?? [] {
      guard let primitive = Primitive.function(eltwise, operand.layout) else { return nil }
      primitives.append(primitive)
    }
    self.primitives = primitives
  }

  /// The function in the memory of a run.
  func bound(to memory: ExecutionMemory) throws(ModelFileError) -> Bound {
    var calls: [PrimitiveCall] = []
    for primitive in primitives {
      calls.append(
        try memory.call(
          primitive,
          [
            PrimitiveArgument(name: onednn_source, operand: operand),
            PrimitiveArgument(name: onednn_destination, operand: operand),
          ]))
    }
    return Bound(function: function, calls: calls, numbers: memory.numbers(operand))
  }

  /// A function in the memory of a run.
  struct Bound {
    fileprivate let function: GateFunction
    fileprivate let calls: [PrimitiveCall]
    fileprivate let numbers: UnsafeMutableBufferPointer<Float>

    /// Applies it.
    func execute() throws(ModelFileError) {
      for call in calls { try call.execute() }
      if let first = numbers.baseAddress { function.finish(first, count: numbers.count) }
    }
  }
}
