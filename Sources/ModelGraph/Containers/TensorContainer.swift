import FileSupport

/// A named tensor of a container: its shape and type as stored, its bytes where they lie.
public struct StoredTensor: Sendable {
  /// The name, unique in its container.
  public let name: String
  /// The shape as stored; of rank 0 for a single number.
  public let shape: Shape
  /// The type of an element as the container calls it: `BF16`.
  public let typeName: String
  /// The type of an element; `nil` for one that nothing here computes with.
  public let elementType: ElementType?
  /// Where the bytes begin in the file, if they lie there in one piece.
  public let offset: UInt64?
  /// The bytes, little endian, in C order.
  public let source: any TensorSource

  /// A tensor.
  public init(
    name: String, shape: Shape, typeName: String, elementType: ElementType?, offset: UInt64?,
    source: any TensorSource
  ) {
    self.name = name
    self.shape = shape
    self.typeName = typeName
    self.elementType = elementType
    self.offset = offset
    self.source = source
  }

  /// Its numbers as a type that can be computed with.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if they have none.
  public func numbers() throws(ModelFileError) -> OrderedTensor {
    guard let elementType else {
      throw ModelFileError(
        .unsupported, at: [.array(name)], "numbers of type '\(typeName)' can't be computed with",
        expected: ElementType.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return OrderedTensor(
      source: source, elementType: elementType, view: StridedView(contiguous: shape))
  }
}

/// A file of named tensors that does not say what model they are of.
///
/// Invariant: no two tensors have the same name.
public struct TensorContainer: Sendable {
  /// The file.
  public let file: InputFile
  /// The tensors in the order of their bytes.
  public let tensors: [StoredTensor]
  /// What the file says of itself, in its order.
  public let metadata: [(key: String, value: String)]
  /// What is odd.
  public let warnings: [ModelWarning]
  private let positions: [String: Int]

  /// A container.
  public init(
    file: InputFile, tensors: [StoredTensor], metadata: [(key: String, value: String)],
    warnings: [ModelWarning] = []
  ) {
    self.file = file
    self.tensors = tensors
    self.metadata = metadata
    self.warnings = warnings
    positions = Dictionary(
      tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The tensor of a name.
  public subscript(name: String) -> StoredTensor? { positions[name].map { tensors[$0] } }

  /// What the metadata say under a key.
  public func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }

  /// The tensor that holds a parameter of a model.
  ///
  /// - Returns: `nil` if there is none of this name.
  /// - Throws: `ModelFileError` of kind `damaged` if it has another shape.
  public func tensor(
    for parameter: String, shape: Shape
  ) throws(ModelFileError) -> StoredTensor? {
    guard let tensor = self[parameter] else { return nil }
    guard tensor.shape == shape else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.array(parameter)], "the tensor has another shape",
        expected: "\(shape)", found: "\(tensor.shape)",
        remedy: "check that the file belongs to this architecture")
    }
    return tensor
  }

  /// Checks that every tensor is one of a model's parameters: one that nobody takes would be passed over in silence.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` that names the first.
  public func requireAll(in parameters: Set<String>) throws(ModelFileError) {
    guard let stray = tensors.first(where: { !parameters.contains($0.name) }) else { return }
    throw ModelFileError(
      .damaged, file: file.path, at: [.array(stray.name)],
      "the model has no parameter of this name",
      expected: Self.some(parameters.sorted()), found: "\(stray.typeName) \(stray.shape)",
      remedy: "check that the file belongs to this architecture")
  }

  /// The error about a parameter that has no tensor.
  public func missing(_ parameter: String, shape: Shape) -> ModelFileError {
    ModelFileError(
      .damaged, file: file.path, at: [.array(parameter)], "the file has no tensor of this name",
      expected: "\(parameter) \(shape)", found: Self.some(tensors.map(\.name)),
      remedy: "check that the file belongs to this architecture")
  }

  private static func some(_ names: [String]) -> String {
    names.isEmpty
      ? "none"
      : names.prefix(3).map(\.escapedForTerminal).joined(separator: ", ")
        + (names.count > 3 ? ", … (\(names.count))" : "")
  }
}
