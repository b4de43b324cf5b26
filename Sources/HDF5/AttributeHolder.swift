import FileSupport

/// The attributes of one object. It keeps the object open.
public struct AttributeTable: Sendable {
  let object: OpenObject
}

/// What has attributes: groups and datasets.
public protocol AttributeHolder: Sendable {
  /// The object's attributes.
  var attributes: AttributeTable { get }
}

extension AttributeHolder {
  /// The names of all attributes, in byte order.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they can't be read, or are more than the file's
  ///   ``HDF5Limits`` allow.
  public func attributeNames() throws(ModelFileError) -> [LinkName] {
    try attributes.object.read { object, file throws(ModelFileError) in
      let attributes = object.attributes(in: file)
      if let flaw = attributes.flaw { throw flaw }
      return attributes.messages.keys.sorted()
    }
  }

  /// Opens the attribute of this name, `nil` if there is none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it can't be read.
  public func attribute(named name: LinkName) throws(ModelFileError) -> Attribute? {
    let location = attributes.object.location
    return try attributes.object.read { object, file throws(ModelFileError) in
      guard let message = try object.attributes(in: file).message(named: name) else { return nil }
      do throws(ModelFileError) {
        return Attribute(try AttributeMessage(message, in: file.image), in: file, at: location)
      } catch {
        throw error.at(.array("\(name)"))
      }
    }
  }
}
