import CHDF5
import FileSupport

/// An open group: a folder of links to groups, datasets and named datatypes, with attributes.
public final class Group: AttributeHolder {
  let object: OpenObject

  init(_ object: OpenObject) {
    self.object = object
  }

  /// The links from the root group down to this one, as it was opened.
  public var path: [LinkName] { object.location.path }

  /// Its attributes.
  public var attributes: AttributeTable { AttributeTable(object: object) }

  /// Opens the group that a hard link leads to.
  ///
  /// - Parameter name: one link's name, not a path.
  /// - Throws: `ModelFileError` of kind `damaged` if there is no such link, if it is a soft or external
  ///   one, or leads to something else than a group.
  public func group(named name: LinkName) throws(ModelFileError) -> Group {
    if let open = try openWritten(name, nn_h5g_open) { return Group(open) }
    return Group(try open(name, as: .group))
  }

  /// Opens the dataset that a hard link leads to.
  ///
  /// - Parameter name: one link's name, not a path.
  /// - Throws: `ModelFileError` of kind `damaged` if there is no such link, if it is a soft or external
  ///   one, or leads to something else than a dataset.
  public func dataset(named name: LinkName) throws(ModelFileError) -> Dataset {
    if let open = try openWritten(name, nn_h5d_open) { return try Dataset(open) }
    return try Dataset(try open(name, as: .dataset))
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
      throw object.location.error(.damaged, "is a group", expected: "a dataset")
    }
    return try group(at: path.dropLast()).dataset(named: last)
  }

  /// Opens what a hard link leads to, which must be of this kind.
  private func open(_ name: LinkName, as kind: ObjectKind) throws(ModelFileError) -> OpenObject {
    let location = object.location.child(name)
    return try object.read { group, file throws(ModelFileError) in
      let link = try group.links(in: file).link(named: name)
      let address = try location.requireHardLink(link, to: kind)
      let target = try location.locating { () throws(ModelFileError) in
        try file.object(at: address)
      }
      guard target.kind == kind else {
        throw location.error(.damaged, "is a \(target.kind.noun)", expected: "a \(kind.noun)")
      }
      return OpenObject(target, in: file, at: location)
    }
  }

  /// Opens an object of a file that is being written, so that more can be written to it; `nil` if the
  /// file is not, or if it can't be opened so.
  private func openWritten(
    _ name: LinkName, _ open: (hid_t, UnsafePointer<CChar>?) -> hid_t
  ) throws(ModelFileError) -> OpenObject? {
    guard let handle = object.handle, name.isOneComponent else { return nil }
    let identifier = try handle.perform { group throws(ModelFileError) -> hid_t? in
      guard name.withCString({ nn_h5l_is_hard(group, $0) }) == Int32(NN_HARD_LINK) else {
        return nil
      }
      let raw = name.withCString { open(group, $0) }
      return raw < 0 ? nil : raw
    }
    return identifier.map {
      OpenObject(
        ObjectHandle(adopting: $0, location: handle.location.child(name), session: handle.session))
    }
  }
}

extension ObjectLocation {
  /// The address that a hard link leads to.
  ///
  /// - Parameter link: the link at this place, if there is one.
  fileprivate func requireHardLink(
    _ link: StoredLink?, to kind: ObjectKind
  ) throws(ModelFileError) -> UInt64 {
    switch link {
    case .hard(let address): return address
    case nil: throw error(.damaged, "does not exist", expected: "a \(kind.noun)")
    case .soft(let path):
      throw error(
        .damaged, "is a soft link, which is not followed", expected: "a \(kind.noun)",
        found: "a link to \(path)", remedy: "copy the file with h5repack, or ask who made it")
    case .external(let file, let path):
      throw error(
        .damaged, "is a link into another file, which is not followed",
        expected: "a \(kind.noun)", found: "a link to \(path) in \(file)")
    case .userDefined:
      throw error(
        .damaged, "is a link of a kind that some application defined",
        expected: "a \(kind.noun)")
    }
  }
}
