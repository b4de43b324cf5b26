/// An option of a section as it was read: its value, and where that comes from.
public struct LayerOption: Sendable, Equatable {
  /// Where a value comes from.
  public enum Origin: Sendable, Equatable {
    /// A line of the cfg.
    case line(Int)
    /// The key is missing: this is what holds then.
    case absence
    /// The dialect, whatever the cfg says.
    case dialect
  }

  /// The key in the cfg.
  public let key: String
  /// The value as it was read; `nil` if nothing stands in its place.
  public let value: String?
  /// Where the value comes from.
  public let origin: Origin
  /// Whether anything but training asked for it.
  public let isUsed: Bool

  /// An option.
  init(key: String, value: String?, origin: Origin, isUsed: Bool = true) {
    self.key = key
    self.value = value
    self.origin = origin
    self.isUsed = isUsed
  }
}
