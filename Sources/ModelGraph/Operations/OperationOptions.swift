import FileSupport

/// Everything that tells an operation from another of its type, but the numbers of its parameters: each of
/// its stored properties with its value as text.
///
/// The properties are found by reflection, so that an operation can't have one that a comparison does not see.
public struct OperationOptions {
  /// A property; one of a value inside has the names of both: `window.strides`.
  public struct Option: Sendable {
    /// The property's name.
    public let name: String
    /// `nil` if it is not known: a file that it stands in can't be read.
    public let value: String?
    /// Whether it is a parameter, of which the value tells the shape.
    public var isParameter = false
  }

  /// What stands for a property without a value.
  public static let none = "none"

  /// In the order of the type's declaration.
  public private(set) var all: [Option] = []

  /// Reads the properties of an operation.
  public init(_ operation: any Operation) {
    for child in Mirror(reflecting: operation).children {
      add(child.value, named: child.label ?? "")
    }
  }

  private mutating func add(_ value: Any, named name: String) {
    let isParameter = type(of: value) == Parameter?.self || value is Parameter
    switch Description(of: value) {
    case .text(let text): all.append(Option(name: name, value: text, isParameter: isParameter))
    case .unknown: all.append(Option(name: name, value: nil))
    case .parts(let parts):
      for (label, part) in parts { add(part, named: label.isEmpty ? name : "\(name).\(label)") }
    }
  }

  /// A value as text, or as what it consists of.
  private enum Description {
    case text(String)
    case unknown
    case parts([(String, Any)])

    init(of value: Any) {
      switch value {
      case let number as Double:
        // Some files keep 0.3 as the float32 that is nearest to it.
        self = .text("\(Float(number))")
      case let parameter as Parameter: self = .text(OperationOptions.text(of: parameter))
      case let groups as Result<[Int], ModelFileError>:
        self = (try? groups.get()).map { .text("\($0)") } ?? .unknown
      case let padding as Padding: self = .text("(\(padding.before), \(padding.after))")
      case let shape as Shape: self = .text(shape.description)
      default: self.init(reflecting: value)
      }
    }

    private init(reflecting value: Any) {
      let mirror = Mirror(reflecting: value)
      let children = mirror.children.enumerated().map { ($1.label ?? String($0), $1.value) }
      switch mirror.displayStyle {
      case .optional: self = children.isEmpty ? .text(none) : .parts([("", children[0].1)])
      case .enum where children.isEmpty: self = .text("\(value)")
      case .enum: self = .text("\(children[0].0)\(Self.inline(children[0].1))")
      case .collection:
        let elements = children.map { Self(of: $0.1).plain }
        let isFlat = elements.allSatisfy { $0 != nil }
        self =
          isFlat
          ? .text("[\(elements.compactMap(\.self).joined(separator: ", "))]")
          : .parts(children)
      case .struct where !children.isEmpty, .tuple: self = .parts(children)
      default: self = .text("\(value)")
      }
    }

    private var plain: String? {
      if case .text(let text) = self { text } else { nil }
    }

    /// What an enumeration's case carries: `(maximum: 6.0)`.
    private static func inline(_ value: Any) -> String {
      let description = Self(of: value)
      switch description {
      case .text(let text): return "(\(text))"
      case .unknown: return "(?)"
      case .parts(let parts):
        let texts = parts.map { label, part in
          let text = inline(part).dropFirst().dropLast()
          return label.isEmpty || label.hasPrefix(".") ? "\(text)" : "\(label): \(text)"
        }
        return "(\(texts.joined(separator: ", ")))"
      }
    }
  }

  /// The shape of a parameter, whose numbers are compared elsewhere; of a constant, which stands in the
  /// configuration, the numbers too.
  private static func text(of parameter: Parameter) -> String {
    let shape = parameter.shape.description
    guard parameter.role == .constant, let source = parameter.source as? MemorySource
    else { return shape }
    guard let bytes = try? bytes(of: source) else { return shape }
    let count = bytes.count / MemoryLayout<Float>.size
    guard count <= 8 else {
      guard let hash = try? SHA256() else { return shape }
      bytes.withUnsafeBytes { hash.update($0) }
      return "\(shape) of SHA-256 \(hash.finish())"
    }
    let numbers = bytes.withUnsafeBytes { buffer in
      (0..<count).map {
        "\(buffer.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Float>.size, as: Float.self))"
      }
    }
    return numbers.joined(separator: ", ")
  }

  private static func bytes(of source: MemorySource) throws(ModelFileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: source.byteCount)
    var failure: ModelFileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(ModelFileError) {
        try source.read(into: buffer, at: 0)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
