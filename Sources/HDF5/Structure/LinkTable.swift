import FileSupport

/// A link as a group stores it.
enum StoredLink: Sendable, Hashable {
  /// To the object whose header is at an address.
  case hard(UInt64)
  case soft(LinkName)
  case external(file: LinkName, target: LinkName)
  case userDefined
}

/// The links of a group, however it keeps them. What is damaged of it does not hide the rest.
struct LinkTable: Sendable {
  private(set) var links: [LinkName: StoredLink] = [:]
  /// Why `links` may lack some.
  private(set) var flaw: ModelFileError?
  private var nameBytes: UInt64 = 0
  private let limits: HDF5Limits
  /// Each name is stored once, so together they are no longer than the file.
  private let maximumNameBytes: UInt64

  /// Reads the links of the group with this header.
  init(of header: ObjectHeader, in image: FileImage, limits: HDF5Limits) {
    self.limits = limits
    maximumNameBytes = min(limits.textBytes, image.end)
    for message in header.messages {
      do throws(ModelFileError) {
        try read(message, in: image)
      } catch {
        flaw = flaw ?? error
      }
    }
  }

  /// Where a link leads, `nil` if there is none of this name.
  ///
  /// - Throws: `ModelFileError` if there is none, but may have been.
  func link(named name: LinkName) throws(ModelFileError) -> StoredLink? {
    if let link = links[name] { return link }
    if let flaw { throw flaw }
    return nil
  }

  private mutating func read(
    _ message: HeaderMessage, in image: FileImage
  ) throws(ModelFileError) {
    switch message.kind {
    case .link:
      var body = try message.resolved(in: image)
      try add(LinkMessage(&body), from: body)
    case .symbolTable:
      var body = try message.resolved(in: image)
      let tree = try body.definedAddress()
      let heap = try LocalHeap(at: try body.definedAddress(), in: image)
      var reader = GroupTree(image: image, heap: heap)
      try reader.read(tree) { link, place throws(ModelFileError) in try add(link, from: place) }
      flaw = flaw ?? reader.flaw
    case .linkInfo:
      var body = try message.resolved(in: image)
      try readDense(&body, in: image)
    default: break
    }
  }

  /// Links in a heap, found through a tree by the hashes of their names.
  private mutating func readDense(
    _ body: inout ByteCursor, in image: FileImage
  ) throws(ModelFileError) {
    try body.expect(version: 0)
    if try body.byte() & 1 != 0 { try body.skip(8) }
    guard let heapAddress = try body.address() else { return }
    let tree = try body.definedAddress()
    var heap = try FractalHeap(at: heapAddress, in: image)
    try RecordTree(at: tree, in: image).forEachRecord(of: 5) { record throws(ModelFileError) in
      try record.skip(4)
      var object: ByteCursor
      let message: LinkMessage
      do throws(ModelFileError) {
        object = try heap.object(try record.take(record.left), of: "a link")
        message = try LinkMessage(&object)
      } catch {
        flaw = flaw ?? error
        return
      }
      try add(message, from: object)
    }
  }

  private mutating func add(
    _ link: LinkMessage, from place: ByteCursor
  ) throws(ModelFileError) {
    nameBytes += UInt64(link.name.bytes.count)
    guard links.count < limits.links, nameBytes <= maximumNameBytes else {
      throw ModelFileError(
        .damaged, "holds too many links",
        expected: "at most \(limits.links) links with \(maximumNameBytes) bytes of names")
    }
    guard link.name.isOneComponent else {
      throw place.flaw("has a name that HDF5 does not allow", found: "'\(link.name)'")
    }
    guard links.updateValue(link.link, forKey: link.name) == nil else {
      throw place.flaw("has a name that another link of the group has too", found: "'\(link.name)'")
    }
  }
}

/// A link with its name.
struct LinkMessage {
  let name: LinkName
  let link: StoredLink

  init(name: LinkName, link: StoredLink) {
    self.name = name
    self.link = link
  }

  /// Reads a link message.
  init(_ cursor: inout ByteCursor) throws(ModelFileError) {
    let start = cursor
    try cursor.expect(version: 1)
    let flags = try cursor.byte()
    let type = flags & 8 != 0 ? try cursor.byte() : 0
    if flags & 4 != 0 { try cursor.skip(8) }
    if flags & 16 != 0 { try cursor.skip(1) }
    name = LinkName(bytes: try cursor.take(try cursor.count(1 << Int(flags & 3))))
    switch type {
    case 0: link = .hard(try cursor.definedAddress())
    case 1: link = .soft(LinkName(bytes: try cursor.take(try cursor.count(2))))
    case 64:
      var value = try cursor.part(try cursor.count(2))
      try value.skip(1)
      link = .external(
        file: LinkName(bytes: try value.text()), target: LinkName(bytes: try value.text()))
    case 65...: link = .userDefined
    default: throw start.flaw("has a link of an unknown kind", found: "\(type)")
    }
  }
}
