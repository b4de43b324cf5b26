import FileSupport
import ModelGraph

/// Reads the header of a file and holds it against the file's bytes: tensors lie one behind another, from the end of the
/// header to the end of the file, without a gap and without an overlap.
///
/// Source: `SafeTensors::read_metadata` and `Metadata::validate` in `safetensors/src/tensor.rs`.
struct HeaderReader {
  /// The longest header that the format allows, in bytes.
  static let largestHeader: UInt64 = 100_000_000
  /// The bytes in front of the header, which tell its length.
  static let prefixBytes: UInt64 = 8
  static let metadataKey = "__metadata__"
  /// The most values that a header's JSON text may have: half a million tensors.
  private static let limits = JSONParser.Limits(depth: 32, values: 1 << 22)

  private let file: InputFile
  private var warnings: [ModelWarning] = []

  init(_ file: InputFile) { self.file = file }

  /// A tensor as the header tells it.
  private struct Entry {
    let name: String
    let type: SafeTensorsType
    let shape: Shape
    let start: UInt64
    let end: UInt64
  }

  /// All that the header says.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` for what breaks a rule of the format.
  mutating func container() throws(ModelFileError) -> TensorContainer {
    let length = try headerLength()
    let dataStart = Self.prefixBytes + length
    let header = try parsed(try file.bytes(at: Self.prefixBytes, count: Int(length)))
    var entries: [Entry] = []
    var metadata: [(key: String, value: String)] = []
    for (name, value) in header {
      if name.utf8.elementsEqual(Self.metadataKey.utf8) {
        metadata = try Self.metadata(value)
      } else {
        entries.append(try entry(name, value))
      }
    }
    entries.sort { ($0.start, $0.end) < ($1.start, $1.end) }
    try hold(entries, against: file.size - dataStart)
    let tensors = entries.map { entry in
      StoredTensor(
        name: entry.name, shape: entry.shape, typeName: entry.type.rawValue,
        elementType: entry.type.elementType, offset: dataStart + entry.start,
        source: FileRegion(
          file: file, offset: dataStart + entry.start, byteCount: Int(entry.end - entry.start)))
    }
    return TensorContainer(file: file, tensors: tensors, metadata: metadata, warnings: warnings)
  }

