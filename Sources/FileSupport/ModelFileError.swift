/// The one error of nnfmt: what is wrong with which file, where in it, and what to do about it.
///
/// Every library target throws this type, so that a caller handles one kind of value whatever the
/// format. `kind` says which exit code the command ends with; the rest is for the person who reads it.
public struct ModelFileError: Error, Sendable, Equatable {
  /// What kind of trouble it is. The command line maps each kind to one exit code.
  public enum Kind: String, Sendable, CaseIterable {
    /// The file is damaged, hostile, or does not fit its description.
    case damaged
    /// There is no such input, or it can't be read.
    case unreadable
    /// Understood, but not supported.
    case unsupported
    /// The request makes no sense: options that exclude each other, an unknown format name.
    case usage
    /// The output can't be created: it exists, or permission is missing.
    case cannotCreate
    /// Input or output failed part way.
    case inputOutput
    /// A fault of nnfmt's own.
    case internalFault
  }

  /// Where in a file something was found.
  public enum Place: Sendable, Equatable {
    /// A line of a text file, counted from 1.
    case line(Int)
    /// A byte offset from the start of the file.
    case byte(UInt64)
    /// A layer of the network: its index, counted from 0, and its type.
    case layer(index: Int, type: String)
    /// A named option or configuration key.
    case option(String)
    /// A named array of a layer.
    case array(String)
    /// A path inside an HDF5 file or an archive.
    case path(String)
  }

  /// What kind of trouble it is.
  public var kind: Kind
  /// The file that the error is about, if it is about one.
  public var file: String?
  /// Where in the file, from the coarse to the fine.
  public var places: [Place]
  /// What is wrong, as a phrase without a full stop.
  public var problem: String
  /// What was expected there.
  public var expected: String?
  /// What was found instead.
  public var found: String?
  /// What the user can do.
  public var remedy: String?
  /// What a lower layer said (an `errno`, libhdf5's error stack).
  public var cause: String?

  /// Makes an error; everything but the kind and the problem is optional.
  public init(
    _ kind: Kind, file: String? = nil, at places: [Place] = [], _ problem: String,
    expected: String? = nil, found: String? = nil, cause: String? = nil, remedy: String? = nil
  ) {
    self.kind = kind
    self.file = file
    self.places = places
    self.problem = problem
    self.expected = expected
    self.found = found
    self.remedy = remedy
    self.cause = cause
  }

  /// The same error with the file filled in, where the thrower did not know it.
  public func inFile(_ path: String) -> ModelFileError {
    var copy = self
    copy.file = copy.file ?? path
    return copy
  }

  /// The same error with coarser places put in front of those that it has.
  public func at(_ outer: Place...) -> ModelFileError { at(outer) }

  /// The same error with coarser places put in front of those that it has.
  public func at(_ outer: [Place]) -> ModelFileError {
    var copy = self
    copy.places = outer + copy.places
    return copy
  }
}

extension ModelFileError.Place: CustomStringConvertible {
  /// As it stands in an error message.
  public var description: String {
    switch self {
    case .line(let number): "line \(number)"
    case .byte(let offset): "byte \(offset)"
    case .layer(let index, let type): "layer \(index) [\(type)]"
    case .option(let name): "option '\(name.escapedForTerminal)'"
    case .array(let name): "array '\(name.escapedForTerminal)'"
    case .path(let path): path.escapedForTerminal
    }
  }
}

extension ModelFileError: CustomStringConvertible {
  /// `FILE: PLACE, PLACE: PROBLEM`, then a line each for expected, found, cause and remedy.
  public var description: String {
    var heading: [String] = []
    if let file { heading.append(file.isEmpty ? "''" : file.escapedForTerminal) }
    if !places.isEmpty { heading.append(places.map(\.description).joined(separator: ", ")) }
    heading.append(problem)
    var lines = [heading.joined(separator: ": ")]
    for (label, text) in [
      ("expected", expected), ("found", found), ("cause", cause), ("remedy", remedy),
    ] {
      if let text { lines.append("  \(label): \(text)") }
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// The text with control characters written as `\u{…}`, so that a name found in a hostile file can
  /// neither move the cursor nor forge a line of output.
  public var escapedForTerminal: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var result = ""
    for scalar in unicodeScalars {
      if scalar.isControl {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension BinaryInteger {
  /// The number with its noun, as a message has it: `1 byte`, `2 bytes`.
  public func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension Unicode.Scalar {
  /// C0 and C1 control characters, and the marks that reorder text.
  fileprivate var isControl: Bool {
    switch value {
    case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
    default: false
    }
  }
}
