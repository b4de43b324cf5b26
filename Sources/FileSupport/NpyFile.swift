/// An array of numbers in a `.npy` file.
///
/// Opening it reads the header and checks it against the size of the file; the numbers are read when
/// they are asked for.
public struct NpyFile: Sendable {
  /// The extents.
  public let shape: [Int]
  /// How a number is stored.
  public let numberType: NpyNumberType

  private let file: InputFile
  private let offset: UInt64
  private let isFortranOrder: Bool

  /// Bytes that are read at a time: whole numbers of every type.
  private static let bandBytes = 4 << 20

  /// Whether a file begins as an array does.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public static func begins(_ file: InputFile) throws(ModelFileError) -> Bool {
    try file.prefix(NpyHeader.magic.count) == NpyHeader.magic
  }

  /// Opens a file.
  ///
  /// - Throws: ``ModelFileError``: `unreadable`; `damaged` if it is no `.npy` file or its size does not
  ///   fit its shape; `unsupported` if it holds something else than plain numbers.
  public init(path: String) throws(ModelFileError) {
    try self.init(try InputFile(path: path))
  }

  /// Reads the header of an open file.
  public init(_ file: InputFile) throws(ModelFileError) {
    let header: NpyHeader
    do {
      header = try NpyHeader(of: file)
    } catch {
      throw error.explained(by: file)
    }
    self.file = file
    shape = header.shape
    numberType = header.numberType
    offset = UInt64(header.byteCount)
    isFortranOrder = header.isFortranOrder
  }

  /// The number of numbers.
  public var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

  /// The numbers in C order (the last axis innermost), each rounded to the nearest float32.
  public func floats() throws(ModelFileError) -> [Float] { try numbers() }

  /// The numbers in C order; integers are exact up to 2⁵³.
  public func doubles() throws(ModelFileError) -> [Double] { try numbers() }

  private func numbers<Number: BinaryFloatingPoint>() throws(ModelFileError) -> [Number] {
    // The shape was held against the size of the file, which may be a hole.
    guard count <= SystemMemory.budget / MemoryLayout<Number>.size else {
      throw ModelFileError(
        .damaged, file: file.path, at: [.byte(offset)],
        "holds more numbers than there is memory for",
        expected: "at most \(SystemMemory.budget / MemoryLayout<Number>.size)",
        found: "\(count)", remedy: "give fewer samples at a time")
    }
    var numbers: [Number] = []
    numbers.reserveCapacity(count)
    let total = count * numberType.byteCount
    for start in stride(from: 0, to: total, by: Self.bandBytes) {
      let band = try file.bytes(
        at: offset + UInt64(start), count: min(Self.bandBytes, total - start))
      band.withUnsafeBytes { numberType.append($0, to: &numbers) }
    }
    return isFortranOrder && shape.count > 1 ? inCOrder(numbers) : numbers
  }

  /// Numbers that lie with the first axis innermost, with the last axis innermost.
  private func inCOrder<Number>(_ stored: [Number]) -> [Number] {
    var strides: [Int] = []
    var stride = 1
    for extent in shape {
      strides.append(stride)
      stride *= extent
    }
    var index = [Int](repeating: 0, count: shape.count)
    var position = 0
    return stored.indices.map { _ in
      let value = stored[position]
      for axis in shape.indices.reversed() {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < shape[axis] { break }
        position -= strides[axis] * shape[axis]
        index[axis] = 0
      }
      return value
    }
  }
}
