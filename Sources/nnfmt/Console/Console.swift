import FileSupport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Standard output and standard error. Nothing else in nnfmt prints.
enum Console {
  /// Results.
  static let output = Stream(descriptor: 1)
  /// Progress, warnings and errors.
  static let messages = Stream(descriptor: 2)

  /// One of the two.
  struct Stream: Equatable, Sendable {
    let descriptor: Int32

    /// Whether a person looks at it.
    var isTerminal: Bool { isatty(descriptor) != 0 }

    /// Whether colours are wanted: as `--color` says, else on a terminal, and without `NO_COLOR`
    /// (https://no-color.org).
    var isColoured: Bool {
      switch Display.current.colour {
      case .always: true
      case .never: false
      case .auto: isTerminal && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
      }
    }

    /// Columns of the terminal, `nil` where there is none. Of one that does not know its own size the
    /// environment's `COLUMNS` tells it.
    var width: Int? {
      guard isTerminal else { return nil }
      var size = winsize()
      if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
        return Int(size.ws_col)
      }
      return getenv("COLUMNS").flatMap { Int(String(cString: $0)) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether progress is to be shown here.
    var showsProgress: Bool { isTerminal && Display.current.showsProgress }

    /// Writes all of the bytes. A pipe that the reader has closed ends the process quietly; anything
    /// else that fails, a full disk behind `>` for one, ends it with exit code 74.
    func write(_ bytes: [UInt8]) {
      var done = 0
      while done < bytes.count {
        let count = bytes.withUnsafeBytes { buffer in
          Self.systemWrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done)
        }
        if count >= 0 {
          done += count
        } else if errno != EINTR {
          // Who closed the pipe has what it asked for.
          let isClosed = errno == EPIPE
          if isClosed { TemporaryFiles.keepOutputs() }
          Console.exit(isClosed ? .done : .inputOutput)
        }
      }
    }

    /// Writes a line.
    func line(_ text: String) { lines([text]) }

    /// Writes lines, all at once. With `--quiet` nothing is said on standard output.
    func lines(_ texts: [String]) {
      guard self != Console.output || !Display.current.isQuiet else { return }
      var bytes: [UInt8] = []
      for text in texts {
        bytes += text.utf8
        bytes.append(UInt8(ascii: "\n"))
      }
      write(bytes)
    }

    #if canImport(Darwin)
      private static let systemWrite = Darwin.write
    #elseif canImport(Musl)
      private static let systemWrite = Musl.write
    #else
      private static let systemWrite = Glibc.write
    #endif
  }

  /// Keeps files from being opened under the numbers of standard streams that the caller has closed
  /// (`>&-`): messages would be written into them. Writing to such a stream fails, as it should.
  static func holdDescriptors() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is the one that is missing.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Prints one JSON document.
  static func document(_ value: JSONValue) {
    output.write(JSONWriter(style: .pretty).bytes(of: value) + [UInt8(ascii: "\n")])
  }

  /// Prints an error.
  static func error(_ error: ModelFileError) {
    messages.line(Style(messages).error("error:") + " \(error)")
  }

  /// Prints ArgumentParser's words on a wrong command line in the manner of the other errors.
  ///
  /// - Parameters:
  ///   - text: the words, what is wrong in the first line.
  ///   - remedy: what to do.
  static func usage(_ text: String, remedy: String?) {
    let label = "Error: "
    let rest = text.hasPrefix(label) ? String(text.dropFirst(label.count)) : text
    var lines = rest.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if let remedy { lines.insert("  remedy: \(remedy)", at: 1) }
    messages.lines([Style(messages).error("error:") + " " + lines[0]] + lines.dropFirst())
  }

  /// Prints warnings.
  static func warnings(_ warnings: [ModelWarning]) {
    let label = Style(messages).warning("warning:")
    for warning in warnings { messages.line("\(label) \(warning)") }
  }

  /// Ends the process. Unfinished outputs are removed.
  ///
  /// Exit handlers are passed over: libhdf5's would try once more to close a file that a full disk has
  /// left half written, and crash on it. Nothing is lost, since the console keeps nothing back.
  static func exit(_ status: ExitStatus) -> Never {
    TemporaryFiles.removeAllAndExit(status.rawValue)
  }
}

/// How texts look on a stream: emphasis where it shows colours, and how much room a line has.
struct Style {
  private let isColoured: Bool
  /// Columns of the terminal, `nil` where lines may have any length.
  let width: Int?

  init(_ stream: Console.Stream) { self.init(isColoured: stream.isColoured, width: stream.width) }

  init(isColoured: Bool, width: Int?) {
    self.isColoured = isColoured
    self.width = width
  }

  func heading(_ text: String) -> String { sequence("1", text) }
  func faint(_ text: String) -> String { sequence("2", text) }
  func error(_ text: String) -> String { sequence("1;31", text) }
  func warning(_ text: String) -> String { sequence("1;33", text) }
  func good(_ text: String) -> String { sequence("32", text) }

  private func sequence(_ code: String, _ text: String) -> String {
    isColoured ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}
