/// What is read of an archive at most, checked before anything is allocated.
///
/// The defaults are far above what real archives of models hold; a hostile file stops at them.
public struct ArchiveLimits: Sendable, Hashable {
  /// Members of one archive.
  public var members = 100_000
  /// Bytes of the list of members.
  public var directoryBytes: UInt64 = 64 << 20
  /// Bytes of a name.
  public var nameBytes = 4096
  /// How many bytes one compressed byte may stand for: deflate's own maximum.
  public var expansion: UInt64 = 1032

  /// The defaults.
  public init() {}
}
