import ModelGraph

/// An array of a layer as it stands in a `.weights` file.
public struct StoredArray: Sendable, Equatable {
  /// The name within the layer: `weights`, `input_z.biases`.
  public let name: String
  /// What it is for.
  public let role: ParameterRole
  /// The shape as the layer's formula has it; the file holds it in C order.
  public let shape: Shape
  /// Whether a file with transposed matrices (version above 1000) holds it the other way round.
  public let isMatrix: Bool

  /// An array; its name is its role's.
  init(_ role: ParameterRole, _ shape: Shape, isMatrix: Bool = false) {
    self.init(role.rawValue, role, shape, isMatrix: isMatrix)
  }

  /// An array of a part of a layer.
  init(_ name: String, _ role: ParameterRole, _ shape: Shape, isMatrix: Bool = false) {
    self.name = name
    self.role = role
    self.shape = shape
    self.isMatrix = isMatrix
  }

  /// The same array of a part of a layer: `weights` of `wf` is `wf.weights`.
  func of(part: String) -> StoredArray {
    StoredArray("\(part).\(name)", role, shape, isMatrix: isMatrix)
  }

  /// Floats in the file.
  public var count: Int { shape.elementCount }
}
