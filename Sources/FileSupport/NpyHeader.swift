/// What stands in front of the numbers of a `.npy` file.
///
/// The format is numpy's `lib/format.py`: `\x93NUMPY`, a version, the length of a text, and the text:
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`. The text is a Python literal; it is
/// parsed by its grammar, and nothing of it is ever evaluated.
struct NpyHeader: Equatable {
  /// How a number is stored.
  let numberType: NpyNumberType
  /// Whether the first axis is the innermost.
  let isFortranOrder: Bool
  /// The extents.
  let shape: [Int]
  /// Where the numbers begin, in bytes from the start of the file.
  let byteCount: Int

  /// The first bytes of every file.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// A longer text is no header that any program writes.
  private static let maximumTextLength = 1 << 16
  /// More axes than numpy itself can hold.
  private static let maximumRank = 64

  /// Reads the header of a file.
  ///
  /// - Throws: ``ModelFileError``: `damaged` if it is none, `unsupported` if the numbers are of a kind
  ///   that no model takes.
  init(of file: InputFile) throws(ModelFileError) {
    let start = try file.prefix(12)
    guard start.starts(with: Self.magic), start.count >= 10 else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.byte(0)], "is no .npy file",
        expected: "the signature \\x93NUMPY and a header",
        found: try FileContent(of: file).name,
        remedy: "save the array with numpy.save")
    }
    let version = start[6]
    guard (1...3).contains(version) else {
      throw ModelFileError(
        .unsupported, file: file.path, at: [.byte(6)], "is of a later .npy version",
        expected: "1, 2 or 3", found: "\(version).\(start[7])",
        remedy: "save the array with numpy.save, which writes version 1")
    }
    let lengthBytes = version == 1 ? 2 : 4
    guard start.count >= 8 + lengthBytes else { throw Self.cut(file) }
    let length = start[8..<(8 + lengthBytes)].reversed().reduce(0) { $0 << 8 | Int($1) }
    let offset = 8 + lengthBytes
    guard length <= Self.maximumTextLength else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.byte(8)], "the header claims to be very long",
        expected: "at most \(Self.maximumTextLength) bytes", found: "\(length)")
    }
    guard UInt64(offset + length) <= file.size else { throw Self.cut(file) }
    let text = try file.bytes(at: UInt64(offset), count: length)
    var parser = NpyHeaderParser(text: text, offset: offset)
    do {
      let fields = try parser.parse()
      numberType = fields.numberType
      isFortranOrder = fields.isFortranOrder
      shape = fields.shape
    } catch {
      throw error.inFile(file.path)
    }
    byteCount = offset + length
    guard shape.count <= Self.maximumRank else {
      throw ModelFileError(
        .unsupported, file: file.path, at: [.byte(UInt64(offset))], "has very many axes",
        expected: "at most \(Self.maximumRank)", found: "\(shape.count)")
    }
    try checkSize(of: file)
  }

  /// The number of numbers; checked when the header was read.
  var count: Int { shape.reduce(1, *) }

  /// The file must hold as many bytes as the shape calls for, no fewer and no more.
  private func checkSize(of file: InputFile) throws(ModelFileError) {
    // Extents beside a 0 are not multiplied, as nothing of them is stored.
    let isEmpty = shape.contains(0)
    var bytes = UInt64(isEmpty ? 0 : numberType.byteCount)
    for extent in shape where !isEmpty {
      let (product, overflows) = bytes.multipliedReportingOverflow(by: UInt64(extent))
      bytes = overflows ? .max : product
    }
    let found = file.size - UInt64(byteCount)
    guard bytes == found else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.byte(UInt64(byteCount))],
        bytes > found ? "the file ends before its numbers do" : "bytes follow the numbers",
        expected: bytes == .max ? "more than any file holds" : "\(bytes) bytes for \(shape)",
        found: "\(found)",
        remedy: bytes > found ? "the copy was cut short; save the array again" : nil
      ).explained(
        by: file,
        expectedBytes: bytes > .max - UInt64(byteCount) ? nil : bytes + UInt64(byteCount))
    }
  }

  private static func cut(_ file: InputFile) -> ModelFileError {
    ModelFileError(
      .damaged, file: file.path, at: [.byte(file.size)], "the file ends inside its header",
      remedy: "the copy was cut short; save the array again")
  }
}
