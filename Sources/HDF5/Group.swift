import CHDF5
import FileSupport

/// An open group: a folder of links to groups, datasets and named datatypes, with attributes.
public final class Group: AttributeHolder {
  let handle: ObjectHandle

  init(_ handle: ObjectHandle) {
    self.handle = handle
  }

  /// The links from the root group down to this one, as it was opened.
  public var path: [LinkName] { handle.site.path }

  /// Where its header lies in the file; equal addresses are the same group.
  var address: UInt64 {
    get throws(ModelFileError) {
      try handle.perform { group throws(ModelFileError) in
        var address = UInt64.max
        try handle.site.check(nn_h5o_address(group, &address), or: "can't be read")
        return address
      }
    }
  }

  /// Its attributes.
  public var attributes: AttributeTable { AttributeTable(handle: handle) }

  /// Where the link of this name leads, `nil` if there is none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the group can't be read.
  public func target(named name: LinkName) throws(ModelFileError) -> Link.Target? {
    guard name.isOneComponent else { return nil }
    return try handle.perform { group throws(ModelFileError) in
      try LinkReader(group: group, site: handle.site).target(named: name)
    }
  }

  /// Opens the group that a hard link leads to.
  ///
  /// - Parameter name: one link's name, not a path.
  /// - Throws: `ModelFileError` of kind `damaged` if there is no such link, if it is a soft or external
  ///   one, or leads to something else than a group.
  public func group(named name: LinkName) throws(ModelFileError) -> Group {
    Group(try open(name, as: .group))
  }

  /// Opens the dataset that a hard link leads to.
  ///
  /// - Parameter name: one link's name, not a path.
  /// - Throws: `ModelFileError` of kind `damaged` if there is no such link, if it is a soft or external
  ///   one, or leads to something else than a dataset.
  public func dataset(named name: LinkName) throws(ModelFileError) -> Dataset {
    try Dataset(try open(name, as: .dataset))
  }

  /// Opens the group at the end of a path of hard links from here; the empty path is this group.
  ///
  /// - Throws: as ``group(named:)``, naming the link where the path ends early.
  public func group(at path: some Sequence<LinkName>) throws(ModelFileError) -> Group {
    var group = self
    for name in path { group = try group.group(named: name) }
    return group
  }

  /// Opens the dataset at the end of a path of hard links from here.
  ///
  /// - Throws: as ``dataset(named:)``, naming the link where the path ends early.
  public func dataset(at path: [LinkName]) throws(ModelFileError) -> Dataset {
    guard let last = path.last else {
      throw handle.site.error(.damaged, "is a group", expected: "a dataset")
    }
    return try group(at: path.dropLast()).dataset(named: last)
  }

  private func open(_ name: LinkName, as kind: ObjectKind) throws(ModelFileError) -> ObjectHandle {
    let site = handle.site.child(name)
    let identifier = try handle.perform { group throws(ModelFileError) -> hid_t in
      try LinkReader(group: group, site: handle.site).requireHardLink(named: name, to: kind)
      let raw = name.withCString {
        kind == .group ? nn_h5g_open(group, $0) : nn_h5d_open(group, $0)
      }
      return try site.owned(raw, or: "can't be opened").take()
    }
    return ObjectHandle(adopting: identifier, site: site, session: handle.session)
  }
}
