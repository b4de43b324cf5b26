import FileSupport

/// An attribute of a group or dataset: a small array under a name.
public final class Attribute: Sendable {
  /// Its name.
  public let name: LinkName
  /// Its extent.
  public let shape: Dataspace
  /// Its type, as stored.
  public let datatype: Datatype
  let elements: ByteCursor
  let file: StoredFile
  private let location: ObjectLocation

  init(_ message: AttributeMessage, in file: StoredFile, at location: ObjectLocation) {
    name = message.name
    shape = message.shape
    datatype = message.datatype
    elements = message.elements
    self.file = file
    self.location = location
  }

  /// The elements as whole numbers; those that Int64 can't hold become its nearest.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are no numbers, too many, or can't be read.
  public func integers() throws(ModelFileError) -> [Int64] {
    var values: [Int64] = []
    try withNumbers { bytes in datatype.forEachInt64(in: bytes) { values.append($0) } }
    return values
  }

  /// The elements of a type without a sign, exactly.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` as ``integers()``, or if their type has a sign or is no type of whole
  ///   numbers.
  public func unsignedIntegers() throws(ModelFileError) -> [UInt64] {
    var values: [UInt64] = []
    var hasSign = datatype.floatFormat != nil
    try withNumbers { bytes in
      datatype.forEachInteger(in: bytes) { value, isSigned in
        hasSign = hasSign || isSigned
        values.append(value)
      }
    }
    guard !hasSign else {
      throw error("holds \(datatype.name)", expected: "numbers without a sign")
    }
    return values
  }

  /// The elements as floating-point numbers.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they are no numbers, too many, or can't be read.
  public func doubles() throws(ModelFileError) -> [Double] {
    var values: [Double] = []
    try withNumbers { bytes in datatype.forEachDouble(in: bytes) { values.append($0) } }
    return values
  }

  /// The elements' bytes one after the other, as stored.
  ///
  /// - Throws: `ModelFileError` of kind `damaged` if they lie elsewhere (text of variable length,
  ///   references), are too many, or can't be read.
  public func rawBytes() throws(ModelFileError) -> [UInt8] {
    guard datatype.isSelfContained else {
      throw error("holds \(datatype.name), which has no bytes of its own")
    }
    return try storedBytes(count: try checkedCount() * datatype.size)
  }

  /// An error of kind `damaged` about this attribute.
  func error(_ problem: String, expected: String? = nil) -> ModelFileError {
    location.error(.damaged, "its attribute '\(name)' \(problem)", expected: expected)
  }

  /// The first bytes of the elements.
  func storedBytes(count: Int) throws(ModelFileError) -> [UInt8] {
    guard count <= elements.left else {
      throw error(
        "is stored in fewer bytes than its shape needs", expected: "\(count), not \(elements.left)")
    }
    var cursor = elements
    return try cursor.take(count)
  }

  /// Runs `body`, giving the place of this attribute to what it throws.
  func locating<Result>(
    _ body: () throws(ModelFileError) -> Result
  ) throws(ModelFileError) -> Result {
    try location.locating { () throws(ModelFileError) in
      do throws(ModelFileError) {
        return try body()
      } catch {
        throw error.file == nil ? error.at(.array("\(name)")) : error
      }
    }
  }

  /// The number of elements, after checking that the limits and the file's size allow them.
  func checkedCount() throws(ModelFileError) -> Int {
    let limits = file.limits
    guard let count = shape.elementCount, count <= limits.attributeElements,
      let bytes = shape.byteCount(elementSize: datatype.size), bytes <= limits.textBytes
    else {
      throw error(
        "is too large to be read",
        expected: "at most \(limits.attributeElements) elements of \(limits.textBytes) bytes")
    }
    // What is stored cannot be larger than the file that it is stored in.
    guard bytes <= file.image.end else {
      throw error("declares \(bytes) bytes, more than the file has")
    }
    return Int(count)
  }

  private func withNumbers(
    _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(ModelFileError) {
    let count = try checkedCount()
    guard datatype.isNumeric, datatype.hasReadableNumbers else {
      throw error("holds \(datatype.name)", expected: "numbers")
    }
    var bytes = try storedBytes(count: count * datatype.size)
    bytes.withUnsafeMutableBytes { bytes in
      datatype.makeLittleEndian(bytes)
      body(UnsafeRawBufferPointer(bytes))
    }
  }
}
