import FileSupport

/// Where a message is that an object shares with others.
struct SharedMessage {
  /// The address of the header that holds it.
  let address: UInt64

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
    case 3:
      guard type == 2 else {
        throw ModelFileError(
          .unsupported, at: [.byte(start.place)],
          "\(start.what) has a message in the file's table of shared messages, which is not read",
          remedy: "copy the file without it: h5repack IN OUT")
      }
    default: throw start.flaw("shares a message in an unknown way", found: "version \(version)")
    }
    address = try cursor.definedAddress()
  }

  /// The message itself.
  func resolve(
    _ kind: HeaderMessage.Kind, in image: FileImage
  ) throws(ModelFileError) -> ByteCursor {
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
