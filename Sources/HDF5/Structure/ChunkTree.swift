import FileSupport

extension ChunkIndex {
  /// A tree of version 1, whose keys hold the size of a chunk and the element that it starts at.
  mutating func readTree(_ root: UInt64) throws(ModelFileError) {
    var budget = PieceBudget(image)
    var pending = [(address: root, level: Int?.none)]
    while let node = pending.popLast() {
      let (level, children) = try readNode(node.address, level: node.level, &budget)
      if level > 0 { pending += children.reversed().map { ($0, level - 1) } }
    }
  }

  /// Reads a node, which must be of this level; levels fall by one from a node to those below it, so
  /// that no way down is endless. Those of level 0 lead to chunks.
  private mutating func readNode(
    _ address: UInt64, level: Int?, _ budget: inout PieceBudget
  ) throws(ModelFileError) -> (level: Int, children: [UInt64]) {
    let what = "the tree of its chunks"
    let rank = numbering.counts.count
    let prefix = 8 + 2 * image.widths.address
    var cursor = try image.cursor(at: address, count: prefix, of: what)
    try cursor.expect(signature: "TREE")
    let type = try cursor.byte()
    let ownLevel = try cursor.count(1)
    let count = try cursor.count(2)
    guard type == 1, level == nil || level == ownLevel, count <= 2 * image.superblock.chunkNodeRank
    else {
      throw cursor.flaw(
        "has a node that does not belong there",
        expected: "one of chunks, of level \(level.map(String.init) ?? "0 or more")",
        found: "type \(type), level \(ownLevel), \(count) entries")
    }
    let entry = 8 + 8 * (rank + 1) + image.widths.address
    try budget.take(address, prefix + count * entry, of: what, in: image)
    var entries = try image.cursor(at: address &+ UInt64(prefix), count: count * entry, of: what)
    var children: [UInt64] = []
    for _ in 0..<count {
      let start = entries
      let size = try entries.number(4)
      let mask = UInt32(truncatingIfNeeded: try entries.number(4))
      var positions: [UInt64] = []
      for axis in 0..<rank {
        let element = try entries.number(8)
        guard ownLevel > 0 || element % numbering.shape[axis] == 0 else {
          throw start.flaw("has a chunk that starts off the grid", found: "element \(element)")
        }
        positions.append(element / numbering.shape[axis])
      }
      try entries.skip(8)
      let child = try entries.definedAddress()
      if ownLevel > 0 {
        children.append(child)
      } else if let number = numbering.number(at: positions) {
        found.append(ChunkLocation(number: number, address: child, size: size, mask: mask))
      }
    }
    return (ownLevel, children)
  }
}
