import Darknet
import FileSupport
import ModelGraph

/// What a file holds, as far as it can be held against another one: tensors, layers with their options, and
/// what the file says of itself.
package struct ModelContents: Sendable {
  /// What a tensor is there for.
  package enum Role: String, Sendable {
    /// A number that the model computes with.
    case parameter
    /// What an optimizer keeps for going on with the training.
    case optimizer
    /// Anything else.
    case other
  }

  /// A named tensor.
  package struct Tensor: Sendable {
    /// The layer that has it, if it is one's.
    package var layer: String?
    /// The name, without the layer's.
    package var array: String
    /// The shape.
    package var shape: Shape
    /// The type of an element as the file calls it.
    package var typeName: String
    /// The numbers in the C order of the shape; those of a type that nothing computes with as bytes. `nil` if
    /// they can't be had.
    package var numbers: OrderedTensor?
    /// Why they can't.
    package var unread: String?
    /// What it is for.
    package var role = Role.parameter
    /// How its bytes lie in the file, where a format has several ways.
    package var storage: String?
    /// What a number may differ by, relative to itself, because a conversion had to round it.
    package var rounding = 0.0

    /// A tensor of a layer, or of none.
    package init(
      layer: String? = nil, array: String, shape: Shape, typeName: String,
      numbers: OrderedTensor? = nil
    ) {
      self.layer = layer
      self.array = array
      self.shape = shape
      self.typeName = typeName
      self.numbers = numbers
    }

    /// The name: `convolutional_12.weights`.
    package var name: String { layer.map { "\($0).\(array)" } ?? array }
  }

  /// A layer with its options.
  package struct Layer: Sendable {
    /// The name.
    package var name: String
    /// What kind of a layer it is: `convolutional`, `Conv2D`.
    package var kind: String
    /// The options by the names of the format.
    package var options: [LayerSettings.Entry]
  }

  /// The path, or what the file is called in a report.
  package var path: String
  /// The format, as `inspect` calls it; `none` where there is no file.
  package var format: String
  /// The size in bytes.
  package var bytes: UInt64
  /// By whose rules the options are written: two files of one vocabulary are compared option by option. `nil`
  /// if it has no options.
  package var vocabulary: String?
  /// Whether layers are named by their places, as darknet's are.
  package var namesArePlaces = false
  /// Whether the order of tensors means something.
  package var hasOrder = false
  /// The tensors in the file's order.
  package var tensors: [Tensor] = []
  /// The layers in order.
  package var layers: [Layer] = []
  /// What the file says of itself.
  package var metadata: [LayerSettings.Entry] = []
  /// What is odd.
  package var warnings: [ModelWarning] = []

  /// Contents to be filled in.
  package init(path: String, format: String, bytes: UInt64) {
    self.path = path
    self.format = format
    self.bytes = bytes
  }

  /// The format of a file that there is not.
  package static let noFormat = "none"

  /// In place of a file that there is not.
  package static func none(_ path: String) -> ModelContents {
    ModelContents(path: path, format: noFormat, bytes: 0)
  }

  /// Whether there is a file.
  package var isThere: Bool { format != Self.noFormat }

  /// Notes a fact.
  mutating func note(_ key: String, _ value: String) {
    metadata.append(LayerSettings.Entry(key: key, value: value))
  }
}
