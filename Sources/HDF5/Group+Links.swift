import CHDF5
import FileSupport

extension Group {
  /// Everything that the group holds, in byte order of the names.
  ///
  /// Time grows with the number of links times its logarithm. Soft and external links are listed and
  /// not followed.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the group or something that it leads to can't be
  ///   read, or if it holds more than the file's ``HDF5Limits`` allow.
  public func links() throws(ModelFileError) -> [Link] {
    try links { (flaw) throws(ModelFileError) in throw flaw }
  }

  /// What can be read of what the group holds, in byte order of the names.
  ///
  /// - Parameter flaw: is called with what is wrong with the group, and with each object that it leads to
  ///   and that can't be read.
  /// - Throws: what `flaw` throws.
  public func links(
    orFlaw flaw: (ModelFileError) throws(ModelFileError) -> Void
  ) throws(ModelFileError) -> [Link] {
    try object.read { group, file throws(ModelFileError) in
      let table = group.links(in: file)
      var links: [Link] = []
      for (name, link) in table.links.sorted(by: { $0.key < $1.key }) {
        do throws(ModelFileError) {
          links.append(Link(name: name, target: try target(of: link, named: name, in: file)))
        } catch {
          try flaw(error)
        }
      }
      if let damage = table.flaw {
        try flaw(object.location.located(damage))
      }
      return links
    }
  }

  /// Where the link of this name leads, `nil` if there is none.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the group or what the link leads to can't be read.
  public func target(named name: LinkName) throws(ModelFileError) -> Link.Target? {
    try object.read { group, file throws(ModelFileError) in
      guard let link = try group.links(in: file).link(named: name) else { return nil }
      return try target(of: link, named: name, in: file)
    }
  }

  /// Whether there is a link of this name, wherever it leads. It is fast in a file that is being written
  /// too.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the group can't be read.
  public func hasLink(named name: LinkName) throws(ModelFileError) -> Bool {
    guard let handle = object.handle else {
      return try object.read { group, file throws(ModelFileError) in
        try group.links(in: file).link(named: name) != nil
      }
    }
    guard name.isOneComponent else { return false }
    return try handle.perform { group throws(ModelFileError) in
      let found = name.withCString { nn_h5l_is_hard(group, $0) }
      try handle.location.check(found, or: "its links can't be read")
      return found != Int32(NN_NO_LINK)
    }
  }

  private func target(
    of link: StoredLink, named name: LinkName, in file: StoredFile
  ) throws(ModelFileError) -> Link.Target {
    switch link {
    case .hard(let address):
      try object.location.child(name).locating { () throws(ModelFileError) in
        .hard(try file.object(at: address).kind, address: address)
      }
    case .soft(let target): .soft(target: target)
    case .external(let file, let target): .external(file: file, target: target)
    case .userDefined: .userDefined
    }
  }
}

extension ObjectKind {
  /// What a sentence calls it.
  var noun: String {
    switch self {
    case .group: "group"
    case .dataset: "dataset"
    case .namedDatatype: "named datatype"
    case .unknown: "thing of unknown kind"
    }
  }
}