  private func headerLength() throws(ModelFileError) -> UInt64 {
    guard file.size >= Self.prefixBytes else {
      throw ModelFileError(
        .damaged, at: [.byte(0)], "the file ends inside the length of its header",
        expected: "\(Self.prefixBytes) bytes", found: "\(file.size)",
        remedy: "the file is cut short; fetch it again")
    }
    let length = try file.prefix(Int(Self.prefixBytes)).enumerated()
      .reduce(UInt64(0)) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) }
    guard length <= Self.largestHeader else {
      throw ModelFileError(
        .damaged, at: [.byte(0)], "the header is longer than the format allows",
        expected: "at most \(Self.largestHeader) bytes", found: "\(length)")
    }
    guard length <= file.size - Self.prefixBytes else {
      throw ModelFileError(
        .damaged, at: [.byte(0)], "the header is longer than the file",
        expected: "at most \(file.size - Self.prefixBytes) bytes", found: "\(length)",
        remedy: "the file is cut short; fetch it again")
    }
    return length
  }

  private func parsed(_ text: [UInt8]) throws(ModelFileError) -> JSONObject {
    guard text.first == UInt8(ascii: "{") else {
      throw ModelFileError(
        .damaged, at: [.byte(Self.prefixBytes)], "the header is no JSON object",
        expected: "'{'", found: text.first.map { "byte \($0)" } ?? "an empty header")
    }
    do {
      let value = try JSONParser.parse(
        text, limits: Self.limits, allowsPythonNumbers: false, allowsDuplicateKeys: false)
      return value.object ?? [:]
    } catch {
      throw Self.shifted(error)
    }
  }

  /// The parser counts from the start of the text.
  private static func shifted(_ error: ModelFileError) -> ModelFileError {
    var error = error
    error.places = error.places.map { place in
      if case .byte(let offset) = place { .byte(offset + prefixBytes) } else { place }
    }
    return error
  }

  private static func metadata(
    _ value: JSONValue
  ) throws(ModelFileError) -> [(key: String, value: String)] {
    guard value != .null else { return [] }
    guard let object = value.object else {
      throw ModelFileError(
        .damaged, at: [.option(metadataKey)], "the metadata are no object of texts")
    }
    var result: [(key: String, value: String)] = []
    for (key, value) in object {
      guard let text = value.text else {
        throw ModelFileError(
          .damaged, at: [.option(metadataKey), .option(key)], "the metadata hold what is no text")
      }
      result.append((key, text))
    }
    return result
  }

  private mutating func entry(
    _ name: String, _ value: JSONValue
  ) throws(ModelFileError) -> Entry {
    guard let object = value.object else {
      throw Self.error(name, "is described by no object")
    }
    guard let typeName = object["dtype"]?.text else { throw Self.error(name, "has no 'dtype'") }
    guard let type = SafeTensorsType(rawValue: typeName) else {
      throw Self.error(
        name, "is of a type that the format does not know",
        expected: SafeTensorsType.allCases.map(\.rawValue).joined(separator: ", "),
        found: "'\(String(typeName.prefix(40)).escapedForTerminal)'")
    }
    guard let extents = object["shape"]?.elements, let counts = Self.counts(extents) else {
      throw Self.error(name, "has no 'shape' of whole numbers from 0 on")
    }
    guard let places = object["data_offsets"]?.elements, let offsets = Self.counts(places),
      offsets.count == 2
    else { throw Self.error(name, "has no 'data_offsets' of two whole numbers from 0 on") }
    for key in object.keys where !["dtype", "shape", "data_offsets"].contains(key) {
      warnings.append(
        ModelWarning(
          file: file.path, at: [.array(name), .option(key)],
          "means nothing in this format and is passed over"))
    }
    let (start, end) = (offsets[0], offsets[1])
    guard start <= end else {
      throw Self.error(
        name, "ends in front of its beginning", expected: "\(start) or more", found: "\(end)")
    }
    guard let byteCount = Self.byteCount(counts, type) else {
      throw Self.error(
        name, "is of a size that no file has", found: "\(typeName) of shape \(extents.count) axes")
    }
    guard end - start == byteCount else {
      throw Self.error(
        name, "has bytes for another shape",
        expected: "\(byteCount) bytes for \(typeName) \(counts)", found: "\(end - start)")
    }
    return Entry(
      name: name, type: type, shape: Shape(counts.map { Int(clamping: $0) }), start: start,
      end: end)
  }

  /// Whole numbers from 0 on, as the format's own reader takes them.
  private static func counts(_ values: [JSONValue]) -> [UInt64]? {
    var result: [UInt64] = []
    for value in values {
      switch value {
      case .integer(let number) where number >= 0: result.append(UInt64(number))
      case .unsigned(let number): result.append(number)
      default: return nil
      }
    }
    return result
  }

  /// The bytes of a tensor; `nil` if they can't be counted, or don't end with a whole one.
  private static func byteCount(_ extents: [UInt64], _ type: SafeTensorsType) -> UInt64? {
    var count: UInt64 = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      count = product
    }
    let (bits, overflow) = count.multipliedReportingOverflow(by: UInt64(type.bitCount))
    guard !overflow else { return nil }
    guard bits % 8 == 0, bits / 8 <= UInt64(Int.max) else { return nil }
    return bits / 8
  }

  /// Checks that the tensors fill the bytes behind the header.
  private func hold(
    _ entries: [Entry], against dataBytes: UInt64
  ) throws(ModelFileError) {
    var position: UInt64 = 0
    for entry in entries {
      guard entry.start == position else {
        throw Self.error(
          entry.name,
          entry.start < position
            ? "lies over another tensor" : "lies behind bytes that no tensor has",
          expected: "to begin at \(position) behind the header", found: "\(entry.start)")
      }
      position = entry.end
    }
    guard position == dataBytes else {
      let last = entries.last?.name
      throw ModelFileError(
        .damaged, at: last.map { [.array($0)] } ?? [],
        position > dataBytes
          ? "the file ends before its tensors do" : "bytes follow the last tensor",
        expected: "\(position) bytes behind the header", found: "\(dataBytes)",
        remedy: position > dataBytes ? "the file is cut short; fetch it again" : nil)
    }
  }

  private static func error(
    _ name: String, _ problem: String, expected: String? = nil, found: String? = nil
  ) -> ModelFileError {
    ModelFileError(
      .damaged, at: [.array(name)], "the tensor " + problem, expected: expected, found: found)
  }
}
