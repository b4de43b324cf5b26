import FileSupport

/// A tree of records of equal size (version 2), which dense groups, attributes and chunks use.
struct RecordTree {
  private let image: FileImage
  private let type: UInt8
  private let nodeSize: Int
  private let recordSize: Int
  private let depth: Int
  private let root: UInt64?
  private let rootCount: Int
  private let what = "a tree of records"
  /// The most records of a node, by its height above the leaves, and the width of the number of all
  /// records below it.
  private var levels: [(records: Int, totalWidth: Int)] = []

  private static let maximumDepth = 32
  /// Signature, version, type and checksum of a node.
  private static let overhead = 10

  init(at address: UInt64, in image: FileImage) throws(ModelFileError) {
    self.image = image
    var header = try image.cursor(
      at: address, count: 22 + image.widths.address + image.widths.length, of: what)
    try header.expect(signature: "BTHD")
    try header.expect(version: 0)
    type = try header.byte()
    nodeSize = try header.count(4)
    recordSize = try header.count(2)
    depth = try header.count(2)
    try header.skip(2)
    root = try header.address()
    rootCount = try header.count(2)
    _ = try header.length()
    try header.expectChecksum()
    guard recordSize > 0, nodeSize > Self.overhead, depth <= Self.maximumDepth else {
      throw header.flaw("has a form that can't be")
    }
    let leaf = (nodeSize - Self.overhead) / recordSize
    levels.append((leaf, 0))
    var total = leaf
    for _ in 0..<depth {
      let pointer = pointerSize(above: levels.count - 1)
      let records = max(0, nodeSize - Self.overhead - pointer) / (recordSize + pointer)
      let (below, overflows) = total.multipliedReportingOverflow(by: records + 1)
      guard !overflows, below < .max - records else {
        throw header.flaw("has a depth that can't be", found: "\(depth)")
      }
      total = below + records
      levels.append((records, Self.width(of: total)))
    }
  }

  /// The bytes that numbers up to a maximum take.
  private static func width(of maximum: Int) -> Int {
    (Int.bitWidth - max(maximum, 1).leadingZeroBitCount + 7) / 8
  }

  /// The bytes of a pointer to a node of this height.
  private func pointerSize(above height: Int) -> Int {
    image.widths.address + Self.width(of: levels[0].records) + levels[height].totalWidth
  }

  /// Calls `body` with every record, in the tree's order save that those of a node come before those
  /// below it.
  ///
  /// - Parameter types: the types of records that `body` understands.
  func forEachRecord(
    of types: UInt8..., body: (inout ByteCursor) throws(ModelFileError) -> Void
  ) throws(ModelFileError) {
    guard let root else { return }
    guard types.contains(type) else {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(root))], "\(what) holds something else",
        expected: "type \(types.map(String.init).joined(separator: " or "))", found: "type \(type)")
    }
    var budget = PieceBudget(image)
    var pending = [(address: root, count: rootCount, height: depth)]
    while let node = pending.popLast() {
      guard node.count <= levels[node.height].records else {
        throw ModelFileError(
          .damaged, at: [.byte(image.place(node.address))],
          "\(what) has too many records in a node",
          expected: "at most \(levels[node.height].records)", found: "\(node.count)")
      }
      let pointers =
        node.height == 0 ? 0 : (node.count + 1) * pointerSize(above: node.height - 1)
      let size = Self.overhead + node.count * recordSize + pointers
      try budget.take(node.address, size, of: what, in: image)
      var cursor = try image.cursor(at: node.address, count: size, of: what)
      var whole = cursor
      try whole.skip(size - 4)
      try whole.expectChecksum()
      try cursor.expect(signature: node.height == 0 ? "BTLF" : "BTIN")
      try cursor.expect(version: 0)
      guard try cursor.byte() == type else { throw cursor.flaw("has a node of another tree") }
      for _ in 0..<node.count {
        var record = try cursor.part(recordSize)
        try body(&record)
      }
      guard node.height > 0 else { continue }
      var children: [(address: UInt64, count: Int, height: Int)] = []
      for _ in 0...node.count {
        let address = try cursor.definedAddress()
        let count = try cursor.count(Self.width(of: levels[0].records))
        try cursor.skip(levels[node.height - 1].totalWidth)
        children.append((address, count, node.height - 1))
      }
      pending += children.reversed()
    }
  }
}
