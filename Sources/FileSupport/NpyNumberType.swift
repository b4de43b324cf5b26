/// How a `.npy` file stores one number.
public struct NpyNumberType: Sendable, Equatable {
  /// What the bits mean.
  public enum Kind: Character, Sendable {
    /// 0 or 1.
    case bool = "b"
    /// An integer in two's complement.
    case signed = "i"
    /// An integer from 0 up.
    case unsigned = "u"
    /// An IEEE number.
    case float = "f"
  }

  /// What the bits mean.
  public let kind: Kind
  /// Bytes of a number.
  public let byteCount: Int
  /// Whether the most significant byte stands first.
  public let isBigEndian: Bool

  /// The type that a `descr` names, `nil` if it names another: `<f4`, `>i8`, `|b1`.
  init?(_ text: String) {
    let characters = Array(text)
    guard characters.count == 3, "<>|=".contains(characters[0]),
      let kind = Kind(rawValue: characters[1]), let size = characters[2].wholeNumberValue
    else { return nil }
    let sizes: Set<Int> =
      switch kind {
      case .bool: [1]
      case .float: [2, 4, 8]
      case .signed, .unsigned: [1, 2, 4, 8]
      }
    // Only a single byte needs no order.
    guard sizes.contains(size), characters[0] != "|" || size == 1 else { return nil }
    self.kind = kind
    byteCount = size
    isBigEndian = characters[0] == ">"
  }

  /// Whether every number is a whole one.
  public var isInteger: Bool { kind != .float }

  /// Appends stored numbers, each rounded to the nearest `Number`.
  ///
  /// Bytes behind the last whole number are left alone.
  func append<Number: BinaryFloatingPoint>(
    _ bytes: UnsafeRawBufferPointer, to numbers: inout [Number]
  ) {
    let reader = NpyNumberReader(bytes: bytes, isBigEndian: isBigEndian)
    switch (kind, byteCount) {
    case (.bool, _): reader.append(UInt8.self, to: &numbers) { $0 == 0 ? 0 : 1 }
    case (.signed, 1): reader.append(Int8.self, to: &numbers) { Number($0) }
    case (.signed, 2): reader.append(Int16.self, to: &numbers) { Number($0) }
    case (.signed, 4): reader.append(Int32.self, to: &numbers) { Number($0) }
    case (.signed, _): reader.append(Int64.self, to: &numbers) { Number($0) }
    case (.unsigned, 1): reader.append(UInt8.self, to: &numbers) { Number($0) }
    case (.unsigned, 2): reader.append(UInt16.self, to: &numbers) { Number($0) }
    case (.unsigned, 4): reader.append(UInt32.self, to: &numbers) { Number($0) }
    case (.unsigned, _): reader.append(UInt64.self, to: &numbers) { Number($0) }
    case (.float, 2): reader.append(UInt16.self, to: &numbers) { Number(Float(halfBits: $0)) }
    case (.float, 4): reader.append(UInt32.self, to: &numbers) { Number(Float(bitPattern: $0)) }
    case (.float, _): reader.append(UInt64.self, to: &numbers) { Number(Double(bitPattern: $0)) }
    }
  }
}

/// Reads integers out of bytes that nobody frees meanwhile.
///
/// Invariant: only whole integers inside `bytes` are read.
private struct NpyNumberReader {
  let bytes: UnsafeRawBufferPointer
  let isBigEndian: Bool

  func append<Stored: FixedWidthInteger, Number>(
    _: Stored.Type, to numbers: inout [Number], _ convert: (Stored) -> Number
  ) {
    let size = MemoryLayout<Stored>.size
    for index in 0..<(bytes.count / size) {
      let stored = bytes.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
      numbers.append(
        convert(isBigEndian ? Stored(bigEndian: stored) : Stored(littleEndian: stored)))
    }
  }
}
