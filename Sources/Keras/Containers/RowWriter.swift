import FileSupport
import HDF5

/// Writes a dataset from bands of any length.
///
/// HDF5 takes whole rows, a row being everything under one index of the first axis; bytes wait here
/// until they make enough of them.
///
/// Invariant: `waiting` holds the bytes that follow the rows written so far, less than one portion.
struct RowWriter {
  /// How many bytes are written at a time, if a row is not larger.
  private static let portionBytes = 4 << 20

  private let dataset: Dataset
  private let rowBytes: Int
  private let portion: Int
  private var waiting: [UInt8] = []
  private var rows = 0

  /// Starts at the first row. Portions are multiples of the chunks' rows.
  init(_ dataset: Dataset) throws(ModelFileError) {
    self.dataset = dataset
    let total = try dataset.elementCount() * dataset.datatype.size
    rowBytes = max(total / max(dataset.rowCount, 1), 1)
    let alignment = dataset.chunkShape?.first.map { Int(clamping: $0) } ?? 1
    portion = max(Self.portionBytes / rowBytes / alignment, 1) * alignment * rowBytes
  }

  /// Takes the next bytes.
  mutating func append(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    var start = 0
    while start < bytes.count {
      let count = min(portion - waiting.count, bytes.count - start)
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + count)])
      if count == portion {
        try write(piece)
      } else {
        waiting.append(contentsOf: piece)
        if waiting.count == portion { try flush() }
      }
      start += count
    }
  }

  /// Writes what still waits: the last rows.
  mutating func finish() throws(ModelFileError) {
    if !waiting.isEmpty { try flush() }
  }

  private mutating func flush() throws(ModelFileError) {
    let bytes = waiting
    waiting = []
    var failure: ModelFileError?
    var copy = self
    bytes.withUnsafeBytes { buffer in
      do throws(ModelFileError) { try copy.write(buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    self = copy
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ModelFileError) {
    let count = bytes.count / rowBytes
    try dataset.write(rows: rows..<(rows + count), from: bytes)
    rows += count
  }
}
