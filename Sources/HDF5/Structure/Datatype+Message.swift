import FileSupport

extension Datatype {
  /// How deep types inside types are read; real ones stay below four.
  private static let maximumDepth = 16

  /// Reads a datatype message.
  init(_ cursor: inout ByteCursor, depth: Int = 0) throws(ModelFileError) {
    let start = cursor
    guard depth < Self.maximumDepth else { throw start.flaw("has types too deep in one another") }
    let first = try cursor.byte()
    let version = first >> 4
    let bits = try cursor.number(3)
    let size = try cursor.count(4)
    guard (1...5).contains(version), size > 0, size <= Int(Int32.max) else {
      throw start.flaw(
        "has a datatype that can't be", expected: "version 1 to 5, a size",
        found: "version \(version), \(size) bytes")
    }
    let field = Field(start: start, version: version, bits: bits, size: size, depth: depth)
    switch first & 15 {
    case 0: self = try field.integer(&cursor)
    case 1: self = try field.float(&cursor)
    case 2:
      let precision = try cursor.count(2)
      self.init(kind: .time, size: size, order: field.order, precision: precision)
    case 3: self = field.text
    case 4: self = try field.bitField(&cursor)
    case 5:
      try cursor.skip(Int(bits & 0xFF))
      self.init(kind: .opaque, size: size, order: .none)
    case 6: self = try field.compound(&cursor)
    case 7: self.init(kind: .reference, size: size, order: .none)
    case 8: self = try field.enumeration(&cursor)
    case 9: self = try field.variableLength(&cursor)
    case 10: self = try field.array(&cursor)
    default: self.init(kind: .unknown, size: size, order: .none)
    }
  }

  /// What all classes of types have in common, while the rest is read.
  fileprivate struct Field {
    let start: ByteCursor
    let version: UInt8
    let bits: UInt64
    let size: Int
    let depth: Int

    var order: ByteOrder { bits & 1 == 0 ? .little : .big }
  }
}

extension Datatype.Field {
  /// The offset and the number of the significant bits, checked against the size.
  private func significantBits(
    _ cursor: inout ByteCursor
  ) throws(ModelFileError) -> (offset: Int, precision: Int) {
    let offset = try cursor.count(2)
    let precision = try cursor.count(2)
    guard precision > 0, offset + precision <= size * 8 else {
      throw start.flaw(
        "has a number whose bits do not fit its bytes", expected: "at most \(size * 8) bits",
        found: "\(precision) from bit \(offset) on")
    }
    return (offset, precision)
  }

  func integer(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    let (offset, precision) = try significantBits(&cursor)
    return Datatype(
      kind: .integer(isSigned: bits & 8 != 0), size: size, order: order, precision: precision,
      bitOffset: offset)
  }

  func bitField(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    let (offset, precision) = try significantBits(&cursor)
    return Datatype(
      kind: .bitField, size: size, order: order, precision: precision, bitOffset: offset)
  }

  func float(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    let (offset, precision) = try significantBits(&cursor)
    let exponentStart = try cursor.count(1)
    let exponentBits = try cursor.count(1)
    let mantissaStart = try cursor.count(1)
    let mantissaBits = try cursor.count(1)
    let bias = try cursor.number(4)
    let sign = Int(bits >> 8 & 0xFF)
    guard exponentBits > 0, mantissaBits > 0, sign < size * 8,
      exponentStart + exponentBits <= size * 8, mantissaStart + mantissaBits <= size * 8
    else { throw start.flaw("has a floating-point number whose fields do not fit its bytes") }
    let layout = FloatLayout(
      signBit: sign, exponentStart: exponentStart, exponentBits: exponentBits,
      mantissaStart: mantissaStart, mantissaBits: mantissaBits, bias: bias,
      hasImpliedBit: bits >> 4 & 3 == 2)
    return Datatype(
      kind: .float(exponentBits: exponentBits, mantissaBits: mantissaBits), size: size,
      order: bits & 0x40 != 0 ? .other : order, precision: precision, bitOffset: offset,
      floatLayout: layout)
  }

