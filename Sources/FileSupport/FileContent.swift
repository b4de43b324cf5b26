/// What a file is by its first bytes, whatever its name says.
public enum FileContent: Sendable, Equatable {
  /// No bytes.
  case empty
  /// An HDF5 file; the signature may stand behind a user block of 512, 1024, … bytes.
  case hdf5
  /// A zip archive: `.keras`, `.npz`, or something packed.
  case zip
  /// Compressed by gzip.
  case gzip
  /// A web page.
  case html
  /// What git keeps in place of a large file that was not fetched.
  case gitLFSPointer
  /// JSON text.
  case json
  /// A darknet cfg.
  case darknetConfig
  /// Key and value lines without a section: a darknet `.data` file and its like.
  case keyValueText
  /// Other text.
  case text
  /// A netCDF file of the classic formats; those of netCDF-4 are HDF5.
  case classicNetCDF
  /// A picture.
  case picture
  /// Pickled Python objects (PyTorch's old checkpoints).
  case pickle
  /// Anything else, a `.weights` file among it, which has no signature.
  case binary

  /// Bytes that are looked at.
  private static let window = 4096

  /// Looks at a file.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public init(of file: InputFile) throws(ModelFileError) {
    self.init(try file.prefix(Self.window))
    // An archive may hold an HDF5 file anywhere, at 512 bytes too.
    guard self != .hdf5, self != .zip else { return }
    var offset: UInt64 = 512
    while offset + 8 <= file.size, offset <= 1 << 20 {
      if try file.bytes(at: offset, count: 8) == Self.hdf5Signature {
        self = .hdf5
        return
      }
      offset *= 2
    }
  }

  /// Looks at the first bytes of a file.
  public init(_ bytes: [UInt8]) {
    let known = Self.signatures.first { bytes.starts(with: $0.bytes) }
    self =
      known?.content
      ?? (bytes.isEmpty
        ? .empty : Self.text(bytes) ?? (Self.opensSection(bytes) ? .darknetConfig : .binary))
  }

  private static let hdf5Signature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]

  private static let signatures: [(bytes: [UInt8], content: FileContent)] = [
    (hdf5Signature, .hdf5),
    (Array("PK".utf8) + [3, 4], .zip),
    (Array("PK".utf8) + [5, 6], .zip),
    ([0x1F, 0x8B], .gzip),
    (Array("CDF".utf8) + [1], .classicNetCDF), (Array("CDF".utf8) + [2], .classicNetCDF),
    (Array("CDF".utf8) + [5], .classicNetCDF),
    (Array("version https://git-lfs".utf8), .gitLFSPointer),
    ([0x89] + Array("PNG".utf8), .picture),
    ([0xFF, 0xD8, 0xFF], .picture),
    ([0x80, 2], .pickle), ([0x80, 3], .pickle), ([0x80, 4], .pickle), ([0x80, 5], .pickle),
  ]

  /// The kind of text, `nil` if bytes stand in it that no text has.
  private static func text(_ bytes: [UInt8]) -> FileContent? {
    let isText = bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
    guard isText else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    let start = text.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let opening = start.prefix(200).lowercased()
    if ["<!doctype", "<html", "<head", "<?xml"].contains(where: opening.hasPrefix) { return .html }
    if start.first == "{" { return .json }
    let lines = text.split(whereSeparator: \.isNewline)
      .map { $0.drop { $0.isWhitespace } }
      .filter { !$0.isEmpty && $0.first != "#" && $0.first != ";" }
    if let first = lines.first, first.first == "[" {
      // `[net]`, `[ net ] ; …`; JSON may begin with a bracket, too.
      let name = first.dropFirst().drop(while: \.isWhitespace)
      if name.first?.isLetter == true, name.contains("]") { return .darknetConfig }
      if name.first.map({ "[{\"-0123456789]".contains($0) }) ?? true { return .json }
    }
    if !lines.isEmpty, lines.prefix(3).allSatisfy({ $0.contains("=") }) { return .keyValueText }
    return .text
  }

  /// Whether a `[section]` opens the bytes, whatever follows: a cfg with damaged bytes. No other
  /// format begins like that, and no `.weights` file has such a version.
  private static func opensSection(_ bytes: [UInt8]) -> Bool {
    let start = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard start.first == UInt8(ascii: "[") else { return false }
    let name = start.dropFirst().prefix { $0 != UInt8(ascii: "]") }
    let isName = name.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) || $0 == UInt8(ascii: "_")
    }
    return isName && !name.isEmpty && name.endIndex < start.endIndex
  }

  /// What it is called in a message.
  public var name: String {
    switch self {
    case .empty: "an empty file"
    case .hdf5: "an HDF5 file"
    case .zip: "a zip archive"
    case .gzip: "a gzip file"
    case .html: "a web page"
    case .gitLFSPointer: "a git-LFS pointer"
    case .json: "JSON text"
    case .darknetConfig: "a darknet cfg"
    case .keyValueText: "text of key=value lines, such as a darknet .data file"
    case .text: "text"
    case .classicNetCDF: "a classic netCDF file"
    case .picture: "a picture"
    case .pickle: "pickled Python objects"
    case .binary: "binary data"
    }
  }

  /// What to do if it stands where weights should.
  public var remedy: String {
    switch self {
    case .empty: "the download or copy failed; fetch the file again"
    case .html: "the download saved a page in place of the file; fetch it from its real address"
    case .gitLFSPointer: "fetch the file itself with `git lfs pull`"
    case .gzip: "unpack it with gunzip first"
    case .zip: "unpack it first, or give it a command that reads .keras files"
    case .classicNetCDF: "make an HDF5 file of it: nccopy -k nc4 IN OUT"
    case .hdf5: "give it as the model itself; only .weights files are read with a cfg of darknet"
    case .darknetConfig: "give the weights first, and the cfg with --cfg"
    case .json, .keyValueText, .text: "give the .weights file; this one only describes something"
    case .picture, .pickle, .binary: "give the .weights file"
    }
  }

  /// The same, where it can't be a `.weights` file: all but binary data. An empty file is told apart
  /// by its size.
  public var foreignToWeights: FileContent? {
    self == .binary || self == .empty ? nil : self
  }
}
