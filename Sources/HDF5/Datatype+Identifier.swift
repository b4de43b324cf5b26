import CHDF5
import FileSupport

extension Datatype {
  /// How deep types inside types are described; real ones stay below four.
  private static let maximumDepth = 16

  /// The description of a type of libhdf5.
  init(describing type: hid_t, at site: Site, depth: Int = 0) throws(ModelFileError) {
    let size = nn_h5t_size(type)
    guard size > 0 else { throw site.failure("has a datatype that can't be read") }
    let order: ByteOrder =
      switch nn_h5t_order(type) {
      case H5T_ORDER_LE: .little
      case H5T_ORDER_BE: .big
      case H5T_ORDER_NONE, H5T_ORDER_ERROR: .none
      default: .other
      }
    let kind =
      depth < Self.maximumDepth
      ? try Self.kind(of: type, at: site, depth: depth) : Kind.unknown
    let hasPrecision =
      switch kind {
      case .integer, .float, .bitField: true
      default: false
      }
    self.init(
      kind: kind, size: Int(clamping: size), order: order,
      precision: hasPrecision ? Int(clamping: nn_h5t_precision(type)) : 0)
  }

  private static func kind(
    of type: hid_t, at site: Site, depth: Int
  ) throws(ModelFileError) -> Kind {
    switch nn_h5t_class(type) {
    case H5T_INTEGER: return .integer(isSigned: nn_h5t_is_signed(type))
    case H5T_FLOAT:
      var exponent = 0
      var mantissa = 0
      try site.check(
        nn_h5t_float_fields(type, &exponent, &mantissa), or: "has a datatype that can't be read")
      return .float(exponentBits: exponent, mantissaBits: mantissa)
    case H5T_STRING:
      if nn_h5t_is_variable_text(type) > 0 {
        return .variableText(isUTF8: nn_h5t_is_utf8(type))
      }
      return .fixedText(isUTF8: nn_h5t_is_utf8(type), padding: padding(of: type))
    case H5T_OPAQUE: return .opaque
    case H5T_REFERENCE: return .reference
    case H5T_BITFIELD: return .bitField
    case H5T_TIME: return .time
    case H5T_COMPOUND: return .compound(try members(of: type, at: site, depth: depth))
    case H5T_ENUM:
      let base = try base(of: type, at: site, depth: depth)
      let count = UInt32(clamping: nn_h5t_member_count(type))
      return .enumeration(base: base, names: (0..<count).map { memberName(of: type, $0) })
    case H5T_ARRAY:
      let base = try base(of: type, at: site, depth: depth)
      var shape = [UInt64](repeating: 0, count: max(0, Int(nn_h5t_array_rank(type))))
      try site.check(nn_h5t_array_shape(type, &shape), or: "has a datatype that can't be read")
      return .array(base: base, shape: shape)
    case H5T_VLEN:
      return .variableLength(base: try base(of: type, at: site, depth: depth))
    default: return .unknown
    }
  }

  private static func padding(of type: hid_t) -> Padding {
    switch nn_h5t_padding(type) {
    case H5T_STR_NULLTERM: .zeroTerminated
    case H5T_STR_SPACEPAD: .spacePadded
    default: .zeroPadded
    }
  }

  private static func base(
    of type: hid_t, at site: Site, depth: Int
  ) throws(ModelFileError) -> Datatype {
    let base = try site.owned(nn_h5t_base(type), or: "has a datatype that can't be read")
    return try Datatype(describing: base.raw, at: site, depth: depth + 1)
  }

  private static func members(
    of type: hid_t, at site: Site, depth: Int
  ) throws(ModelFileError) -> [Member] {
    var members: [Member] = []
    for index in 0..<UInt32(clamping: nn_h5t_member_count(type)) {
      let member = try site.owned(
        nn_h5t_member_type(type, index), or: "has a datatype that can't be read")
      members.append(
        Member(
          name: memberName(of: type, index),
          type: try Datatype(describing: member.raw, at: site, depth: depth + 1),
          offset: Int(clamping: nn_h5t_member_offset(type, index))))
    }
    return members
  }

  private static func memberName(of type: hid_t, _ index: UInt32) -> LinkName {
    guard let name = nn_h5t_member_name(type, index) else { return "" }
    defer { nn_h5_free(name) }
    return LinkName(cString: name)
  }

  /// The type in libhdf5 for a dataset or attribute that we create.
  func makeIdentifier(at site: Site) throws(ModelFileError) -> OwnedIdentifier {
    let raw: hid_t =
      switch (kind, size) {
      case (.float, 2) where self == .float16: nn_h5t_float16()
      case (.float, 4) where self == .float32: nn_h5t_float32()
      case (.float, 8) where self == .float64: nn_h5t_float64()
      case (.integer(let isSigned), _) where order == .little: nn_h5t_integer(isSigned, size)
      case (.opaque, 1...): nn_h5t_opaque(size)
      default: throw site.error(.unsupported, "the datatype \(name) can't be written")
      }
    return try site.owned(raw, or: "its datatype can't be made")
  }
}

extension LinkName {
  /// The bytes up to the terminating zero.
  init(cString: UnsafePointer<CChar>) {
    var bytes: [UInt8] = []
    var position = cString
    while position.pointee != 0 {
      bytes.append(UInt8(bitPattern: position.pointee))
      position += 1
    }
    self.init(bytes: bytes)
  }
}
