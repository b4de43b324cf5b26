import CHDF5
import FileSupport

extension AttributeHolder {
  /// The most bytes that are stored as the attribute itself: an object header holds 64 KiB at most.
  private var maximumBytes: Int { 64_000 }

  /// Stores a text under a name: UTF-8 of fixed length, or of variable length beyond 64,000 bytes or if asked for. Python
  /// gets bytes of the former, and a text of the latter.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for a text with zero bytes, of kind
  ///   `inputOutput` if libhdf5 refuses.
  public func setAttribute(
    named name: LinkName, string: String, isVariable: Bool = false
  ) throws(ModelFileError) {
    let bytes = Array(string.utf8)
    let location = attributes.object.location
    guard !bytes.contains(0) else {
      throw location.error(.unsupported, "the text for attribute '\(name)' has a zero byte")
    }
    let isLong = isVariable || bytes.count > maximumBytes
    try store(name, shape: .scalar) { () throws(ModelFileError) in
      return try location.owned(
        nn_h5t_text(isLong ? 0 : max(1, bytes.count), true),
        or: "the type of attribute '\(name)' can't be made")
    } write: { attribute, type in
      if isLong {
        return LinkName(bytes: bytes).withCString { text in
          withUnsafePointer(to: text) { nn_h5a_write(attribute, type, $0) }
        }
      }
      return nn_h5a_write(attribute, type, bytes.isEmpty ? [0] : bytes)
    }
  }

  /// Stores a list of texts under a name, as an array of fixed-length text padded with zero bytes. The
  /// list may be empty.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if the list needs more than 64,000 bytes (number
  ///   × longest), which the caller has to split, of kind `inputOutput` if libhdf5 refuses.
  public func setAttribute(named name: LinkName, strings: [LinkName]) throws(ModelFileError) {
    let location = attributes.object.location
    let length = max(1, strings.map(\.bytes.count).max() ?? 1)
    try requireRoom(for: length * strings.count, name)
    var bytes: [UInt8] = []
    for string in strings {
      bytes += string.bytes + [UInt8](repeating: 0, count: length - string.bytes.count)
    }
    let isASCII = bytes.allSatisfy { $0 < 0x80 }
    try store(name, shape: .simple([UInt64(strings.count)])) { () throws(ModelFileError) in
      try location.owned(
        nn_h5t_text(length, !isASCII), or: "the type of attribute '\(name)' can't be made")
    } write: { attribute, type in
      nn_h5a_write(attribute, type, bytes)
    }
  }

  /// Stores a list of whole numbers under a name, as int64.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for more than 8,000 numbers, of kind
  ///   `inputOutput` if libhdf5 refuses.
  public func setAttribute(named name: LinkName, integers: [Int64]) throws(ModelFileError) {
    try requireRoom(for: integers.count * 8, name)
    let location = attributes.object.location
    let stored = integers.map(\.littleEndian)
    try store(name, shape: .simple([UInt64(integers.count)])) { () throws(ModelFileError) in
      try Datatype.int64.makeIdentifier(at: location)
    } write: { attribute, type in
      nn_h5a_write(attribute, type, stored)
    }
  }

  /// Stores bytes under a name, as an array of uint8.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` for more than 64,000 bytes, of kind
  ///   `inputOutput` if libhdf5 refuses.
  public func setAttribute(named name: LinkName, bytes: [UInt8]) throws(ModelFileError) {
    try requireRoom(for: bytes.count, name)
    let location = attributes.object.location
    try store(name, shape: .simple([UInt64(bytes.count)])) { () throws(ModelFileError) in
      try Datatype.uint8.makeIdentifier(at: location)
    } write: { attribute, type in
      nn_h5a_write(attribute, type, bytes)
    }
  }

  private func requireRoom(for bytes: Int, _ name: LinkName) throws(ModelFileError) {
    guard bytes <= maximumBytes else {
      throw attributes.object.location.error(
        .unsupported, "the attribute '\(name)' is too large for one",
        expected: "at most \(maximumBytes) bytes", found: "\(bytes)",
        remedy: "store it in several attributes or in a dataset")
    }
  }

  /// Creates the attribute, in place of one of the same name, and writes it.
  private func store(
    _ name: LinkName, shape: Dataspace,
    type makeType: () throws(ModelFileError) -> OwnedIdentifier,
    write: (hid_t, hid_t) -> herr_t
  ) throws(ModelFileError) {
    let handle = try attributes.object.requireHandle()
    let location = handle.location
    let problem = "its attribute '\(name)' can't be written"
    guard !name.bytes.isEmpty, !name.bytes.contains(0) else {
      throw location.error(.unsupported, "'\(name)' can't be the name of an attribute")
    }
    try handle.perform { object throws(ModelFileError) in
      let type = try makeType()
      let space = try shape.makeIdentifier(at: location)
      if name.withCString({ nn_h5a_exists(object, $0) }) > 0 {
        try location.check(name.withCString { nn_h5a_delete(object, $0) }, or: problem)
      }
      let raw = name.withCString { nn_h5a_create(object, $0, type.raw, space.raw) }
      let attribute = try location.owned(raw, or: problem)
      guard shape.elementCount != 0 else { return }
      try location.check(write(attribute.raw, type.raw), or: problem)
    }
  }
}
