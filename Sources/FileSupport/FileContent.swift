/// What a file is by its first bytes, whatever its name says.
public enum FileContent: Sendable, Equatable {
  /// No bytes.
  case empty
  /// An HDF5 file; the signature may stand behind a user block of 512, 1024, … bytes.
  case hdf5
  /// A zip archive: `.keras`, `.npz`, or something packed.
  case zip
  /// Packed by a program, in one of the forms that no model has.
  case packed(Packing)
  /// A web page.
  case html
  /// What git keeps in place of a large file that was not fetched.
  case gitLFSPointer
  /// A few words of a server, in place of what it was asked for.
  case serverMessage
  /// What macOS keeps beside a file on a foreign file system, under its name behind `._`.
  case appleDouble
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
  /// A file that a transfer has changed.
  case mangled(TransferDamage)
  /// Anything else, a `.weights` file among it, which has no signature.
  case binary

  /// Bytes that are looked at.
  private static let window = 4096

  /// Looks at a file.
  ///
  /// - Throws: ``ModelFileError`` of kind `inputOutput`.
  public init(of file: InputFile) throws(ModelFileError) {
    self.init(try file.prefix(Self.window))
    if try Self.isZeroAlone(file) {
      self = .mangled(.zerosAlone(file.size))
      return
    }
    // An archive may hold an HDF5 file anywhere, at 512 bytes too.
    guard self != .hdf5, self != .zip, self != .packed(.tar) else { return }
    var offset: UInt64 = 512
    while offset + 8 <= file.size, offset <= 1 << 20 {
      if try file.bytes(at: offset, count: 8) == Self.hdf5Signature {
        self = .hdf5
        return
      }
      offset *= 2
    }
  }

  /// Whether a file is made of zeros, as far as `ByteCensus.maximumBytes`, as one is that a download was to
  /// fill.
  private static func isZeroAlone(_ file: InputFile) throws(ModelFileError) -> Bool {
    // Shorter ones may be a header and a few biases.
    guard file.size >= 64 else { return false }
    var offset: UInt64 = 0
    var band = window
    while offset < min(file.size, ByteCensus.maximumBytes) {
      let bytes = try file.bytes(at: offset, count: Int(min(UInt64(band), file.size - offset)))
      guard bytes.allSatisfy({ $0 == 0 }) else { return false }
      offset += UInt64(bytes.count)
      band = 1 << 20
    }
    return true
  }

  /// Looks at the first bytes of a file.
  public init(_ bytes: [UInt8]) {
    if let known = Self.signatures.first(where: { bytes.starts(with: $0.bytes) }) {
      self = known.content
    } else if bytes.isEmpty {
      self = .empty
    } else if let packing = Packing(bytes) {
      self = .packed(packing)
    } else if let headers = MessageHeaders(bytes) {
      self = .mangled(.headersInFront(headers))
    } else if let (encoding, text) = TextEncoding.decode(bytes) {
      self = Self.content(of: FileContent(text), in: encoding)
    } else if bytes.allSatisfy(\.isText) {
      self = Self.text(bytes)
    } else if Self.opensSection(bytes) {
      self = .darknetConfig
    } else if Self.opensObject(bytes) {
      self = .json
    } else {
      self = TransferDamage(startOfBinary: bytes).map(FileContent.mangled) ?? .binary
    }
  }

  static let hdf5Signature: [UInt8] = [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A]

  private static let signatures: [(bytes: [UInt8], content: FileContent)] = [
    (hdf5Signature, .hdf5),
    (Array("PK".utf8) + [3, 4], .zip),
    (Array("PK".utf8) + [5, 6], .zip),
    (Array("CDF".utf8) + [1], .classicNetCDF), (Array("CDF".utf8) + [2], .classicNetCDF),
    (Array("CDF".utf8) + [5], .classicNetCDF),
    (Array("version https://git-lfs".utf8), .gitLFSPointer),
    ([0, 5, 0x16, 7], .appleDouble),
    ([0x89] + Array("PNG\r\n".utf8), .picture),
    ([0xFF, 0xD8, 0xFF], .picture),
    (Array("GIF87a".utf8), .picture), (Array("GIF89a".utf8), .picture),
    ([0x80, 2], .pickle), ([0x80, 3], .pickle), ([0x80, 4], .pickle), ([0x80, 5], .pickle),
  ]

  /// What a text is that is not in plain UTF-8. JSON with a byte order mark is read; what was never the
  /// file itself is told as what it is.
  private static func content(of text: FileContent, in encoding: TextEncoding) -> FileContent {
    switch text {
    case .html, .gitLFSPointer, .serverMessage: text
    case .json where encoding == .markedUTF8, .text where encoding == .markedUTF8: text
    default: .mangled(TransferDamage(encoding))
    }
  }

  /// The kind of text.
  private static func text(_ bytes: [UInt8]) -> FileContent {
    let text = String(decoding: bytes, as: UTF8.self)
    let start = text.drop(while: \.isWhitespace)
    let opening = start.prefix(200).lowercased()
    if opening.first == "<",
      opening.dropFirst().first.map({ $0.isLetter || "!?".contains($0) }) == true
    {
      return .html
    }
    if let form = BinaryAsText(bytes) { return .mangled(TransferDamage(form)) }
    if isServerMessage(start) { return .serverMessage }
    if start.first == "{" { return .json }
    let lines = text.split(whereSeparator: \.isNewline)
      .map { $0.drop { $0.isWhitespace } }
      .filter { !$0.isEmpty && $0.first != "#" && $0.first != ";" }
    if let first = lines.first, first.first == "[" {
      // `[net]`, `[ net ] ; …`; JSON may begin with a bracket, too.
      let name = first.dropFirst().drop(while: \.isWhitespace)
      if name.first?.isLetter == true, name.contains("]") {
        let hasReturnsAlone = bytes.contains(0x0D) && !bytes.contains(0x0A)
        return hasReturnsAlone ? .mangled(.returnsAlone(line: 1)) : .darknetConfig
      }
      if name.first.map({ "[{\"-0123456789]".contains($0) }) ?? true { return .json }
    }
    if !lines.isEmpty, lines.prefix(3).allSatisfy({ $0.contains("=") }) { return .keyValueText }
    return .text
  }

