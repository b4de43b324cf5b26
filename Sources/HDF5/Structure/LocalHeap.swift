import FileSupport

/// The texts of a group of the older form: the names of its links.
struct LocalHeap {
  private let content: ByteCursor

  init(at address: UInt64, in image: FileImage) throws(ModelFileError) {
    var header = try image.cursor(
      at: address, count: 8 + 2 * image.widths.length + image.widths.address,
      of: "the heap of a group")
    try header.expect(signature: "HEAP")
    try header.expect(version: 0)
    try header.skip(3)
    let size = try header.length()
    _ = try header.length()
    let place = try header.definedAddress()
    content = try image.cursor(
      at: place, count: Int(clamping: size), of: "the heap of a group")
  }

  /// The text that starts at an offset.
  func text(at offset: UInt64) throws(ModelFileError) -> [UInt8] {
    var cursor = content
    try cursor.skip(Int(clamping: offset))
    return try cursor.text()
  }
}
