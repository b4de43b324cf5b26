/// What is read of a file at most, checked before anything is allocated.
///
/// The defaults are far above what real checkpoints hold; a hostile file stops at them.
public struct HDF5Limits: Sendable, Hashable {
  /// Elements of one attribute.
  public var attributeElements: UInt64 = 1_000_000
  /// Bytes of text in one attribute, and of names in one group.
  public var textBytes: UInt64 = 256 << 20
  /// Links of one group, and attributes of one object.
  public var links: Int = 1_000_000
  /// Bytes of one uncompressed chunk.
  public var chunkBytes: UInt64 = 128 << 20
  /// Bytes of the chunks that have to be in memory together, because elements that follow one another
  /// lie in all of them.
  public var slabBytes: UInt64 = 256 << 20
  /// Bytes of a file's datasets that were never written and read as fill values.
  public var unwrittenBytes: UInt64 = 256 << 20
  /// How many bytes one stored byte of a filtered dataset may stand for: deflate's own maximum.
  public var expansion: UInt64 = 1_032
  /// Rows of a walk through the file.
  public var walkRows: Int = 1_000_000
  /// Groups inside one another in a walk.
  public var walkDepth: Int = 4_000

  /// The defaults.
  public init() {}
}
