import FileSupport

/// The command that gives a `.weights` file the header that it lacks.
struct HeaderRemedy {
  private let file: InputFile
  private let network: Network

  init(file: InputFile, network: Network) {
    self.file = file
    self.network = network
  }

  /// How many bytes stand before the first number, if it is not what a header of darknet's has and the file fits
  /// the network so.
  ///
  /// Numbers lost or added at the end change the size alike. More bytes than a header has are one with others before
  /// it only if it stands there.
  var lengthThatFits: Int? {
    let payload = UInt64(network.weightCount) * 4
    guard file.size >= payload, file.size - payload <= UInt64(HeaderLength.maximum) else {
      return nil
    }
    let length = Int(file.size - payload)
    guard !WeightsHeader.lengths.contains(length) else { return nil }
    guard let bytes = try? file.prefix(max(20, length)) else { return nil }
    if length < 16 { return length % 4 == 0 && !isCut(bytes, to: length) ? length : nil }
    return HeaderMending.endsWithHeader(
      Array(bytes.prefix(length)), dialect: network.dialect) ? length : nil
  }

  /// Whether the header is there, so that what the file lacks it lacks at its end. With twelve bytes it may be the
  /// version alone: a count of images behind it is tiny as a float, and its upper half is 0.
  private func isCut(_ bytes: [UInt8], to length: Int) -> Bool {
    guard HeaderMending.beginsWithVersion(bytes, dialect: network.dialect) else { return false }
    guard length == 12 else { return true }
    return bytes[12..<16].contains { $0 != 0 } && bytes[15] < 0x1E
      && bytes[16..<20].allSatisfy { $0 == 0 }
  }

  /// The command line, as a shell takes it.
  func command(_ length: Int) -> String {
    // Else it would be taken for an option.
    let path = file.path.hasPrefix("-") ? "./\(file.path)" : file.path
    let stem = path.hasSuffix(".weights") ? String(path.dropLast(8)) : path
    var words = [
      "nnfmt", "convert", path, "\(stem)-mended.weights", "--cfg", network.config.path,
      "--read-header", length == 0 ? "none" : "\(length)",
    ]
    if network.dialect != .standard { words += ["--dialect", network.dialect.rawValue] }
    return words.map(\.shellQuoted).joined(separator: " ").escapedForTerminal
  }
}

extension String {
  /// As one word of a shell's command line.
  fileprivate var shellQuoted: String {
    let isPlain =
      !isEmpty
      && utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-_./+:,@%=".utf8.contains(byte)
        }
      }
    return isPlain ? self : "'\(replacing("'", with: "'\\''"))'"
  }
}
