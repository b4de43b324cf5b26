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

  /// The names of the policies that are made of types alone.
  static let plainNames = Set(ElementType.allCases.map(\.rawValue))
    .union(["string", "mixed_float16", "mixed_bfloat16"])

  private init(name: String) { self.name = name }

  /// Reads `dtype`: a text, or an object of class `DTypePolicy` or `Policy`, whose `config` has the
  /// name. That of quantized layers names the policy that they were made from, that of wrappers the one of all layers
  /// in them that it has no other for.
  public init(_ dtype: JSONValue?) {
    name = Self.name(dtype)
  }

  /// Reads that of a layer, given as an object with its `config`.
  init(ofLayer layer: JSONValue?) { self.init(layer?["config"]?["dtype"]) }

  private static func name(_ dtype: JSONValue?) -> String {
    guard let dtype, dtype != .null else { return standard.name }
    let content = dtype["config"]
    let others = content?["policy_map"]?.object?.count ?? 0
    if dtype["class_name"]?.text == "DTypePolicyMap", others == 0 {
      return name(content?["default_policy"])
    }
    return dtype.text ?? content?["name"]?.text ?? content?["source_name"]?.text
      // What can't be told is refused by what stands there.
      ?? String(decoding: JSONWriter().bytes(of: dtype).prefix(80), as: UTF8.self)
  }

  /// Whether variables are bfloat16, which files store as bytes without meaning.
  public var storesBrainFloat: Bool { name == "bfloat16" }

  /// What the numbers are stored in by the name of a quantized layer: `int8` of `int8_from_float32`.
  var quantizedMode: String? {
    name.firstRange(of: "_from_").map { String(name[..<$0.lowerBound]) }
  }

  /// The type that a layer of a class computes in.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if no layer of the class computes in it.
  func elementType(of layerClass: any KerasLayerClass) throws(ModelFileError) -> ElementType {
    let type = Self.elementType(named: name)
    guard let type, type.isFloating || layerClass.mayBeWhole else {
      throw ModelFileError(
        .unsupported, at: [.option("dtype")], "the layer computes in a type that is not supported",
        expected: "float32, float16, bfloat16, float64, or one of them mixed", found: name)
    }
    return type
  }

  private static func elementType(named name: String) -> ElementType? {
    switch name {
    case "mixed_float16", "half": .float16
    case "mixed_bfloat16": .bfloat16
    case "float": .float32
    case "double": .float64
    default:
      // `int8_from_mixed_bfloat16`: what the numbers of 8 bits were made from, and are computed in.
      if let origin = name.firstRange(of: "_from_") {
        elementType(named: String(name[origin.upperBound...]))
      } else {
        ElementType(rawValue: name)
      }
    }
  }
}
