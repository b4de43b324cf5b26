import FileSupport

/// Which Keras a model was made by, where they compute differently under one name.
public enum KerasGeneration: Int, Sendable, Comparable {
  /// Keras 1.
  case first = 1
  /// Keras 2, `tf.keras` and tf_keras.
  case second
  /// Keras 3.
  case third

  /// The generation of a version: `2.3.1`, `2.5.0-tf`. Without one the configuration tells it: Keras 3
  /// writes the module of each layer.
  public init(version: String?, configuration: JSONValue) {
    let major = version?.split(separator: ".").first.flatMap { Int($0) }
    if let major {
      self = major <= 1 ? .first : major == 2 ? .second : .third
      return
    }
    let layers = configuration["config"]?["layers"] ?? configuration["config"]
    self = layers?[0]?["module"] == nil ? .second : .third
  }

  /// The older is less.
  public static func < (a: KerasGeneration, b: KerasGeneration) -> Bool { a.rawValue < b.rawValue }
}
