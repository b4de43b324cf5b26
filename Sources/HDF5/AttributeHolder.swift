import CHDF5
import FileSupport

/// The attributes of one object. It keeps the object open.
public struct AttributeTable: Sendable {
  let handle: ObjectHandle
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
    let handle = attributes.handle
    let limits = handle.session.limits
    return try handle.perform { object throws(ModelFileError) in
      var list = NameList(limits: limits)
      let status = withUnsafeMutablePointer(to: &list) { pointer in
        nn_h5a_visit(
          object,
          { name, context in
            guard let name, let list = context?.assumingMemoryBound(to: NameList.self) else {
              return -1
            }
            return list.pointee.append(LinkName(cString: name))
          }, pointer)
      }
      if list.isOverLimits {
        throw handle.site.error(
          .damaged, "has too many attributes",
          expected: "at most \(limits.links) with \(limits.textBytes) bytes of names")
      }
      try handle.site.check(status, or: "its attributes can't be read")
      return list.names.sorted()
    }
  }

  /// Opens the attribute of this name, `nil` if there is none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if it can't be read.
  public func attribute(named name: LinkName) throws(ModelFileError) -> Attribute? {
    let handle = attributes.handle
    guard !name.bytes.contains(0) else { return nil }
    let identifier = try handle.perform { object throws(ModelFileError) -> hid_t? in
      let exists = name.withCString { nn_h5a_exists(object, $0) }
      try handle.site.check(exists, or: "its attributes can't be read")
      guard exists > 0 else { return nil }
      let raw = name.withCString { nn_h5a_open(object, $0) }
      return try handle.site.owned(raw, or: "its attribute '\(name)' can't be read").take()
    }
    guard let identifier else { return nil }
    return try Attribute(
      name: name,
      handle: ObjectHandle(adopting: identifier, site: handle.site, session: handle.session))
  }
}

/// What a listing has found so far.
private struct NameList {
  let limits: HDF5Limits
  var names: [LinkName] = []
  var bytes: UInt64 = 0
  var isOverLimits = false

  init(limits: HDF5Limits) {
    self.limits = limits
  }

  /// Takes in one more; the result tells libhdf5 to go on (0) or to stop.
  mutating func append(_ name: LinkName) -> Int32 {
    bytes += UInt64(name.bytes.count)
    isOverLimits = names.count >= limits.links || bytes > limits.textBytes
    guard !isOverLimits else { return 1 }
    names.append(name)
    return 0
  }
}
