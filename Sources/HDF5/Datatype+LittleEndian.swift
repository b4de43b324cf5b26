import CHDF5
import FileSupport

extension Datatype {
  /// The type in memory that elements of this type are read into: the same places, little endian, whole
  /// numbers in all bits of their bytes.
  ///
  /// - Parameter stored: the type in libhdf5 that this one describes.
  func makeLittleEndian(_ stored: hid_t, at site: Site) throws(ModelFileError) -> OwnedIdentifier {
    let problem = "its type can't be converted"
    if isPlain { return try site.owned(nn_h5t_copy(stored), or: problem) }
    switch kind {
    case .integer(let isSigned) where [1, 2, 4, 8].contains(size):
      return try site.owned(nn_h5t_integer(isSigned, size), or: problem)
    case .integer, .float, .bitField:
      let copy = try site.owned(nn_h5t_copy(stored), or: problem)
      try site.check(nn_h5t_make_little_endian(copy.raw), or: problem)
      return copy
    case .enumeration(let base, _):
      // The order of an enumeration is fixed once it has members; its numbers are those of its base.
      let storedBase = try site.owned(nn_h5t_base(stored), or: problem)
      return try base.makeLittleEndian(storedBase.raw, at: site)
    case .array(let base, let shape):
      let storedBase = try site.owned(nn_h5t_base(stored), or: problem)
      let element = try base.makeLittleEndian(storedBase.raw, at: site)
      return try site.owned(
        nn_h5t_array(element.raw, UInt32(clamping: shape.count), shape), or: problem)
    case .compound(let members):
      let record = try site.owned(nn_h5t_compound(size), or: problem)
      for (index, member) in members.enumerated() {
        let storedMember = try site.owned(
          nn_h5t_member_type(stored, UInt32(index)), or: problem)
        let field = try member.type.makeLittleEndian(storedMember.raw, at: site)
        let status = member.name.withCString {
          nn_h5t_insert(record.raw, $0, member.offset, field.raw)
        }
        try site.check(status, or: problem)
      }
      return record
    default: return try site.owned(nn_h5t_copy(stored), or: problem)
    }
  }
}
