import FileSupport

/// A driver of libhdf5 that spreads one file over several.
enum SpreadingDriver: String {
  case family = "NCSAfami"
  /// The driver `split` calls itself so too.
  case multi = "NCSAmult"

  /// The driver that a file was written with; `nil` for one that makes one file.
  init?(of superblock: Superblock, in file: InputFile) {
    let image = FileImage(file: file, superblock: superblock)
    var name: [UInt8]?
    if let address = superblock.driverAddress {
      var block = try? image.cursor(at: address, count: 16, of: "the driver's data")
      try? block?.skip(8)
      name = try? block?.take(8)
    } else if let address = superblock.extensionAddress {
      var message = (try? ObjectHeader(at: address, in: image))?.message(.driver)?.body
      try? message?.skip(1)
      name = try? message?.take(8)
    }
    guard let name else { return nil }
    self.init(rawValue: String(decoding: name, as: UTF8.self))
  }

  /// What a sentence calls such a file.
  var noun: String {
    switch self {
    case .family: "a file family (libhdf5's driver 'family')"
    case .multi: "a file in several (libhdf5's driver 'multi' or 'split')"
    }
  }

  /// How its parts are joined.
  var remedy: String {
    switch self {
    case .family: "join the parts: h5repack NAME%05d.h5 OUT.h5, with %05d in place of the numbers"
    case .multi: "join the parts: h5repack NAME OUT.h5, with what all their names begin with"
    }
  }
}

extension HDF5File {
  /// Checks that a file without a signature is not a later part of an HDF5 file that was spread over
  /// several. Only the first part has a signature; it lies beside the others, under a like name.
  ///
  /// - Throws: `ModelFileError` of kind `unsupported` if it is one.
  public static func checkIsNoPart(_ path: String) throws(ModelFileError) {
    for candidate in possibleFirstParts(of: path) where candidate != path {
      guard let driver = driver(of: candidate) else { continue }
      throw ModelFileError(
        .unsupported, file: path, "is a part of \(driver.noun), and not the first",
        expected: "a file of its own", found: "the first part, \(candidate.escapedForTerminal)",
        remedy: driver.remedy)
    }
  }

  private static func driver(of path: String) -> SpreadingDriver? {
    guard let file = try? InputFile(path: path),
      let offset = try? FileOpening(file: file, locked: false).signatureOffset(),
      let superblock = try? Superblock(file, at: offset)
    else { return nil }
    return SpreadingDriver(of: superblock, in: file)
  }

  /// The same name with the number 0 (`family`), or with the ending of what holds the structure (`split`).
  private static func possibleFirstParts(of path: String) -> [String] {
    let start = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    let name = path[start...]
    var parts: [String] = []
    var place = name.startIndex
    while let first = name[place...].firstIndex(where: \.isWholeNumber) {
      let digits = name[first...].prefix(while: \.isWholeNumber)
      place = digits.endIndex
      parts.append(path[..<first] + String(repeating: "0", count: digits.count) + path[place...])
    }
    for ending in ["-r.h5", "-s.h5", "-b.h5", "-g.h5", "-l.h5", "-o.h5"]
    where name.hasSuffix(ending) {
      parts += ["-m.h5", "-s.h5"].map { path.dropLast(ending.count) + $0 }
    }
    return parts
  }
}
