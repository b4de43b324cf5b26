/// What kind of object a hard link leads to.
public enum ObjectKind: Hashable, Sendable {
  /// A group.
  case group
  /// A dataset.
  case dataset
  /// A datatype stored under a name.
  case namedDatatype
  /// An object of a kind that this software does not know.
  case unknown
}

/// An entry of a group.
public struct Link: Hashable, Sendable {
  /// Where a link leads.
  public enum Target: Hashable, Sendable {
    /// An object of this file; equal addresses are the same object under two names.
    case hard(ObjectKind, address: UInt64)
    /// A path in this file, which need not exist. It is never followed.
    case soft(target: LinkName)
    /// A path in another file. It is never followed.
    case external(file: LinkName, target: LinkName)
    /// A kind of link that some application defined.
    case userDefined
  }

  /// Its name in the group.
  public let name: LinkName
  /// Where it leads.
  public let target: Target
}
