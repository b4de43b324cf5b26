import FileSupport

/// The tree over the links of a group of the older form, whose leaves are tables of links.
struct GroupTree {
  let image: FileImage
  let heap: LocalHeap
  private var budget: PieceBudget

  init(image: FileImage, heap: LocalHeap) {
    self.image = image
    self.heap = heap
    budget = PieceBudget(image)
  }

  /// Calls `body` with every link below a node.
  mutating func read(
    _ root: UInt64, _ body: (LinkMessage, ByteCursor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    var pending = [try node(root, level: nil)]
    while let node = pending.indices.last {
      guard let child = pending[node].children.popLast() else {
        pending.removeLast()
        continue
      }
      let level = pending[node].level
      if level > 0 {
        pending.append(try self.node(child, level: level - 1))
      } else {
        try readTable(child, body)
      }
    }
  }

  private struct Node {
    let level: Int
    /// The addresses of what is below, the first one last.
    var children: [UInt64]
  }

  /// Reads a node, which must be of this level; levels fall by one from a node to those below it, so
  /// that no way down is endless.
  private mutating func node(
    _ address: UInt64, level: Int?
  ) throws(ModelFileError) -> Node {
    let what = "the tree of a group"
    let prefix = 8 + 2 * image.widths.address
    var cursor = try image.cursor(at: address, count: prefix, of: what)
    try cursor.expect(signature: "TREE")
    let type = try cursor.byte()
    let ownLevel = try cursor.count(1)
    let count = try cursor.count(2)
    guard type == 0, level == nil || level == ownLevel, count <= 2 * image.superblock.groupNodeRank
    else {
      throw cursor.flaw(
        "has a node that does not belong there",
        expected: "one of links, of level \(level.map(String.init) ?? "0 or more")",
        found: "type \(type), level \(ownLevel), \(count) entries")
    }
    let entry = image.widths.length + image.widths.address
    try budget.take(address, prefix + count * entry, of: what, in: image)
    var entries = try image.cursor(at: address &+ UInt64(prefix), count: count * entry, of: what)
    var children: [UInt64] = []
    for _ in 0..<count {
      try entries.skip(image.widths.length)
      children.append(try entries.definedAddress())
    }
    return Node(level: ownLevel, children: children.reversed())
  }

  private mutating func readTable(
    _ address: UInt64, _ body: (LinkMessage, ByteCursor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    let what = "a table of links"
    var cursor = try image.cursor(at: address, count: 8, of: what)
    try cursor.expect(signature: "SNOD")
    try cursor.expect(version: 1)
    try cursor.skip(1)
    let count = try cursor.count(2)
    guard count <= 2 * image.superblock.groupLeafRank else {
      throw cursor.flaw(
        "has too many entries", expected: "at most \(2 * image.superblock.groupLeafRank)",
        found: "\(count)")
    }
    let entry = image.widths.length + image.widths.address + 24
    try budget.take(address, 8 + count * entry, of: what, in: image)
    var entries = try image.cursor(at: address &+ 8, count: count * entry, of: what)
    for _ in 0..<count {
      let start = entries
      let name = LinkName(bytes: try heap.text(at: try entries.length()))
      let header = try entries.address()
      let cached = try entries.count(4)
      try entries.skip(4)
      let value = try entries.number(4)
      try entries.skip(12)
      if cached == 2 {
        let target = LinkName(bytes: try heap.text(at: value))
        try body(LinkMessage(name: name, link: .soft(target)), start)
      } else {
        guard let header else { throw start.flaw("has a link without an address") }
        try body(LinkMessage(name: name, link: .hard(header)), start)
      }
    }
  }
}
