import FileSupport

/// Learned values that no input changes (darknet's `implicit` layer, `representation_layer.c`).
///
/// It takes one value, of which nothing but the size of the batch matters: every sample of the result
/// is the parameter.
public struct LearnedConstant: Operation {
  /// The values, of the shape of the result.
  public let values: Parameter
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// A constant.
  public init(values: Parameter) { self.values = values }

  /// The shape of the parameter.
  public func outputShape(of inputs: [Shape], layout: ImageLayout) throws(ModelFileError) -> Shape {
    _ = try inputs.only()
    return values.shape
  }

  /// The values.
  public var parameters: [Parameter] { [values] }
}

extension LearnedConstant: OrderFollowing {}

/// Zeros of the input's shape: the buffer of a layer that computes a loss and therefore writes nothing
/// at inference (darknet's `[cost]` and `[contrastive]`).
///
/// A model's output is never such a node where something else can be: see `Network.graph`.
public struct Zeros: Operation {
  /// What becomes of the inputs' errors.
  public var errorPropagation: ErrorPropagation { .relative }

  /// Zeros.
  public init() {}
}

extension Zeros: LayoutFollowing {}
