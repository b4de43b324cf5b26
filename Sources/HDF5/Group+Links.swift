import CHDF5
import FileSupport

extension Group {
  /// Everything that the group holds, in byte order of the names.
  ///
  /// Time grows with the number of links times its logarithm. Soft and external links are listed and
  /// not followed.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if the group can't be read, or holds more than the
  ///   file's ``HDF5Limits`` allow.
  public func links() throws(ModelFileError) -> [Link] {
    let limits = handle.session.limits
    return try handle.perform { group throws(ModelFileError) in
      try LinkReader(group: group, site: handle.site).links(limits)
    }
  }
}

/// Reads the links of a group, for use inside ``Library/run(_:)`` only.
struct LinkReader {
  let group: hid_t
  let site: Site

  /// The longest value of a soft or external link; a path in the file or to another one.
  private static let maximumValueBytes = 1 << 20

  func links(_ limits: HDF5Limits) throws(ModelFileError) -> [Link] {
    var list = RawLinkList(limits: limits)
    let status = withUnsafeMutablePointer(to: &list) { pointer in
      nn_h5l_visit(
        group,
        { name, kind, address, valueSize, context in
          guard let name,
            let list = context?.assumingMemoryBound(to: RawLinkList.self)
          else { return -1 }
          return list.pointee.append(
            RawLink(
              name: LinkName(cString: name), kind: kind, address: address, valueSize: valueSize))
        }, pointer)
    }
    if list.isOverLimits {
      throw site.error(
        .damaged, "holds too many links",
        expected: "at most \(limits.links) links with \(limits.textBytes) bytes of names")
    }
    try site.check(status, or: "its links can't be read")
    var links: [Link] = []
    links.reserveCapacity(list.links.count)
    for raw in list.links {
      links.append(Link(name: raw.name, target: try target(of: raw)))
    }
    return links.sorted { $0.name < $1.name }
  }

  /// Where the link of this name leads, `nil` if there is none.
  func target(named name: LinkName) throws(ModelFileError) -> Link.Target? {
    var kind: Int32 = 0
    var address = UInt64.max
    var valueSize = 0
    let found = name.withCString { nn_h5l_find(group, $0, &kind, &address, &valueSize) }
    try site.check(found, or: "its links can't be read")
    guard found > 0 else { return nil }
    return try target(of: RawLink(name: name, kind: kind, address: address, valueSize: valueSize))
  }

  /// Checks that the link of this name is a hard one to an object of this kind.
  func requireHardLink(named name: LinkName, to kind: ObjectKind) throws(ModelFileError) {
    let site = site.child(name)
    guard name.isOneComponent, let target = try target(named: name) else {
      throw site.error(.damaged, "does not exist", expected: "a \(kind.noun)")
    }
    switch target {
    case .hard(kind, _): return
    case .hard(let other, _):
      throw site.error(.damaged, "is a \(other.noun)", expected: "a \(kind.noun)")
    case .soft(let path):
      throw site.error(
        .damaged, "is a soft link, which is not followed", expected: "a \(kind.noun)",
        found: "a link to \(path)", remedy: "copy the file with h5repack, or ask who made it")
    case .external(let file, let path):
      throw site.error(
        .damaged, "is a link into another file, which is not followed",
        expected: "a \(kind.noun)", found: "a link to \(path) in \(file)")
    case .userDefined:
      throw site.error(
        .damaged, "is a link of a kind that some application defined",
        expected: "a \(kind.noun)")
    }
  }

  private func target(of link: RawLink) throws(ModelFileError) -> Link.Target {
    switch link.kind {
    case Int32(NN_H5_HARD):
      return .hard(try objectKind(of: link.name), address: link.address)
    case Int32(NN_H5_SOFT):
      return .soft(target: LinkName(bytes: Array(try value(of: link).prefix { $0 != 0 })))
    case Int32(NN_H5_EXTERNAL): return try externalTarget(of: link)
    default: return .userDefined
    }
  }

  private func objectKind(of name: LinkName) throws(ModelFileError) -> ObjectKind {
    // Asking libhdf5 for such a name would lead elsewhere.
    guard name.isOneComponent else {
      throw site.child(name).error(.damaged, "has a name that HDF5 does not allow")
    }
    var kind: Int32 = 0
    let status = name.withCString { nn_h5o_kind_by_name(group, $0, &kind) }
    try site.child(name).check(status, or: "can't be read")
    return switch kind {
    case Int32(NN_H5_GROUP): .group
    case Int32(NN_H5_DATASET): .dataset
    case Int32(NN_H5_DATATYPE): .namedDatatype
    default: .unknown
    }
  }

  private func value(of link: RawLink) throws(ModelFileError) -> [UInt8] {
    let site = site.child(link.name)
    guard link.name.isOneComponent, link.valueSize <= Self.maximumValueBytes else {
      throw site.error(.damaged, "is a link that can't be read")
    }
    var value = [UInt8](repeating: 0, count: link.valueSize)
    let status = link.name.withCString { nn_h5l_value(group, $0, &value, value.count) }
    try site.check(status, or: "is a link that can't be read")
    return value
  }

  private func externalTarget(of link: RawLink) throws(ModelFileError) -> Link.Target {
    let value = try value(of: link)
    var file: UnsafePointer<CChar>?
    var path: UnsafePointer<CChar>?
    // Both point into `value`, whose end libhdf5 has checked for zeros.
    let target = value.withUnsafeBytes { bytes -> Link.Target? in
      let status = nn_h5l_unpack_external(bytes.baseAddress, bytes.count, &file, &path)
      guard status >= 0, let file, let path else { return nil }
      return .external(file: LinkName(cString: file), target: LinkName(cString: path))
    }
    guard let target else {
      throw site.child(link.name).failure("is a link into another file that can't be read")
    }
    return target
  }
}

/// A link as libhdf5 lists it.
private struct RawLink {
  let name: LinkName
  let kind: Int32
  let address: UInt64
  let valueSize: Int
}

/// What a listing has found so far.
private struct RawLinkList {
  let limits: HDF5Limits
  var links: [RawLink] = []
  var nameBytes: UInt64 = 0
  var isOverLimits = false

  /// Takes in one more; the result tells libhdf5 to go on (0) or to stop.
  mutating func append(_ link: RawLink) -> Int32 {
    nameBytes += UInt64(link.name.bytes.count)
    isOverLimits = links.count >= limits.links || nameBytes > limits.textBytes
    guard !isOverLimits else { return 1 }
    links.append(link)
    return 0
  }

  init(limits: HDF5Limits) {
    self.limits = limits
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
