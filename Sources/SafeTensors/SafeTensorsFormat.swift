import FileSupport
import ModelGraph

/// The safetensors format: the length of a header in 8 bytes, the header in JSON, and the bytes of tensors without gaps.
///
/// Source: `README.md` and `safetensors/src/tensor.rs` of huggingface/safetensors.
public struct SafeTensorsFormat: TensorFormat {
  /// The format.
  public init() {}

  /// `safetensors`
  public var name: String { "safetensors" }
  /// `.safetensors`
  public var endings: [String] { [".safetensors"] }
  /// `safetensors`
  public var title: String { "safetensors" }

  /// Whether a file begins with a length below 4 GiB and an opened JSON object, which no other format does.
  public func recognizes(_ file: InputFile) throws(ModelFileError) -> Bool {
    let start = try file.prefix(10)
    guard start.count == 10, start[8] == UInt8(ascii: "{") else { return false }
    // A longer header is against the format; a key, the end or a blank is what can follow the brace.
    return start[4..<8].allSatisfy { $0 == 0 }
      && [UInt8(ascii: "\""), UInt8(ascii: "}"), 0x20, 0x0A].contains(start[9])
  }

  /// Reads the header.
  public func open(_ file: InputFile) throws(ModelFileError) -> TensorContainer {
    var reader = HeaderReader(file)
    do {
      return try reader.container()
    } catch {
      throw error.inFile(file.path)
    }
  }

  /// Writes the header and then the tensors in their order.
  public func write(
    _ tensors: [NamedTensor], metadata: [(key: String, value: String)], to output: OutputFile,
    progress: (UInt64) -> Void
  ) throws(ModelFileError) {
    let ordered = HeaderWriter.ordered(tensors)
    try output.append(try HeaderWriter(ordered, metadata).bytes())
    let pipeline = TensorPipeline(ordered.map(\.tensor))
    var done: UInt64 = 0
    for tensor in ordered {
      try pipeline.withNext { (bytes) throws(ModelFileError) in try output.append(bytes) }
      done += tensor.byteCount
      if tensor.byteCount >= OutputFile.flushBytes { output.startFlushing() }
      progress(done)
    }
  }
}
