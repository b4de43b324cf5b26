import FileSupport

/// Where a message is that an object shares with others.
enum SharedMessage {
  /// In the header at an address.
  case header(UInt64)
  /// In the file's heap of shared messages, under an identifier.
  case heap([UInt8])

  /// Reads the reference that stands in place of the message.
  init(_ cursor: inout ByteCursor) throws(ModelFileError) {
    let start = cursor
    let version = try cursor.byte()
    let type = try cursor.byte()
    switch version {
    case 1:
      // Six reserved bytes, then the place of a name that nobody uses.
      try cursor.skip(6 + cursor.widths.length)
    case 2: break
    case 3 where type == 1:
      self = .heap(try cursor.take(8))
      return
    case 3 where type == 2: break
    default:
      throw start.flaw(
        "shares a message in an unknown way", found: "version \(version), type \(type)")
    }
    self = .header(try cursor.definedAddress())
  }

  /// The message itself.
  func resolve(
    _ kind: HeaderMessage.Kind, in image: FileImage
  ) throws(ModelFileError) -> ByteCursor {
    let address: UInt64
    switch self {
    case .heap(let identifier): return try image.sharedMessage(identifier, kind)
    case .header(let place): address = place
    }
    let header = try ObjectHeader(at: address, in: image)
    guard let message = header.message(kind), !message.isShared else {
      throw ModelFileError(
        .damaged, at: [.byte(image.place(address))], "a message that is shared is not there")
    }
    return message.body
  }
}

extension HeaderMessage {
  /// The body, from wherever it is.
  func resolved(in image: FileImage) throws(ModelFileError) -> ByteCursor {
    guard isShared else { return body }
    var cursor = body
    return try SharedMessage(&cursor).resolve(kind, in: image)
  }
}
