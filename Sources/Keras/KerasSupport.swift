/// A class, function or activation of Keras, and whether a forward pass computes it.
public struct KerasSupport: Sendable {
  /// What it is.
  public enum Kind: String, Sendable {
    /// A class of layers.
    case layer
    /// A function that a layer ends with, by its name.
    case activation
    /// A function of `keras.ops` that a model calls outside its layers.
    case function
  }

  /// What it is.
  public let kind: Kind
  /// Its name in a configuration.
  public let name: String
  /// The keys of a class's configuration, those aside that all layers have and those that mean nothing.
  public var keys: [KerasKeyDescription] = []
  /// Whether it is computed; a class that is not is listed, and refused where it would have to run.
  public let isComputed: Bool

  /// All of them, by kind and name: each class under each of its names.
  public static let all: [KerasSupport] = {
    let computed = KerasLayers.all.flatMap { [$0.className] + $0.aliases }
    let layers =
      NestedModel.classNames.union(computed).map {
        KerasSupport(kind: .layer, name: $0, keys: KerasLayers.keys(of: $0), isComputed: true)
      }
      + RefusedClasses.reasons.keys.map {
        KerasSupport(kind: .layer, name: $0, isComputed: false)
      }
    let activations = KerasActivations.names.map {
      KerasSupport(kind: .activation, name: $0, isComputed: KerasActivations.isComputed($0))
    }
    let functions = TensorFunction.Function.allCases.map {
      KerasSupport(kind: .function, name: $0.rawValue, isComputed: true)
    }
    return [layers, activations, functions].flatMap { $0.sorted { $0.name < $1.name } }
  }()
}
