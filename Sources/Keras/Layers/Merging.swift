import FileSupport
import ModelGraph

/// How values are combined element by element.
public protocol MergingKind: Sendable {
  /// Keras's name of the class.
  static var className: String { get }
}

extension KerasLayers {
  /// The sum.
  public typealias Add = Merging<Sum>
  /// The product.
  public typealias Multiply = Merging<Product>
  /// The first value less the second.
  public typealias Subtract = Merging<Difference>
  /// The mean.
  public typealias Average = Merging<MeanOfValues>
  /// The largest.
  public typealias Maximum = Merging<LargestValue>
  /// The smallest.
  public typealias Minimum = Merging<SmallestValue>

  /// `Add`
  public enum Sum: MergingKind {
    /// Keras's name.
    public static let className = "Add"
  }
  /// `Multiply`
  public enum Product: MergingKind {
    /// Keras's name.
    public static let className = "Multiply"
  }
  /// `Subtract`
  public enum Difference: MergingKind {
    /// Keras's name.
    public static let className = "Subtract"
  }
  /// `Average`
  public enum MeanOfValues: MergingKind {
    /// Keras's name.
    public static let className = "Average"
  }
  /// `Maximum`
  public enum LargestValue: MergingKind {
    /// Keras's name.
    public static let className = "Maximum"
  }
  /// `Minimum`
  public enum SmallestValue: MergingKind {
    /// Keras's name.
    public static let className = "Minimum"
  }

  /// Values combined element by element; an extent of 1 is repeated.
  public struct Merging<Kind: MergingKind>: KerasLayerClass {
    /// Keras's name of the class.
    public static var className: String { Kind.className }

    /// The layer.
    public init() {}

    /// Reads nothing: there are no keys.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {}

    /// No keys.
    public var configuration: JSONObject { [:] }

    /// The larger of the extents, axis by axis.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      try inputs.broadcast()
    }
  }

  /// Products of two values, summed along an axis of each.
  public struct Dot: KerasLayerClass {
    /// Keras's name of the class.
    public static let className = "Dot"
    /// The axis of each value, as Keras counts.
    public let axes: [Int]
    /// Whether the values are scaled to length 1 first.
    public let normalizes: Bool

    /// Reads `axes`, a number or two, and `normalize`.
    public init(_ configuration: KerasConfiguration) throws(ModelFileError) {
      axes = try configuration.integers("axes", count: 2, in: -32...32)
      normalizes = try configuration.truth("normalize", default: false)
    }

    /// `axes`, and what differs from Keras's default.
    public var configuration: JSONObject {
      var members: JSONObject = ["axes": JSONValue(axes)]
      members.set("normalize", .bool(normalizes), unless: false)
      return members
    }

    /// What is left of the first value's extents, then of the second's; 1 if nothing is.
    public func outputShape(of inputs: [KerasShape]) throws(ModelFileError) -> KerasShape {
      guard inputs.count == 2 else {
        throw ModelFileError(.damaged, "takes two values", found: "\(inputs.count)")
      }
      var extents: [Int?] = []
      var summed: [Int?] = []
      for (shape, axis) in zip(inputs, axes) {
        let position = try shape.position(ofAxis: axis)
        summed.append(shape.extents[position])
        extents += shape.extents[..<position] + shape.extents[(position + 1)...]
      }
      guard summed[0] == summed[1] || summed.contains(nil) else {
        throw ModelFileError(.damaged, "multiplies values that don't fit", found: "\(inputs)")
      }
      return extents.isEmpty ? [1] : KerasShape(extents)
    }
  }
}
