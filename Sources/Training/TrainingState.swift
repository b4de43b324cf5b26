import FileSupport

/// What a run that is resumed needs beside the checkpoint, as a file: see `spec/training.md`.
///
/// ```
/// nnfmt training state 1
/// checkpoint 9f86d0…       the SHA-256 of the checkpoint that it belongs to
/// array NAME COUNT         for each array, in order
/// end
/// COUNT float32, little endian, for each array
/// ```
public struct TrainingState: Sendable {
  /// The arrays by name.
  public let arrays: [(name: String, values: [Float])]

  /// A state of arrays.
  public init(arrays: [(name: String, values: [Float])]) { self.arrays = arrays }

  /// Whether there is nothing to keep.
  public var isEmpty: Bool { arrays.isEmpty }

  private static let signature = "nnfmt training state 1"
  /// The largest header that is read; a line names an array.
  private static let maximumHeader = 1 << 22

  /// The file's content, for a checkpoint with this SHA-256.
  public func bytes(checkpoint digest: String) -> [UInt8] {
    let lines =
      [Self.signature, "checkpoint \(digest)"]
      + arrays.map { "array \($0.name) \($0.values.count)" } + ["end"]
    var bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
    for array in arrays {
      for value in array.values {
        let bits = value.bitPattern
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
          bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
        }
      }
    }
    return bytes
  }

  /// Reads the state of a checkpoint.
  ///
  /// - Returns: `nil` if it belongs to another checkpoint.
  /// - Throws: `ModelFileError`: `unreadable`, or `damaged`.
  public init?(_ file: InputFile, checkpoint digest: String) throws(ModelFileError) {
    let head = try file.prefix(Self.maximumHeader)
    var lines: [[Substring]] = []
    var start = 0
    let newline = UInt8(ascii: "\n")
    while let end = head[start...].firstIndex(of: newline) {
      let line = String(decoding: head[start..<end], as: UTF8.self)
      start = end + 1
      lines.append(line.split(separator: " ").map { $0 })
      if line == "end" { break }
    }
    guard lines.first == Self.signature.split(separator: " ").map({ $0 }),
      lines.last == ["end"], lines.count > 2
    else { throw Self.damaged(file, "is no training state") }
    guard lines[1].last.map(String.init) == digest else { return nil }
    var offset = UInt64(start)
    var arrays: [(String, [Float])] = []
    for line in lines[2...].dropLast() {
      guard line.count == 3, let count = Int(line[2]), count >= 0,
        UInt64(count).multipliedReportingOverflow(by: 4).partialValue <= file.size
      else { throw Self.damaged(file, "has a line that names no array") }
      let bytes = try file.bytes(at: offset, count: 4 * count)
      offset += UInt64(bytes.count)
      arrays.append((String(line[1]), Self.floats(bytes)))
    }
    guard offset == file.size else { throw Self.damaged(file, "has another length") }
    self.arrays = arrays
  }

  private static func floats(_ bytes: [UInt8]) -> [Float] {
    stride(from: 0, to: bytes.count - 3, by: 4).map { start in
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
      return Float(bitPattern: bits)
    }
  }

  private static func damaged(_ file: InputFile, _ problem: String) -> ModelFileError {
    ModelFileError(
      .damaged, file: file.path, problem,
      remedy: "remove it, to go on without the momentum of the steps before")
  }
}
