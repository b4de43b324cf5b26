/// What one element of a dataset or attribute is, as stored in the file.
public struct Datatype: Hashable, Sendable {
  /// The class of a type, with what distinguishes types of one class.
  public indirect enum Kind: Hashable, Sendable {
    /// A whole number.
    case integer(isSigned: Bool)
    /// A floating-point number, with the widths of its fields in bits (the implied bit not counted).
    case float(exponentBits: Int, mantissaBits: Int)
    /// Text of a fixed number of bytes.
    case fixedText(isUTF8: Bool, padding: Padding)
    /// Text of any length.
    case variableText(isUTF8: Bool)
    /// Bytes without meaning to HDF5; Keras stores bfloat16 so.
    case opaque
    /// A record.
    case compound([Member])
    /// Named values of an integer type.
    case enumeration(base: Datatype, names: [LinkName])
    /// A pointer to an object or a region of a dataset.
    case reference
    /// A set of bits.
    case bitField
    /// A small array as one element.
    case array(base: Datatype, shape: [UInt64])
    /// A list of any length.
    case variableLength(base: Datatype)
    /// A point in time, which no software writes.
    case time
    /// A type that this software can't describe.
    case unknown
  }

  /// How a text shorter than its field ends.
  public enum Padding: Hashable, Sendable {
    /// At the first zero byte.
    case zeroTerminated
    /// In zero bytes that do not count.
    case zeroPadded
    /// In spaces that do not count.
    case spacePadded
  }

  /// A field of a record.
  public struct Member: Hashable, Sendable {
    /// Its name.
    public let name: LinkName
    /// Its type.
    public let type: Datatype
    /// Where it starts in the record, in bytes.
    public let offset: Int
  }

  /// A common format of floating-point numbers.
  public enum FloatFormat: Hashable, Sendable {
    /// IEEE 754's of 16 bits.
    case binary16
    /// The upper half of ``binary32``.
    case bfloat16
    /// IEEE 754's of 32 bits.
    case binary32
    /// IEEE 754's of 64 bits.
    case binary64
  }

  /// The order of the bytes of a number.
  public enum ByteOrder: Hashable, Sendable {
    /// The least significant byte first.
    case little
    /// The most significant byte first.
    case big
    /// There is none: text, opaque bytes.
    case none
    /// Anything else: VAX order, records that mix orders.
    case other
  }

  /// The class.
  public let kind: Kind
  /// Bytes of one element in the file.
  public let size: Int
  /// The order of its bytes.
  public let order: ByteOrder
  /// Significant bits of a number; the others are padding. 0 for what is no number.
  public let precision: Int
  /// Where the significant bits of a number start.
  let bitOffset: Int
  /// Where the fields of a floating-point number that was read from a file lie.
  let floatLayout: FloatLayout?

  init(
    kind: Kind, size: Int, order: ByteOrder, precision: Int = 0, bitOffset: Int = 0,
    floatLayout: FloatLayout? = nil
  ) {
    self.kind = kind
    self.size = size
    self.order = order
    self.precision = precision
    self.bitOffset = bitOffset
    self.floatLayout = floatLayout
  }

  /// IEEE 754 binary16, little endian.
  public static let float16 = float(.binary16)
  /// IEEE 754 binary32, little endian.
  public static let float32 = float(.binary32)
  /// IEEE 754 binary64, little endian.
  public static let float64 = float(.binary64)
  /// Signed integers of 8 bits.
  public static let int8 = integer(isSigned: true, size: 1)
  /// Signed integers of 16 bits, little endian.
  public static let int16 = integer(isSigned: true, size: 2)
  /// Signed integers of 32 bits, little endian.
  public static let int32 = integer(isSigned: true, size: 4)
  /// Signed integers of 64 bits, little endian.
  public static let int64 = integer(isSigned: true, size: 8)
  /// Unsigned integers of 8 bits.
  public static let uint8 = integer(isSigned: false, size: 1)
  /// Unsigned integers of 16 bits, little endian.
  public static let uint16 = integer(isSigned: false, size: 2)
  /// Unsigned integers of 32 bits, little endian.
  public static let uint32 = integer(isSigned: false, size: 4)
  /// Unsigned integers of 64 bits, little endian.
  public static let uint64 = integer(isSigned: false, size: 8)

  /// Bytes without meaning to HDF5, `size` of them an element (at least 1).
  public static func opaque(size: Int) -> Datatype {
    Datatype(kind: .opaque, size: size, order: .none)
  }

