import CHDF5
import FileSupport

/// How many elements a dataset or attribute has, and in how many axes.
public struct Dataspace: Hashable, Sendable {
  /// The extent along each axis.
  public enum Shape: Hashable, Sendable {
    /// No elements at all, not even of size zero.
    case null
    /// One element without axes.
    case scalar
    /// A number of elements along each axis, the first of which varies slowest.
    case simple([UInt64])
  }

  /// The present extent.
  public let shape: Shape
  /// How far each axis may grow, `nil` for without end; `nil` as a whole for what has no axes.
  public let maximum: [UInt64?]?

  /// A space that does not grow.
  public init(_ shape: Shape) {
    self.shape = shape
    if case .simple(let extents) = shape { maximum = extents } else { maximum = nil }
  }

  /// One element without axes.
  public static let scalar = Dataspace(.scalar)

  /// A space of these extents; none of them makes a scalar.
  public static func simple(_ extents: [UInt64]) -> Dataspace {
    Dataspace(extents.isEmpty ? .scalar : .simple(extents))
  }

  /// The extents: empty for a scalar, `nil` for the null space.
  public var extents: [UInt64]? {
    switch shape {
    case .null: nil
    case .scalar: []
    case .simple(let extents): extents
    }
  }

  /// The number of elements, `nil` if it does not fit 64 bits.
  public var elementCount: UInt64? {
    guard let extents else { return 0 }
    if extents.contains(0) { return 0 }
    var count: UInt64 = 1
    for extent in extents {
      let (product, overflows) = count.multipliedReportingOverflow(by: extent)
      guard !overflows else { return nil }
      count = product
    }
    return count
  }

  /// The number of bytes of that many elements, `nil` if it does not fit 64 bits.
  func byteCount(elementSize: Int) -> UInt64? {
    guard let elementCount else { return nil }
    let (bytes, overflows) = elementCount.multipliedReportingOverflow(by: UInt64(elementSize))
    return overflows ? nil : bytes
  }
}

extension Dataspace {
  init(shape: Shape, maximum: [UInt64?]?) {
    self.shape = shape
    self.maximum = maximum
  }

  /// The space in libhdf5.
  func makeIdentifier(at location: ObjectLocation) throws(ModelFileError) -> OwnedIdentifier {
    let raw: hid_t =
      switch shape {
      case .null: nn_h5s_null()
      case .scalar: nn_h5s_scalar()
      case .simple(let extents): nn_h5s_simple(Int32(clamping: extents.count), extents)
      }
    return try location.owned(raw, or: "its shape can't be made")
  }
}
