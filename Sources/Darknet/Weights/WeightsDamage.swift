import FileSupport

/// What shows that a `.weights` file was damaged though its size is right.
public enum WeightsDamage {
  /// The damage that the header or a sample of the numbers proves.
  ///
  /// - Returns: the error to end with; `nil` if nothing is proved.
  /// - Throws: `ModelFileError` if the file can't be read.
  public static func shown(
    by file: InputFile, header: WeightsHeader
  ) throws(ModelFileError) -> ModelFileError? {
    if let damage = try headerDamage(file, header) { return damage }
    return try TransferDamage(withinNumbers: file, from: UInt64(header.byteCount))?
      .error(file: file.path, expected: "float32 numbers, little endian")
  }

  /// A header that makes sense in another order only, or at the other end.
  private static func headerDamage(
    _ file: InputFile, _ header: WeightsHeader
  ) throws(ModelFileError) -> ModelFileError? {
    let length = header.byteCount
    guard !header.hasPlausibleVersion, file.size >= UInt64(length) else { return nil }
    let first = try file.prefix(length)
    let last = try file.bytes(at: file.size - UInt64(length), count: length)
    let version = "\(header.major).\(header.minor).\(header.revision)"
    func error(_ cause: String, _ place: UInt64, _ remedy: String) -> ModelFileError {
      ModelFileError(
        .damaged, file: file.path, at: [.byte(place)], cause,
        expected: "a header of \(length) bytes with a version such as 0.2.5, then float32 numbers",
        found: "version \(version)", remedy: remedy)
    }
    let end = file.size - UInt64(length)
    if isVersion(Array(last.reversed())) {
      return error(
        "the whole file stands in reverse, byte by byte: its header is at the end", end,
        "turn it round again, or fetch the file again")
    }
    if isVersion(words(last).reversed().flatMap(\.self)) {
      return error(
        "the numbers of the file stand in reverse: its header is at the end", end,
        "turn it round again, or fetch the file again")
    }
    if isVersion(words(first).flatMap { $0.reversed() }) {
      return error(
        "the header is big endian: the four bytes of each number stand in reverse", 0,
        "write the file little endian, header and numbers, as darknet does on every machine of today"
      )
    }
    return nil
  }

  private static func words(_ bytes: [UInt8]) -> [[UInt8]] {
    stride(from: 0, to: bytes.count, by: 4).map { Array(bytes[$0..<min($0 + 4, bytes.count)]) }
  }

  /// Whether bytes begin with the version of some darknet, and not with zeros alone.
  private static func isVersion(_ bytes: [UInt8]) -> Bool {
    let header = WeightsHeader(bytes, byteCount: bytes.count, dialect: .standard)
    let numbers = [header.major, header.minor, header.revision]
    return numbers.allSatisfy { (0...99).contains($0) } && numbers != [0, 0, 0]
  }
}
