/// A step that chunks pass through on their way into the file.
public struct Filter: Hashable, Sendable {
  /// The number that The HDF Group registers it under.
  public let number: Int
  /// Its usual name (`deflate`, `shuffle`, `lzf`, …), or `filter` and the number.
  public let name: String

  init(number: Int) {
    self.number = number
    self.name = Self.names[number] ?? "filter \(number)"
  }

  private static let names = [
    1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset",
    32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp", 32015: "zstd",
    32026: "blosc2",
  ]

  /// Whether ``ChunkPipeline`` undoes it. A chunk may skip one that it does not.
  var canBeDecoded: Bool { (1...3).contains(number) }
}
