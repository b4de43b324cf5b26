import FileSupport

/// An attribute as an object stores it.
struct AttributeMessage: Sendable {
  let name: LinkName
  let shape: Dataspace
  let datatype: Datatype
  /// The bytes of the elements, and perhaps some more.
  let elements: ByteCursor

  /// The name of an attribute message; the rest is not looked at.
  static func name(_ message: ByteCursor) throws(ModelFileError) -> LinkName {
    var cursor = message
    return try Prefix(&cursor).name
  }

  /// What stands before the elements.
  private struct Prefix {
    let version: UInt8
    let flags: UInt8
    let name: LinkName
    let typeBytes: Int
    let shapeBytes: Int

    init(_ cursor: inout ByteCursor) throws(ModelFileError) {
      let start = cursor
      version = try cursor.byte()
      guard (1...3).contains(version) else {
        throw start.flaw("has an attribute of an unknown version", found: "\(version)")
      }
      flags = version == 1 ? 0 : try cursor.byte()
      if version == 1 { try cursor.skip(1) }
      let nameBytes = try cursor.count(2)
      typeBytes = try cursor.count(2)
      shapeBytes = try cursor.count(2)
      if version == 3 { try cursor.skip(1) }
      var text = try cursor.part(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes)
      name = LinkName(bytes: Array(try text.take(nameBytes).prefix { $0 != 0 }))
    }

    /// Version 1 pads its parts to multiples of eight bytes.
    func padded(_ count: Int) -> Int { version == 1 ? (count + 7) / 8 * 8 : count }
  }

  /// Reads an attribute message.
  init(_ message: ByteCursor, in image: FileImage) throws(ModelFileError) {
    var cursor = message
    let prefix = try Prefix(&cursor)
    name = prefix.name
    var type = try cursor.part(prefix.padded(prefix.typeBytes))
    var space = try cursor.part(prefix.padded(prefix.shapeBytes))
    if prefix.flags & 1 != 0 { type = try SharedMessage(&type).resolve(.datatype, in: image) }
    if prefix.flags & 2 != 0 { space = try SharedMessage(&space).resolve(.dataspace, in: image) }
    datatype = try Datatype(&type)
    shape = try Dataspace(&space)
    elements = cursor
  }
}

/// The attributes of an object by their names, however it keeps them. What is damaged of them does not
/// hide the rest.
struct StoredAttributes: Sendable {
  private(set) var messages: [LinkName: ByteCursor] = [:]
  /// Why `messages` may lack some.
  private(set) var flaw: ModelFileError?
  private var nameBytes: UInt64 = 0
  private let limits: HDF5Limits

  init(of header: ObjectHeader, in image: FileImage, limits: HDF5Limits) {
    self.limits = limits
    for message in header.messages {
      do throws(ModelFileError) {
        switch message.kind {
        case .attribute: try add(try message.resolved(in: image))
        case .attributeInfo:
          var body = try message.resolved(in: image)
          try readDense(&body, in: image)
        default: break
        }
      } catch {
        flaw = flaw ?? error
      }
    }
  }

  /// The message of this name, `nil` if there is none.
  ///
  /// - Throws: `ModelFileError` if there is none, but may have been.
  func message(named name: LinkName) throws(ModelFileError) -> ByteCursor? {
    if let message = messages[name] { return message }
    if let flaw { throw flaw }
    return nil
  }

  private mutating func readDense(
    _ body: inout ByteCursor, in image: FileImage
  ) throws(ModelFileError) {
    try body.expect(version: 0)
    if try body.byte() & 1 != 0 { try body.skip(2) }
    guard let heapAddress = try body.address() else { return }
    let tree = try body.definedAddress()
    var heap = try FractalHeap(at: heapAddress, in: image)
    try RecordTree(at: tree, in: image).forEachRecord(of: 8) { record throws(ModelFileError) in
      let identifier = try record.take(8)
      let isShared = try record.byte() & 2 != 0
      let message: ByteCursor
      do throws(ModelFileError) {
        message =
          isShared
          ? try image.sharedMessage(identifier, .attribute)
          : try heap.object(identifier, of: "an attribute")
      } catch {
        flaw = flaw ?? error
        return
      }
      try add(message)
    }
  }

  private mutating func add(_ message: ByteCursor) throws(ModelFileError) {
    let name = try AttributeMessage.name(message)
    nameBytes += UInt64(name.bytes.count)
    guard messages.count < limits.links, nameBytes <= limits.textBytes else {
      throw ModelFileError(
        .damaged, "has too many attributes",
        expected: "at most \(limits.links) with \(limits.textBytes) bytes of names")
    }
    guard messages.updateValue(message, forKey: name) == nil else {
      throw message.flaw("has two attributes of the name '\(name)'")
    }
  }
}
