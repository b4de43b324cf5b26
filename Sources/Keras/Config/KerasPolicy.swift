import FileSupport
import ModelGraph

/// In which types of numbers a layer keeps its variables and computes: its `dtype`.
///
/// Source: `keras/src/dtype_policies/dtype_policy.py`, `tf_keras/src/mixed_precision/policy.py`.
public struct KerasPolicy: Sendable, Equatable {
  /// The name: `float32`, `mixed_float16`, `int8_from_float32`.
  public let name: String

  /// Plain float32.
  public static let standard = KerasPolicy(name: "float32")

  private init(name: String) { self.name = name }

  /// Reads `dtype`: a text, or an object of class `DTypePolicy` or `Policy`, whose `config` has the
  /// name. That of quantized layers names the policy that they were made from.
  public init(_ dtype: JSONValue?) {
    name =
      dtype?.text ?? dtype?["config"]?["name"]?.text ?? dtype?["config"]?["source_name"]?.text
      ?? Self.standard.name
  }

  /// Whether variables are bfloat16, which files store as bytes without meaning.
  public var storesBrainFloat: Bool { name == "bfloat16" }

  /// What every value is rounded to, if that is less than float32.
  public var computeType: ElementType? {
    switch name {
    case "float16", "mixed_float16": .float16
    case "bfloat16", "mixed_bfloat16": .bfloat16
    default: nil
    }
  }
}