  private var padding: Datatype.Padding {
    switch bits & 15 {
    case 0: .zeroTerminated
    case 2: .spacePadded
    default: .zeroPadded
    }
  }

  var text: Datatype {
    Datatype(
      kind: .fixedText(isUTF8: bits >> 4 & 15 == 1, padding: padding), size: size, order: .none)
  }

  func variableLength(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    let base = try Datatype(&cursor, depth: depth + 1)
    if bits & 15 == 1 {
      return Datatype(
        kind: .variableText(isUTF8: bits >> 8 & 15 == 1), size: size, order: .none)
    }
    return Datatype(kind: .variableLength(base: base), size: size, order: base.order)
  }

  /// A name; before version 3 it takes a multiple of eight bytes, its end included.
  private func name(_ cursor: inout ByteCursor) throws(ModelFileError) -> LinkName {
    let name = try cursor.text()
    if version < 3 { try cursor.skip(7 - name.count % 8) }
    return LinkName(bytes: name)
  }

  func compound(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    var members: [Datatype.Member] = []
    var fieldBytes = 0
    let count = Int(bits & 0xFFFF)
    for _ in 0..<count {
      let name = try name(&cursor)
      let offset = try cursor.count(version < 3 ? 4 : (71 - UInt64(size).leadingZeroBitCount) / 8)
      var shape: [UInt64] = []
      if version == 1 {
        let rank = try cursor.count(1)
        try cursor.skip(11)
        for axis in 0..<4 {
          let extent = try cursor.number(4)
          if axis < rank { shape.append(extent) }
        }
      }
      var type = try Datatype(&cursor, depth: depth + 1)
      if !shape.isEmpty { type = try Self.array(of: type, shape: shape, at: start) }
      guard offset <= size, type.size <= size - offset else {
        throw start.flaw(
          "has a record with a field beyond its end", expected: "at most \(size) bytes",
          found: "\(type.size) from byte \(offset) on")
      }
      members.append(Datatype.Member(name: name, type: type, offset: offset))
      fieldBytes += type.size
    }
    guard fieldBytes <= size else {
      throw start.flaw("has a record whose fields lie on one another")
    }
    let orders = Set(members.map(\.type.order).filter { $0 != .none })
    let order = orders.count > 1 ? .other : orders.first ?? .none
    return Datatype(kind: .compound(members), size: size, order: order)
  }

  func enumeration(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    let base = try Datatype(&cursor, depth: depth + 1)
    guard case .integer = base.kind, base.size == size else {
      throw start.flaw("has an enumeration of something else than whole numbers")
    }
    var names: [LinkName] = []
    for _ in 0..<Int(bits & 0xFFFF) { names.append(try name(&cursor)) }
    try cursor.skip(names.count * base.size)
    return Datatype(kind: .enumeration(base: base, names: names), size: size, order: base.order)
  }

  func array(_ cursor: inout ByteCursor) throws(ModelFileError) -> Datatype {
    let rank = try cursor.count(1)
    guard (1...Dataspace.maximumRank).contains(rank) else {
      throw start.flaw("has an array type of \(rank) axes, which can't be")
    }
    if version < 3 { try cursor.skip(3) }
    var shape: [UInt64] = []
    for _ in 0..<rank { shape.append(try cursor.number(4)) }
    if version < 3 { try cursor.skip(4 * rank) }
    let type = try Self.array(of: Datatype(&cursor, depth: depth + 1), shape: shape, at: start)
    guard type.size == size else {
      throw start.flaw("has an array type of a wrong size", found: "\(size)")
    }
    return type
  }

  private static func array(
    of base: Datatype, shape: [UInt64], at start: ByteCursor
  ) throws(ModelFileError) -> Datatype {
    let bytes = Dataspace.simple(shape).byteCount(elementSize: base.size)
    guard let bytes, let size = Int32(exactly: bytes), size > 0 else {
      throw start.flaw("has an array type of a size that can't be")
    }
    return Datatype(kind: .array(base: base, shape: shape), size: Int(size), order: base.order)
  }
}
