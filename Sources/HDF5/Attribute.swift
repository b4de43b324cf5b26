import CHDF5
import FileSupport

/// An attribute of a group or dataset: a small array under a name.
public final class Attribute: Sendable {
  /// Its name.
  public let name: LinkName
  /// Its extent.
  public let shape: Dataspace
  /// Its type, as stored.
  public let datatype: Datatype
  let handle: ObjectHandle

  init(name: LinkName, handle: ObjectHandle) throws(ModelFileError) {
    let site = handle.site
    let described = try handle.perform { attribute throws(ModelFileError) in
      let space = try site.owned(
        nn_h5a_space(attribute), or: "the shape of attribute '\(name)' can't be read")
      let type = try site.owned(
        nn_h5a_type(attribute), or: "the type of attribute '\(name)' can't be read")
      return (
        try Dataspace(describing: space.raw, at: site), try Datatype(describing: type.raw, at: site)
      )
    }
    self.name = name
    self.handle = handle
    (shape, datatype) = described
  }

  /// The elements as whole numbers; those that Int64 can't hold become its nearest.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are no numbers, too many, or can't be read.
  public func integers() throws(ModelFileError) -> [Int64] {
    try numbers(Int64.self, type: nn_h5t_native_int64)
  }

  /// The elements as floating-point numbers.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are no numbers, too many, or can't be read.
  public func doubles() throws(ModelFileError) -> [Double] {
    try numbers(Double.self, type: nn_h5t_native_double)
  }

  /// The elements' bytes one after the other, as stored.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they lie elsewhere (text of variable length,
  ///   references), are too many, or can't be read.
  public func rawBytes() throws(ModelFileError) -> [UInt8] {
    guard datatype.isSelfContained else {
      throw error("holds \(datatype.name), which has no bytes of its own")
    }
    let count = try checkedCount() * datatype.size
    guard count > 0 else { return [] }
    return try handle.perform { attribute throws(ModelFileError) in
      let type = try handle.site.owned(nn_h5a_type(attribute), or: unreadable)
      var bytes = [UInt8](repeating: 0, count: count)
      try handle.site.check(nn_h5a_read(attribute, type.raw, &bytes), or: unreadable)
      return bytes
    }
  }

  var unreadable: String { "its attribute '\(name)' can't be read" }

  /// An error of kind `damaged` about this attribute.
  func error(_ problem: String, expected: String? = nil) -> ModelFileError {
    handle.site.error(.damaged, "its attribute '\(name)' \(problem)", expected: expected)
  }

  /// The number of elements, after checking that the limits and the file's size allow them.
  func checkedCount() throws(ModelFileError) -> Int {
    let limits = handle.session.limits
    guard let count = shape.elementCount, count <= limits.attributeElements,
      let bytes = shape.byteCount(elementSize: datatype.size), bytes <= limits.textBytes
    else {
      throw error(
        "is too large to be read",
        expected: "at most \(limits.attributeElements) elements of \(limits.textBytes) bytes")
    }
    // What is stored cannot be larger than the file that it is stored in.
    guard handle.site.isWriting || bytes <= handle.session.size else {
      throw error("declares \(bytes) bytes, more than the file has")
    }
    return Int(count)
  }

  private func numbers<Number: Sendable & Numeric & BitwiseCopyable>(
    _: Number.Type, type makeType: () -> hid_t
  ) throws(ModelFileError) -> [Number] {
    let count = try checkedCount()
    guard datatype.isNumeric else {
      throw error("holds \(datatype.name)", expected: "numbers")
    }
    guard count > 0 else { return [] }
    return try handle.perform { attribute throws(ModelFileError) in
      let type = try handle.site.owned(makeType(), or: unreadable)
      var values = [Number](repeating: 0, count: count)
      let status = values.withUnsafeMutableBytes {
        nn_h5a_read(attribute, type.raw, $0.baseAddress)
      }
      try handle.site.check(status, or: unreadable)
      return values
    }
  }
}
