import FileSupport

/// A format of files that hold named tensors and say nothing of the model: one of these is a target of its own and a line
/// in the list of formats (`Sources/ModelFiles/Formats/ModelFormats.swift`).
///
/// The names of parameters are those of the graph (``Parameter/name``): `convolutional_0.weights`, `dense.kernel`.
public protocol TensorFormat: Sendable {
  /// What it is called in JSON and by `--to`: `safetensors`.
  var name: String { get }
  /// The endings of names that ask for it, in lower case with the dot.
  var endings: [String] { get }
  /// What it is called in messages.
  var title: String { get }

  /// Whether the content of a file is of this format, sound or damaged.
  ///
  /// - Throws: `ModelFileError` if it can't be read.
  func recognizes(_ file: InputFile) throws(ModelFileError) -> Bool

  /// Reads what the file says of its tensors; their bytes are read when asked for.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` with the place for what breaks the format's rules.
  func open(_ file: InputFile) throws(ModelFileError) -> TensorContainer

  /// Writes tensors one after another.
  ///
  /// - Parameters:
  ///   - tensors: the tensors with their names and shapes; each is walked in its order.
  ///   - metadata: what the file says of itself.
  ///   - output: the file, not yet committed.
  ///   - progress: called while bytes pass, with how many are done.
  /// - Throws: `ModelFileError` of any of the files, `unsupported` for what the format can't hold.
  func write(
    _ tensors: [NamedTensor], metadata: [(key: String, value: String)], to output: OutputFile,
    progress: (UInt64) -> Void
  ) throws(ModelFileError)
}

/// A tensor to be written.
public struct NamedTensor: Sendable {
  /// The name.
  public let name: String
  /// The shape in which it is written.
  public let shape: Shape
  /// The bytes and their order.
  public let tensor: OrderedTensor

  /// A tensor to be written.
  public init(name: String, shape: Shape, tensor: OrderedTensor) {
    self.name = name
    self.shape = shape
    self.tensor = tensor
  }

  /// How many bytes it has.
  public var byteCount: UInt64 {
    UInt64(clamping: shape.elementCount.clampedProduct(tensor.elementType.byteCount))
  }
}
