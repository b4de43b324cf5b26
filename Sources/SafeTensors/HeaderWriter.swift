import FileSupport
import ModelGraph

/// The header of a file that is to be written.
struct HeaderWriter {
  private let tensors: [NamedTensor]
  private let metadata: [(key: String, value: String)]

  init(_ tensors: [NamedTensor], _ metadata: [(key: String, value: String)]) {
    self.tensors = tensors
    self.metadata = metadata
  }

  /// The tensors with the widest numbers first, so that all are aligned; else in the order given.
  static func ordered(_ tensors: [NamedTensor]) -> [NamedTensor] {
    let widths = Set(tensors.map(\.tensor.elementType.byteCount)).sorted(by: >)
    return widths.flatMap { width in
      tensors.filter { $0.tensor.elementType.byteCount == width }
    }
  }

  /// The length, the JSON text, and blanks up to a multiple of 8 bytes.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for names that the format can't hold.
  func bytes() throws(ModelFileError) -> [UInt8] {
    var header = JSONObject()
    if !metadata.isEmpty {
      header[HeaderReader.metadataKey] = .object(
        JSONObject(metadata.map { ($0.key, .string($0.value)) }))
    }
    var position: UInt64 = 0
    for tensor in tensors {
      guard header[tensor.name] == nil,
        !tensor.name.utf8.elementsEqual(HeaderReader.metadataKey.utf8)
      else {
        throw ModelFileError(
          .unsupported, at: [.array(tensor.name)],
          "the name stands for something else already, so that no tensor can have it")
      }
      guard let type = SafeTensorsType(tensor.tensor.elementType) else {
        throw ModelFileError(
          .unsupported, at: [.array(tensor.name)], "the format has no type for its numbers",
          found: tensor.tensor.elementType.rawValue)
      }
      let end = position + tensor.byteCount
      header[tensor.name] = [
        "dtype": .string(type.rawValue), "shape": JSONValue(tensor.shape.extents),
        "data_offsets": [JSONValue(position), JSONValue(end)],
      ]
      position = end
    }
    var text = JSONWriter().bytes(of: .object(header))
    while text.count % Int(HeaderReader.prefixBytes) != 0 { text.append(0x20) }
    guard UInt64(text.count) <= HeaderReader.largestHeader else {
      throw ModelFileError(
        .unsupported, "the model has too many tensors for the format's header",
        expected: "at most \(HeaderReader.largestHeader) bytes", found: "\(text.count)")
    }
    let length = UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> UInt64(8 * $0)) } + text
  }
}