  /// Whether a short text is a server's refusal: `404: Not Found`, `{"message": "Not Found"}`.
  private static func isServerMessage(_ text: Substring) -> Bool {
    guard text.utf8.count < 512, !text.contains("class_name"), !text.contains("\n[") else {
      return false
    }
    let words = text.lowercased()
    if ["{\"message\":", "{\"error\":", "{\"detail\":"].contains(where: words.hasPrefix) {
      return true
    }
    let refusals = [
      "not found", "access denied", "forbidden", "unauthorized", "rate limit", "bad gateway",
      "no such file", "service unavailable", "too many requests", "gateway time",
    ]
    return text.split(whereSeparator: \.isNewline).count <= 3 && text.first != "["
      && refusals.contains(where: words.contains)
  }

  /// Whether a `[section]` opens the bytes, whatever follows: a cfg with damaged bytes. No other
  /// format begins like that, and no `.weights` file has such a version.
  private static func opensSection(_ bytes: [UInt8]) -> Bool {
    var start = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    while let first = start.first, first == UInt8(ascii: "#") || first == UInt8(ascii: ";") {
      start = start.drop { $0 != 0x0A }.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }
    guard start.first == UInt8(ascii: "[") else { return false }
    let name = start.dropFirst().prefix { $0 != UInt8(ascii: "]") }
    let isName = name.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20) || $0 == UInt8(ascii: "_")
    }
    return isName && !name.isEmpty && name.endIndex < start.endIndex
  }

  /// Whether a JSON object with a key opens the bytes, whatever follows.
  private static func opensObject(_ bytes: [UInt8]) -> Bool {
    let start = bytes.drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    guard start.first == UInt8(ascii: "{") else { return false }
    let rest = start.dropFirst().drop { $0 == 0x20 || (0x09...0x0D).contains($0) }
    return rest.first == UInt8(ascii: "\"")
  }

  /// What it is called in a message.
  public var name: String {
    switch self {
    case .empty: "an empty file"
    case .hdf5: "an HDF5 file"
    case .zip: "a zip archive"
    case .packed(let packing): "a file that \(packing.rawValue) packed"
    case .html: "a web page"
    case .gitLFSPointer: "a git-LFS pointer"
    case .serverMessage: "a server's message"
    case .appleDouble: "what macOS keeps beside a file (AppleDouble)"
    case .mangled(let damage): damage.cause
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
    case .serverMessage: "the download failed, and saved why; fetch the file from its real address"
    case .gitLFSPointer: "fetch the file itself with `git lfs pull`"
    case .appleDouble: "give the file whose name lacks the '._' in front"
    case .packed(let packing): "unpack it first: \(packing.command)"
    case .mangled(let damage): damage.remedy
    case .zip: "unpack it first, or give it a command that reads .keras files"
    case .classicNetCDF: "make an HDF5 file of it: nccopy -k nc4 IN OUT"
    case .hdf5: "give it as the model itself; only .weights files are read with a cfg of darknet"
    case .darknetConfig: "give the weights first, and the cfg with --cfg"
    case .json, .keyValueText, .text: "give the .weights file; this one only describes something"
    case .picture, .pickle, .binary: "give the .weights file"
    }
  }

  /// Whether it is something that came in place of a file, or a file packed or changed: its remedy is the
  /// same wherever it stands.
  public var isNoModelAtAll: Bool {
    switch self {
    case .empty, .html, .serverMessage, .gitLFSPointer, .appleDouble, .packed, .mangled: true
    case .zip, .hdf5, .darknetConfig, .json, .keyValueText, .text, .classicNetCDF, .picture,
      .pickle,
      .binary:
      false
    }
  }

  /// What to do if it stands where a cfg should.
  private var remedyForConfig: String {
    if isNoModelAtAll { return remedy }
    return self == .zip
      ? "unpack it first: unzip FILE" : "give the text file that describes the network"
  }

  /// The same, where it can't be a `.weights` file: all but binary data. An empty file is told apart
  /// by its size.
  public var foreignToWeights: FileContent? {
    self == .binary || self == .empty ? nil : self
  }

  /// The error about a file with this content where a cfg should be; `nil` where its reader has more to
  /// say.
  public func refusalAsConfig(_ file: InputFile) -> ModelFileError? {
    switch self {
    case .darknetConfig, .keyValueText, .text, .empty, .binary: nil
    default:
      refusal(
        file, "is no darknet cfg", expected: "text that begins with [net]", remedy: remedyForConfig)
    }
  }

  /// The error about a file with this content where something else should be.
  public func refusal(
    _ file: InputFile, _ problem: String, expected: String, remedy: String? = nil
  ) -> ModelFileError {
    if case .mangled(let damage) = self { return damage.error(file: file.path, expected: expected) }
    return ModelFileError(
      .damaged, file: file.path, problem, expected: expected,
      found: "\(name), \(file.size.counted("byte"))", remedy: remedy ?? self.remedy)
  }
}