  private static func float(_ layout: FloatLayout) -> Datatype {
    let bits = 1 + layout.exponentBits + layout.mantissaBits
    return Datatype(
      kind: .float(exponentBits: layout.exponentBits, mantissaBits: layout.mantissaBits),
      size: bits / 8, order: .little, precision: bits, floatLayout: layout)
  }

  private static func integer(isSigned: Bool, size: Int) -> Datatype {
    // One byte has an order in HDF5 too.
    Datatype(kind: .integer(isSigned: isSigned), size: size, order: .little, precision: size * 8)
  }
}

extension Datatype {
  /// The name that numpy has for the type, or one in its manner: `float32`, `uint8`, `bool`,
  /// `complex64`, `opaque2`, `string` (variable length), `string24`, `compound`, `enum`.
  public var name: String {
    switch kind {
    case .integer(let isSigned): "\(isSigned ? "" : "u")int\(size * 8)"
    case .float(let exponent, let mantissa): floatName(exponent, mantissa)
    case .fixedText: "string\(size)"
    case .variableText: "string"
    case .opaque: "opaque\(size)"
    case .compound(let members): Self.isComplex(members) ? "complex\(size * 8)" : "compound"
    case .enumeration(let base, let names):
      names == ["FALSE", "TRUE"] && base.size == 1 ? "bool" : "enum"
    case .reference: "reference"
    case .bitField: "bitfield\(size * 8)"
    case .array(let base, let shape): "\(base.name)\(shape)"
    case .variableLength(let base): "vlen(\(base.name))"
    case .time: "time"
    case .unknown: "unknown"
    }
  }

  /// The common format that a floating-point number has bit by bit; `nil` for one with other fields, or
  /// with the same ones in other places or another bias.
  public var floatFormat: FloatFormat? {
    switch (floatLayout, size) {
    case (.binary16, 2): .binary16
    case (.bfloat16, 2): .bfloat16
    case (.binary32, 4): .binary32
    case (.binary64, 8): .binary64
    default: nil
    }
  }

  private func floatName(_ exponent: Int, _ mantissa: Int) -> String {
    switch floatFormat {
    case .binary16, .binary32, .binary64: "float\(size * 8)"
    case .bfloat16: "bfloat16"
    case nil: "float\(size * 8)(e\(exponent)m\(mantissa))"
    }
  }

  /// The record that h5py stores a complex number as.
  private static func isComplex(_ members: [Member]) -> Bool {
    guard members.map(\.name) == ["r", "i"], members[0].type == members[1].type,
      case .float = members[0].type.kind
    else { return false }
    return true
  }

  /// Whether ``Dataset/readFloats(rows:into:)`` can turn it into float32.
  public var isNumeric: Bool {
    switch kind {
    case .integer, .float: true
    case .enumeration(let base, _): base.isNumeric
    default: false
    }
  }

  /// Whether elements hold their bytes themselves, so that they mean something outside the file.
  var isSelfContained: Bool {
    switch kind {
    case .variableText, .variableLength, .reference, .unknown: false
    case .compound(let members): members.allSatisfy(\.type.isSelfContained)
    case .array(let base, _), .enumeration(let base, _): base.isSelfContained
    default: true
    }
  }

  /// Whether the order of the bytes of all numbers in it is known.
  var hasKnownOrder: Bool {
    switch kind {
    case .compound(let members): members.allSatisfy(\.type.hasKnownOrder)
    case .array(let base, _), .enumeration(let base, _): base.hasKnownOrder
    default: order != .other
    }
  }

  /// Whether the bytes in the file are those of plain little-endian numbers, text or opaque bytes, so
  /// that nothing has to be converted.
  var isPlain: Bool {
    switch kind {
    case .compound(let members): members.allSatisfy(\.type.isPlain)
    case .array(let base, _), .enumeration(let base, _): base.isPlain
    case .integer, .bitField: (size == 1 || order == .little) && precision == size * 8
    case .float: order == .little
    default: isSelfContained
    }
  }

  /// Whether a whole number fills all bits of its bytes; where not, the others may hold anything.
  var hasNoPadding: Bool {
    switch kind {
    case .compound(let members): members.allSatisfy(\.type.hasNoPadding)
    case .array(let base, _), .enumeration(let base, _): base.hasNoPadding
    case .integer, .bitField: precision == size * 8
    default: true
    }
  }
}
