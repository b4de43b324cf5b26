import ModelGraph

/// The name and shape of a variable that a layer has.
public struct KerasVariableForm: Sendable, Equatable {
  /// The name within the layer.
  public let name: String
  /// The shape.
  public let shape: Shape
  /// What it is for, in the words of the graph.
  public let role: ParameterRole
  /// Whether training changes it; the legacy layout stores those that it does not change last.
  public let isTrainable: Bool
  /// The object inside the layer that it belongs to, by Keras's names of attributes: `cell`,
  /// `forward_layer`, `cell`; a container's name is followed by that of one of its layers.
  public let owner: [String]
  /// How many variables of other objects Keras 3's layout has before it among those of its owner, which
  /// refers to them.
  public let copiesBefore: Int
  /// Which files have it.
  let presence: Presence
  /// How Keras 1 keeps it, where that is not as today.
  private(set) var older: Older?

  /// How Keras 1 keeps a variable.
  enum Older: Sendable, Equatable {
    /// A kernel for sequences, as that of an image one cell wide: `[k, 1, in, filters]`.
    case imageKernel
    /// A kernel with the channels first: `[filters, in, h, w]`.
    case turnedKernel
    /// The first of three arrays for each gate: kernel, kernel of the state, bias. Today one array has those of all gates,
    /// in this order.
    case gates([Int])
  }

  /// Which files have a variable.
  enum Presence: Sendable {
    /// All.
    case everywhere
    /// Those of the legacy layout. Keras 3's has it folded into the first variable of its layer.
    case legacyLayout
    /// Those of models that were called before they were saved: Keras 3 builds a layer in the place of a function, and
    /// with it its variables, when it has numbers to work on.
    case onceBuilt
  }

  /// A form.
  public init(
    _ name: String, _ shape: Shape, _ role: ParameterRole, isTrainable: Bool = true,
    owner: [String] = [], copiesBefore: Int = 0
  ) {
    self.init(
      name, shape, role, isTrainable: isTrainable, owner: owner, copiesBefore: copiesBefore,
      presence: .everywhere)
  }

  init(
    _ name: String, _ shape: Shape, _ role: ParameterRole, isTrainable: Bool = true,
    owner: [String] = [], copiesBefore: Int = 0, presence: Presence
  ) {
    self.presence = presence
    self.copiesBefore = copiesBefore
    self.name = name
    self.shape = shape
    self.role = role
    self.isTrainable = isTrainable
    self.owner = owner
  }

  /// The same as Keras 1 keeps it.
  func kept(_ older: Older?) -> KerasVariableForm {
    var form = self
    form.older = older
    return form
  }

  /// The same inside of a wrapper.
  func inside(
    _ outer: [String], prefix: String? = nil, isTrainable keepsTraining: Bool = true,
    presence: Presence? = nil
  ) -> KerasVariableForm {
    KerasVariableForm(
      prefix.map { "\($0)/\(name)" } ?? name, shape, role,
      isTrainable: isTrainable && keepsTraining, owner: outer + owner, copiesBefore: copiesBefore,
      presence: presence ?? self.presence
    ).kept(older)
  }
}

extension ParameterRole {
  /// How much data statistics were taken of.
  static let count = ParameterRole(rawValue: "count")
}
