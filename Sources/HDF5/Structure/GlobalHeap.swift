import FileSupport

/// A collection of the heap in which texts of variable length lie.
struct HeapCollection: Sendable {
  private let content: ByteCursor
  private let objects: [Int: (start: Int, size: Int)]

  /// The bytes that it takes in memory, roughly.
  var cost: Int { content.left + objects.count * 48 }

  init(at address: UInt64, in image: FileImage) throws(ModelFileError) {
    let what = "a heap of texts"
    let prefix = 8 + image.widths.length
    var header = try image.cursor(at: address, count: prefix, of: what)
    try header.expect(signature: "GCOL")
    try header.expect(version: 1)
    try header.skip(3)
    let size = try header.length()
    guard size >= UInt64(prefix) else { throw header.flaw("has a size that can't be") }
    content = try image.cursor(at: address, count: Int(clamping: size), of: what)
    var cursor = content
    try cursor.skip(prefix)
    var objects: [Int: (start: Int, size: Int)] = [:]
    while cursor.left >= 8 + image.widths.length {
      let index = try cursor.count(2)
      // The rest is free space.
      if index == 0 { break }
      try cursor.skip(6)
      let size = Int(clamping: try cursor.length())
      guard size <= cursor.left else {
        throw cursor.flaw(
          "has an object larger than itself", expected: "at most \(cursor.left) bytes",
          found: "\(size)")
      }
      guard objects.updateValue((cursor.position, size), forKey: index) == nil else {
        throw cursor.flaw("has two objects of one number", found: "\(index)")
      }
      try cursor.skip(min((size + 7) / 8 * 8, cursor.left))
    }
    self.objects = objects
  }

  /// The bytes of an object.
  func object(_ index: Int, atLeast count: Int) throws(ModelFileError) -> [UInt8] {
    var cursor = content
    guard let object = objects[index], count <= object.size else {
      throw cursor.flaw("lacks a text that is referred to", found: "no \(count) bytes as \(index)")
    }
    try cursor.skip(object.start)
    return try cursor.take(count)
  }
}
