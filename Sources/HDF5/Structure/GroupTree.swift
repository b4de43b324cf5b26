import FileSupport

/// The tree over the links of a group of the older form, whose leaves are tables of links. A node or table
/// that is damaged does not hide those beside it.
struct GroupTree {
  let image: FileImage
  let heap: LocalHeap
  /// What was found damaged below the root first.
  private(set) var flaw: ModelFileError?
  private var budget: PieceBudget

  init(image: FileImage, heap: LocalHeap) {
    self.image = image
    self.heap = heap
    budget = PieceBudget(image)
  }

  /// Calls `body` with every link below a node.
  ///
  /// - Throws: `ModelFileError` if the node itself is damaged, and what `body` throws.
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
      let links: [(LinkMessage, ByteCursor)]
      do throws(ModelFileError) {
        if level > 0 {
          pending.append(try self.node(child, level: level - 1))
          continue
        }
        links = try table(child)
      } catch {
        flaw = flaw ?? error
        continue
      }
      for (link, place) in links { try body(link, place) }
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

  /// The links of a table; one that is damaged is left out.
  private mutating func table(
    _ address: UInt64
  ) throws(ModelFileError) -> [(LinkMessage, ByteCursor)] {
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
    var links: [(LinkMessage, ByteCursor)] = []
    for _ in 0..<count {
      let part = try entries.part(entry)
      do throws(ModelFileError) {
        links.append((try link(part), part))
      } catch {
        flaw = flaw ?? error
      }
    }
    return links
  }

  /// Reads an entry of a table.
  private func link(_ entry: ByteCursor) throws(ModelFileError) -> LinkMessage {
    var cursor = entry
    let name = LinkName(bytes: try heap.text(at: try cursor.length()))
    let header = try cursor.address()
    let cached = try cursor.count(4)
    try cursor.skip(4)
    let value = try cursor.number(4)
    if cached == 2 {
      return LinkMessage(name: name, link: .soft(LinkName(bytes: try heap.text(at: value))))
    }
    guard let header else { throw entry.flaw("has a link without an address") }
    return LinkMessage(name: name, link: .hard(header))
  }
}
